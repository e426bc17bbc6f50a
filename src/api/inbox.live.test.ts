import { sql } from "kysely"
import { afterAll, beforeAll, expect, test } from "vitest"
import { type ApiTest, apiTest, ipynb, type Someone } from "#api/testing.ts"
import { systemTimers } from "#run/adapters/system.ts"
import { startAsking } from "#template/index.ts"
import { eventually } from "#work/testing.ts"

let api: ApiTest
let admin: Someone
let owner: Someone
let commenter: Someone
let viewer: Someone
let stranger: Someone
let notebook: string

beforeAll(async () => {
  api = await apiTest()
  admin = await api.someone("Ada", "administrator")
  owner = await api.someone("Olga", "editor")
  commenter = await api.someone("Carl", "commenter")
  viewer = await api.someone("Vera", "viewer")
  stranger = await api.someone("Sam")
  const put = await api.ask("POST", "/api/v1/notebooks?space=team&path=a/Plan.ipynb", { as: owner, bytes: ipynb("print(1)", "print(2)") })
  notebook = put.json.notebook.id
})
afterAll(() => api.close())

const inboxOf = async (who: Someone, query = "") => (await api.ask("GET", `/api/v1/inbox${query}`, { as: who })).json.items
const unreadOf = async (who: Someone) => (await api.ask("GET", "/api/v1/inbox/count", { as: who })).json.unread

function say(who: Someone, json: object) {
  return api.ask("POST", `/api/v1/notebooks/${notebook}/comments`, { as: who, json })
}

test("a thread on a cell: who is mentioned or spoke before is told once a thread, who may not read it is not told", async () => {
  const first = await say(commenter, { text: "Why *two*?", cell: "c1", mentions: [viewer.actor.id, stranger.actor.id] })
  expect([first.status, first.json.cell, first.json.thread]).toEqual([201, "c1", first.json.id])
  const answer = await say(owner, { text: "Because.", thread: first.json.id })
  expect([answer.status, answer.json.thread, answer.json.cell]).toEqual([201, first.json.id, "c1"])

  expect((await inboxOf(viewer)).map((one: { kind: string }) => one.kind)).toEqual(["mention"])
  expect((await inboxOf(owner)).map((one: { kind: string; by: { name: string } }) => [one.kind, one.by.name])).toEqual([["reply", "Carl"]])
  const [told] = await inboxOf(commenter)
  expect([told.kind, told.comment.text, told.comment.cell, told.notebook.title, told.by.name]).toEqual(["reply", "Because.", "c1", "Plan", "Olga"])
  expect(await inboxOf(stranger)).toEqual([])

  expect(await unreadOf(commenter)).toBe(1)
  expect((await api.ask("POST", "/api/v1/inbox/read", { as: commenter, json: { ids: [told.id] } })).json.read).toBe(1)
  expect(await unreadOf(commenter)).toBe(0)
  // What is said next comes back to the top as the same notice, unread.
  await say(owner, { text: "Because of the quarter.", thread: first.json.id })
  const again = await inboxOf(commenter, "?unread=true")
  expect([again.length, again[0].id, again[0].comment.text]).toEqual([1, told.id, "Because of the quarter."])

  const listed = await api.ask("GET", `/api/v1/notebooks/${notebook}/comments`, { as: viewer })
  expect(listed.json.items.map((one: { text: string; author: { name: string } }) => [one.author.name, one.text])).toEqual([
    ["Carl", "Why *two*?"],
    ["Olga", "Because."],
    ["Olga", "Because of the quarter."],
  ])
})

test("what was said is changed by who said it, settled by who may comment, and taken back with its place kept", async () => {
  const { json: root } = await say(commenter, { text: "Typo here" })
  const { json: answer } = await say(owner, { text: "Thanks", thread: root.id })
  const patch = (who: Someone, id: string, json: object) => api.ask("PATCH", `/api/v1/comments/${id}`, { as: who, json })

  expect((await patch(owner, root.id, { text: "mine now" })).status).toBe(403)
  expect((await patch(commenter, root.id, { text: "Typo there" })).json).toMatchObject({ text: "Typo there", editedAt: expect.any(String) })
  expect((await patch(viewer, root.id, { isResolved: true })).status).toBe(403)
  expect((await patch(stranger, root.id, { isResolved: true })).status).toBe(404)
  expect((await patch(owner, answer.id, { isResolved: true })).status).toBe(403)
  expect((await patch(owner, root.id, { isResolved: true })).json.resolvedBy.name).toBe("Olga")
  const open = await api.ask("GET", `/api/v1/notebooks/${notebook}/comments?resolved=false`, { as: viewer })
  expect(open.json.items.some((one: { thread: string }) => one.thread === root.id)).toBe(false)

  expect((await api.ask("DELETE", `/api/v1/comments/${root.id}`, { as: viewer })).status).toBe(403)
  expect((await api.ask("DELETE", `/api/v1/comments/${root.id}`, { as: commenter })).status).toBe(204)
  const all = await api.ask("GET", `/api/v1/notebooks/${notebook}/comments?resolved=true`, { as: viewer })
  expect(all.json.items.map((one: { text: string; deletedAt: string | null }) => [one.text, one.deletedAt === null])).toEqual([
    ["", false],
    ["Thanks", true],
  ])
  expect((await patch(commenter, root.id, { text: "again" })).status).toBe(404)
})

test("what is not a comment is refused by name, and who may not comment learns no more than they may", async () => {
  expect((await say(commenter, { text: "   " })).status).toBe(400)
  expect((await say(commenter, { text: "x", thread: "01ARZ3NDEKTSV4RRFFQ69G5FAV" })).json.code).toBe("no_such_comment")
  expect((await say(viewer, { text: "x" })).status).toBe(403)
  expect((await say(stranger, { text: "x" })).status).toBe(404)
  expect((await api.ask("GET", `/api/v1/notebooks/${notebook}/comments`, { as: stranger })).status).toBe(404)
  expect((await api.ask("GET", "/api/v1/inbox?cursor=nonsense", { as: viewer })).status).toBe(400)
})

test("a run that fails waits for whoever ordered it; what they may not read any more is told no more", async () => {
  const launched = await api.ask("POST", "/api/v1/runs", { as: owner, json: { notebook } })
  expect(launched.status).toBe(201)
  const run = launched.json.id
  const error = { ename: "ZeroDivisionError", evalue: "division by zero\nsecond line", traceback: [] }
  await sql`UPDATE run SET state = 'failed', error = ${JSON.stringify(error)}::json, ended_at = now() WHERE id = ${run}`.execute(api.world.people.db)
  const [told] = await inboxOf(owner)
  expect([told.kind, told.run, told.by, told.said]).toEqual(["run_failed", run, null, "ZeroDivisionError: division by zero"])
  // Without an error, what became of it.
  await sql`UPDATE run SET error = NULL, explanation = 'Its worker died.' WHERE id = ${run}`.execute(api.world.people.db)
  expect((await inboxOf(owner))[0].said).toBe("Its worker died.")
  await sql`UPDATE run SET error = ${JSON.stringify(error)}::json WHERE id = ${run}`.execute(api.world.people.db)
  // Where code is hidden, only who writes it learns why.
  const setRole = (role: string) => sql`UPDATE role_grant SET role = ${role} WHERE person_id = ${owner.actor.id}`.execute(api.world.people.db)
  await sql`UPDATE notebook SET code_hidden = true WHERE id = ${notebook}`.execute(api.world.people.db)
  expect((await inboxOf(owner))[0].said).toBe("ZeroDivisionError: division by zero")
  await setRole("runner")
  expect((await inboxOf(owner))[0]).toMatchObject({ kind: "run_failed", run, said: "" })
  await sql`UPDATE notebook SET code_hidden = false WHERE id = ${notebook}`.execute(api.world.people.db)
  await setRole("editor")
  await sql`DELETE FROM role_grant WHERE person_id = ${owner.actor.id}`.execute(api.world.people.db)
  expect(await inboxOf(owner)).toEqual([])
  expect(await unreadOf(owner)).toBe(0)
})

test("checks of a proposal that fail are one thing to look at, however many they are", async () => {
  const proposal = "01ARZ3NDEKTSV4RRFFQ69G5FAV"
  const other = "01ARZ3NDEKTSV4RRFFQ69G5FAW"
  const failed = async (of: string) => {
    const run = (await api.ask("POST", "/api/v1/runs", { as: admin, json: { notebook } })).json.id
    const labels = JSON.stringify({ "stet/proposal": of })
    await sql`UPDATE run SET trigger = 'test', labels = ${labels}::jsonb WHERE id = ${run}`.execute(api.world.people.db)
    await sql`UPDATE run SET state = 'failed', explanation = 'It failed.', ended_at = now() WHERE id = ${run}`.execute(api.world.people.db)
    return run
  }
  await failed(proposal)
  await failed(other)
  const last = await failed(proposal)
  const told = (await inboxOf(admin, "?unread=true")).filter((one: { kind: string }) => one.kind === "tests_failed")
  expect(told).toHaveLength(2)
  expect(told[0]).toMatchObject({ proposal, run: last, said: "It failed." })
  expect(told[1]).toMatchObject({ proposal: other })
})

test("asking for access says the same of what is there and what is not, and asks only once", async () => {
  const ask = (json: object) => api.ask("POST", "/api/v1/access-requests", { as: stranger, json })
  const there = await ask({ notebook, text: "I do the quarter's numbers." })
  const gone = await ask({ notebook: "01ARZ3NDEKTSV4RRFFQ69G5FAV" })
  expect([there.status, there.text, gone.status, gone.text]).toEqual([204, "", 204, ""])
  await ask({ notebook, text: "Please." })
  await ask({ space: "team" })
  const asked = (await inboxOf(admin)).filter((one: { kind: string }) => one.kind === "access_asked")
  expect(asked.map((one: { said: string; by: { name: string } }) => [one.by.name, one.said])).toEqual([
    ["Sam", ""],
    ["Sam", "Please."],
  ])
  expect((await ask({})).status).toBe(400)
  expect((await ask({ notebook, space: "team" })).status).toBe(400)
})

test("who is given a role finds it in their inbox, once; nobody else has to answer what they had asked", async () => {
  const [gus, other] = [await api.someone("Gus"), await api.someone("Otto", "administrator")]
  await api.ask("POST", "/api/v1/access-requests", { as: gus, json: { notebook, text: "For the audit." } })
  const waits = async (who: Someone) =>
    (await inboxOf(who, "?unread=true")).some((one: { kind: string; by: { name: string } }) => one.kind === "access_asked" && one.by.name === "Gus")
  expect([await waits(admin), await waits(other)]).toEqual([true, true])
  const give = (role: string) => api.ask("POST", `/api/v1/notebooks/${notebook}/grants`, { as: admin, json: { person: gus.actor.id, role } })
  expect((await give("viewer")).status).toBe(201)
  expect([await waits(admin), await waits(other)]).toEqual([false, false])
  const [given] = await inboxOf(gus, "?unread=true")
  expect([given.kind, given.by.name, given.notebook.id]).toEqual(["access_given", "Admin", notebook])
  await api.ask("POST", "/api/v1/inbox/read", { as: gus, json: {} })
  // Another role than before is no news that anybody waits for.
  await give("editor")
  expect(await unreadOf(gus)).toBe(0)
})

test("a proposal waits in the inbox of those who may approve it, one row a round, until it does not wait for them; its author hears what was said", async () => {
  const [rita, ben, eda, lea] = await Promise.all([
    api.someone("Rita", "editor"),
    api.someone("Ben", "editor"),
    api.someone("Eda", "editor"),
    api.someone("Lea", "editor"),
  ])
  const put = await api.ask("POST", "/api/v1/notebooks?space=team&path=Reviewed.ipynb", { as: rita, bytes: ipynb("1") })
  const { id } = put.json.notebook
  const propose = async (as: Someone, message = "") =>
    (await api.ask("POST", `/api/v1/notebooks/${id}/proposals`, { as, json: { template: "team/reviewed", message } })).json
  const kinds = async (who: Someone, query = "?unread=true") =>
    (await inboxOf(who, query)).flatMap((one: { kind: string; notebook: { id: string } }) => (one.notebook?.id === id ? [one.kind] : []))
  const say = (as: Someone, { id: proposal, binding }: { id: string; binding: string }, verdict: string, text = "") =>
    api.ask("POST", `/api/v1/proposals/${proposal}/reviews`, { as, json: { verdict, binding, text } })

  const before = await unreadOf(ben)
  const first = await propose(rita, "Please look")
  const [asked] = await inboxOf(ben, "?unread=true")
  expect([asked.kind, asked.proposal, asked.said, asked.by.name]).toEqual(["review_asked", first.id, "Please look", "Rita"])
  expect(await unreadOf(ben)).toBe(before + 1)
  expect(await Promise.all([rita, ben, eda, lea, viewer, stranger, admin].map((who) => kinds(who)))).toEqual([
    [],
    ["review_asked"],
    ["review_asked"],
    ["review_asked"],
    [],
    [],
    [],
  ])
  // Who may not edit it any more is not asked, though they may still read it.
  await api.ask("POST", "/api/v1/spaces/team/grants", { as: admin, json: { person: eda.actor.id, role: "viewer" } })
  expect([(await api.ask("GET", `/api/v1/notebooks/${id}`, { as: eda })).status, await kinds(eda, "")]).toEqual([200, []])

  expect((await say(ben, first, "request_changes", "Name the cell.")).status).toBe(200)
  expect([await kinds(ben), await kinds(lea)]).toEqual([[], ["review_asked"]])
  const [changes] = await inboxOf(rita, "?unread=true")
  expect([changes.kind, changes.proposal, changes.said, changes.by.name]).toEqual(["changes_asked", first.id, "Name the cell.", "Ben"])

  // A new round takes the place of the one before, for all of them.
  await api.ask("PUT", `/api/v1/notebooks/${id}/content`, { as: rita, bytes: ipynb("2") })
  const second = await propose(rita)
  expect([await kinds(rita), await kinds(ben), await kinds(lea)]).toEqual([[], ["review_asked"], ["review_asked"]])
  expect((await inboxOf(ben, "?unread=true"))[0].proposal).toBe(second.id)
  // One approval is what it takes.
  expect((await say(ben, second, "approve")).status).toBe(200)
  expect([await kinds(rita), await kinds(ben), await kinds(lea)]).toEqual([["approved"], [], []])
  await sql`UPDATE proposal_check SET verdict = 'passed', environment = ${"e".repeat(64)} WHERE proposal_id = ${second.id}`.execute(
    api.platform.world.db,
  )
  expect((await api.ask("POST", `/api/v1/proposals/${second.id}/promote`, { as: ben })).json).toEqual({ number: 1 })
  expect(await kinds(rita)).toEqual(["promoted"])

  // Of a template with a code owner they are asked, and nobody beside them; taken back, it waits for nobody.
  const owners = { codeOwners: [{ person: lea.actor.id }] }
  const said = await api.ask("PATCH", `/api/v1/templates/${encodeURIComponent("team/reviewed")}`, { as: admin, json: owners })
  expect(said.status).toBe(200)
  await api.ask("PUT", `/api/v1/notebooks/${id}/content`, { as: rita, bytes: ipynb("3") })
  const third = await propose(rita)
  expect([await kinds(ben), await kinds(lea)]).toEqual([[], ["review_asked"]])
  expect((await api.ask("POST", `/api/v1/proposals/${third.id}/withdraw`, { as: rita })).status).toBe(200)
  expect([await kinds(lea), await unreadOf(ben)]).toEqual([[], before])
})

test("who comes to be one that an open proposal waits for finds it in the inbox, and not any more when they are none", async () => {
  const { world } = api.platform
  const stop = startAsking(world, { timers: systemTimers, settleMs: 0, tell: (line) => expect(line).toBe("") })
  try {
    const [oda, ned, una, tom] = await Promise.all([
      api.someone("Oda", "editor"),
      api.someone("Ned", "viewer"),
      api.someone("Una", "editor"),
      api.someone("Tom", "viewer"),
    ])
    const { id } = (await api.ask("POST", "/api/v1/notebooks?space=team&path=Asked%20anew.ipynb", { as: oda, bytes: ipynb("1") })).json.notebook
    const opened = (await api.ask("POST", `/api/v1/notebooks/${id}/proposals`, { as: oda, json: { template: "team/anew", message: "Please look" } }))
      .json
    const rows = async (who: Someone, query = "?unread=true") =>
      (await inboxOf(who, query)).filter((one: { kind: string; notebook: { id: string } }) => one.notebook?.id === id && one.kind === "review_asked")
    const have = (expected: readonly number[]) =>
      eventually(`the inboxes of Ned, Una and Tom hold ${expected.join(", ")}`, async () => {
        const found = await Promise.all([ned, una, tom].map(async (who) => (await rows(who)).length))
        return found.join(",") === expected.join(",")
      })
    const role = (who: Someone, name: string) =>
      api.ask("POST", "/api/v1/spaces/team/grants", { as: admin, json: { person: who.actor.id, role: name } })
    const owners = (...list: readonly object[]) =>
      api.ask("PATCH", `/api/v1/templates/${encodeURIComponent("team/anew")}`, { as: admin, json: { codeOwners: list } })

    await have([0, 1, 0])
    expect((await role(ned, "editor")).status).toBeLessThan(300)
    await have([1, 1, 0])
    const [told] = await rows(ned)
    expect([told.proposal, told.said, told.by.name]).toEqual([opened.id, "Please look", "Oda"])

    // A code owner who may edit it is asked, and nobody beside them any more.
    expect((await owners({ person: una.actor.id })).status).toBe(200)
    await have([0, 1, 0])
    // Of a group, as soon as they may edit it and are in it.
    const group = (await api.ask("POST", "/api/v1/groups", { as: admin, json: { name: "Lookers" } })).json.id
    expect((await owners({ group })).status).toBe(200)
    await have([1, 1, 0])
    expect((await api.ask("PUT", `/api/v1/groups/${group}/members/${tom.actor.id}`, { as: admin })).status).toBeLessThan(300)
    expect((await role(tom, "editor")).status).toBeLessThan(300)
    await have([0, 0, 1])
    // What one has read is not told again, whatever changes beside it.
    const [read] = await rows(tom)
    await api.ask("POST", "/api/v1/inbox/read", { as: tom, json: { ids: [read.id] } })
    await have([0, 0, 0])
    await role(una, "viewer")
    await role(una, "editor")
    await role(ned, "viewer")
    expect((await api.ask("DELETE", `/api/v1/groups/${group}/members/${tom.actor.id}`, { as: admin })).status).toBeLessThan(300)
    await have([0, 1, 0])
    expect((await rows(tom, "")).length).toBe(1)
    // Nobody who becomes one after it is approved.
    const { binding } = opened
    expect(
      (await api.ask("POST", `/api/v1/proposals/${opened.id}/reviews`, { as: una, json: { verdict: "approve", binding, text: "" } })).status,
    ).toBe(200)
    await role(ned, "editor")
    await have([0, 0, 0])
  } finally {
    stop()
  }
}, 60_000)

test("a look at who is asked that fails is told, and taken again", async () => {
  const { world } = api.platform
  const [pia, quin] = await Promise.all([api.someone("Pia", "editor"), api.someone("Quin", "viewer")])
  const { id } = (await api.ask("POST", "/api/v1/notebooks?space=team&path=Asked%20again.ipynb", { as: pia, bytes: ipynb("1") })).json.notebook
  await api.ask("POST", `/api/v1/notebooks/${id}/proposals`, { as: pia, json: { template: "team/again", message: "" } })
  await api.ask("POST", "/api/v1/spaces/team/grants", { as: admin, json: { person: quin.actor.id, role: "editor" } })
  const told: string[] = []
  let isBroken = true
  const now = () => {
    if (isBroken) throw new Error("the clock stands still")
    return world.clock.now()
  }
  const timers = { ...systemTimers, after: (ms: number, act: () => void) => systemTimers.after(Math.min(ms, 20), act) }
  const stop = startAsking({ ...world, clock: { ...world.clock, now } }, { timers, settleMs: 0, tell: (line) => told.push(line) })
  try {
    await eventually("it is told", async () => told.length > 0)
    isBroken = false
    await eventually("Quin is asked", async () =>
      (await inboxOf(quin)).some((one: { kind: string; notebook: { id: string } }) => one.kind === "review_asked" && one.notebook.id === id),
    )
    expect(told[0]).toBe("who is asked for approvals could not be looked at: the clock stands still")
  } finally {
    stop()
  }
})
