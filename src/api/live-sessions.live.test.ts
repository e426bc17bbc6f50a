/** Live sessions over the API: what lists show of them, who may end them, and the long strings of what they show. */
import { join } from "node:path"
import { setTimeout as delay } from "node:timers/promises"
import { sql } from "kysely"
import { afterAll, beforeAll, expect, test } from "vitest"
import { type LiveClient, live } from "#api/live/testing.ts"
import { CLOSED, type OutputsSnapshot } from "#api/live.ts"
import { type ApiTest, apiTest, type Someone } from "#api/testing.ts"
import { insertCell, setSource, sourceDigest } from "#draft/index.ts"
import { localKernels } from "#kernel/adapters/local.ts"
import type { Kernels } from "#kernel/index.ts"
import type { NotebookId } from "#people/index.ts"
import { readSessionJournal } from "#run/adapters/journal-file.ts"
import type { Link } from "#work/index.ts"
import { type Hosted, hostSessions, linkOf, Watcher } from "#work/session.testing.ts"
import { eventually } from "#work/testing.ts"

let api: ApiTest
let hosted: Hosted
let link: Link
let kernels: Kernels
let runner: Someone
let viewer: Someone
let stranger: Someone
let notebook: NotebookId
let watcher: Watcher

beforeAll(async () => {
  kernels = localKernels()
  api = await apiTest({ meantMs: 4000 }, (world) => ({
    ...world,
    link: { session: (id) => link.session(id), letGo: (kept) => link.letGo(kept), close: async () => undefined },
  }))
  hosted = await hostSessions(api.platform, { kernels })
  link = await linkOf(api.platform.world)
  ;[runner, viewer, stranger] = await Promise.all([api.someone("Runner", "runner"), api.someone("Viewer", "viewer"), api.someone("Stranger")])
  notebook = await api.platform.notebook("live.ipynb", "python3", "1")
  watcher = new Watcher(link.session(notebook))
})
afterAll(async () => {
  await link.close()
  await hosted.stop()
  await kernels.close()
  await api.close()
})

const PICTURE = `
import base64, os
from IPython.display import display
raw = os.urandom(400_000)
display({"image/png": base64.b64encode(raw).decode(), "text/html": "<p>" + "x" * 400_000}, raw=True)
raw[:8].hex()
`

test("what is too long for the socket is fetched by those who may read, as bytes that no browser acts on", async () => {
  const [shows] = await watcher.run(runner.actor, PICTURE)
  await watcher.until(shows!.id, "succeeded", 60_000)
  const [output, start] = await watcher.outputs(shows!.id)
  const { external } = (output!["metadata"] as { stet: { external: { [type: string]: string } } }).stet
  const picture = await api.ask("GET", external["image/png"]!, { as: viewer })
  expect([picture.status, picture.headers["content-type"], picture.bytes.length]).toEqual([200, "image/png", 400_000])
  expect(JSON.stringify(start)).toContain(Buffer.from(picture.bytes.subarray(0, 8)).toString("hex"))
  const page = await api.ask("GET", external["text/html"]!, { as: viewer })
  expect(page.headers).toMatchObject({
    "content-type": "application/octet-stream",
    "x-content-type-options": "nosniff",
    "content-security-policy": expect.stringContaining("sandbox"),
  })
  expect(page.text).toBe(`<p>${"x".repeat(400_000)}`)
  const unchanged = await api.ask("GET", external["text/html"]!, { as: viewer, headers: { "if-none-match": page.headers["etag"]! } })
  expect(unchanged.status).toBe(304)
  expect((await api.ask("GET", external["text/html"]!, { as: stranger })).json.code).toBe("no_such_notebook")
  expect((await api.ask("GET", external["text/html"]!.replace(/[0-9a-f]{64}$/, "0".repeat(64)), { as: viewer })).json.code).toBe("no_such_execution")
  const other = await api.platform.notebook("other.ipynb", "python3", "1")
  expect((await api.ask("GET", external["text/html"]!.replace(notebook, other), { as: viewer })).status).toBe(404)
})

test("sessions are listed to those who may read, and ended by those who may run", async () => {
  const { session } = await watcher.line.current()
  // What a worker says of its sessions is written down a moment later.
  const listed = await eventually("the session is listed with its kernel", async () => {
    const said = await api.ask("GET", "/api/v1/live-sessions", { as: viewer })
    return said.json.items[0]?.kernelName !== "" && said
  })
  expect(listed.json.items).toMatchObject([
    {
      id: session!.id,
      notebook: { id: notebook, path: "live.ipynb", space: { name: "team" } },
      kernelName: "python3",
      startedBy: { name: "Runner" },
    },
  ])
  expect((await api.ask("GET", "/api/v1/live-sessions", { as: stranger })).json.items).toEqual([])
  expect((await api.ask("DELETE", `/api/v1/live-sessions/${session!.id}`, { as: stranger })).status).toBe(404)
  expect((await api.ask("DELETE", `/api/v1/live-sessions/${session!.id}`, { as: viewer })).status).toBe(403)
  expect((await api.ask("DELETE", `/api/v1/live-sessions/${session!.id}`, { as: runner })).status).toBe(204)
  expect((await watcher.untilSession("ended")).explanation).toBe("Runner ended it.")
  expect((await api.ask("DELETE", `/api/v1/live-sessions/${session!.id}`, { as: runner })).json.code).toBe("no_session")
})

test("what cells write is listed, downloaded for saving only, and put into the space by those who may edit it; code that is hidden hides it too", async () => {
  const editor = await api.someone("Editor", "editor")
  const there = await api.platform.notebook("written/by.ipynb", "python3", "1")
  const cells = new Watcher(link.session(there))
  const [writes] = await cells.run(editor.actor, "open('page.html', 'w').write('<script>alert(1)</script>')")
  await cells.until(writes!.id, "succeeded", 60_000)
  const base = `/api/v1/notebooks/${there}/session-files`
  const listed = await api.ask("GET", base, { as: runner })
  expect([listed.json.isLive, listed.json.files.map(({ path }: { path: string }) => path)]).toEqual([true, ["written/page.html"]])
  const bytes = await api.ask("GET", `${base}/content?path=written/page.html`, { as: runner })
  expect(bytes.headers).toMatchObject({
    "content-type": "application/octet-stream",
    "content-disposition": expect.stringMatching(/^attachment; /),
    "content-security-policy": expect.stringMatching(/^sandbox;/),
  })
  expect(bytes.text).toBe("<script>alert(1)</script>")
  expect((await api.ask("GET", `${base}/content?path=../../etc/passwd`, { as: runner })).status).toBe(400)
  const keep = (as: Someone, more = {}) => api.ask("POST", `${base}/keep`, { as, json: { path: "written/page.html", ...more } })
  expect((await keep(runner)).status).toBe(403)
  expect((await keep(editor)).json.path).toBe("written/page.html")
  expect((await keep(editor, { base: null })).json.code ?? "the same bytes").toBe("the same bytes")
  for (const who of [viewer, stranger]) expect((await api.ask("GET", base, { as: who })).status).toBe(who === viewer ? 403 : 404)
  await api.ask("PUT", `/api/v1/notebooks/${there}/code`, { as: await api.someone("Keeper", "admin"), json: { isHidden: true } })
  const hidden = await api.ask("GET", base, { as: runner })
  expect([hidden.status, (await api.ask("GET", base, { as: editor })).status]).toEqual([403, 200])
})

/** A notebook with one cell and a kernel that has started, and the page of somebody who edits it. */
async function editedLive(path: string, who: Someone) {
  const there = await api.platform.notebook(path, "python3", "1")
  const line = new Watcher(link.session(there))
  const [first] = await line.run(who.actor, "0")
  await line.until(first!.id, "succeeded", 60_000)
  const page = await live(api, who, there)
  await page.synced
  const { id: cell } = page.draft.cells()[0]!
  return { there, line, page, cell, meant: (source: string) => [{ cell, sourceSha256: sourceDigest(source) }] }
}

test("cells run in the order in which they were asked for, though the first waits for its source and the second does not", async () => {
  const editor = await api.someone("Quick", "editor")
  const { line, page, cell, meant } = await editedLive("order.ipynb", editor)
  const other = insertCell(page.doc, { after: cell, type: "code", source: "print('second')" })
  await page.settled()
  const asked = [
    page.ask({ do: "run", cells: meant("print('first')") }),
    page.ask({ do: "run", cells: [{ cell: other, sourceSha256: sourceDigest("print('second')") }] }),
  ]
  // Long enough for the second to be there first, were it let.
  await delay(500)
  setSource(page.doc, cell, "print('first')")
  const ids = (await Promise.all(asked)).map((answer) => answer.ok && (answer.value as readonly { readonly id: string }[])[0]?.id)
  for (const [index, id] of ids.entries()) expect(await line.until(id || "", "succeeded", 60_000)).toMatchObject({ executionCount: index + 2 })
  await page.close()
})

test("a cell runs in the source that is meant: a late edit is waited for, one that does not come is refused, and the journal has what ran", async () => {
  const editor = await api.someone("Meaning", "editor")
  const { line, page, cell, meant } = await editedLive("meant.ipynb", editor)
  // What is asked comes to the server before the edit that it means: both go over one socket.
  const [never, late] = [page.ask({ do: "run", cells: meant("never typed") }), page.ask({ do: "run", cells: meant("print(6 * 7)") })]
  setSource(page.doc, cell, "print(6 * 7)")
  const ran = await late
  if (!ran.ok) throw new Error(ran.message)
  const [execution] = ran.value as readonly { readonly id: string }[]
  await line.until(execution!.id, "succeeded", 60_000)
  expect(await line.text(execution!.id)).toBe("42\n")
  expect(await never).toMatchObject({ ok: false, code: "source_differs" })
  const journal = readSessionJournal(join(api.platform.home, "spool", "sessions", `${line.session!.id}.session`))
  const asked = [...journal.records()].flatMap(({ event }) => (event.type === "asked" ? event.executions : []))
  journal.close()
  expect(asked.map(({ source, sourceSha256 }) => [source, sourceSha256])).toEqual(["0", "print(6 * 7)"].map((text) => [text, sourceDigest(text)]))
  await page.close()
})

/** What a cell shows by what the draft says of it, as soon as it shows anything. */
async function shownText(page: LiveClient, cell: string): Promise<string> {
  const id = await eventually("the draft shows an execution", async () => /^execution:(.+)$/.exec(page.draft.cell(cell)?.shows ?? "")?.[1])
  return eventually("what it printed is there", async () => {
    const answer = await page.ask({ do: "outputs", execution: id })
    if (!answer.ok) return undefined
    const { outputs } = answer.value as OutputsSnapshot
    return outputs.map((output) => String(output["text"])).join("") || undefined
  })
}

test("a cell is run though its page is loaded again before there is an answer, also when its kernel is still to be started", async () => {
  const editor = await api.someone("Hasty", "editor")
  for (const waitMs of [0, 1, 4, 16]) {
    const there = await api.platform.notebook(`hasty-${waitMs}.ipynb`, "python3", "print('old')")
    const page = await live(api, editor, there)
    await page.synced
    const { id: cell } = page.draft.cells()[0]!
    setSource(page.doc, cell, "print('new')")
    page.send(JSON.stringify({ id: 1, do: "run", cells: [{ cell, sourceSha256: sourceDigest("print('new')") }] }))
    await delay(waitMs)
    await page.close()
    const next = await live(api, editor, there)
    await next.synced
    expect(await shownText(next, cell), `closed after ${waitMs} ms`).toBe("new\n")
    await next.close()
  }
})

test("what a cell shows is seen though the draft is lost in the moment in which it is run", async () => {
  const editor = await api.someone("Losing", "editor")
  const { there, page, cell, meant } = await editedLive("losing.ipynb", editor)
  // As when another server has taken it over, which has gone again.
  await sql`UPDATE draft SET holder = NULL, fence = fence + 1 WHERE notebook_id = ${there}`.execute(api.platform.database.db)
  page.send(JSON.stringify({ id: 1, do: "run", cells: meant("1") }))
  expect(await page.closed).toBe(CLOSED.serverEnds)
  const next = await live(api, editor, there)
  await next.synced
  expect(await eventually("the draft shows an execution", async () => next.draft.cell(cell)?.shows.startsWith("execution:"))).toBe(true)
  await next.close()
})

test("whoever opens a notebook misses nothing of what happens in that moment", async () => {
  const editor = await api.someone("Opening", "editor")
  const { there, line } = await editedLive("opening.ipynb", editor)
  const { db } = api.platform.database
  let late: Promise<LiveClient> | undefined
  let ran: string | undefined
  await db.transaction().execute(async (tx) => {
    // What the page is told of first waits for this table, and all else goes on.
    await sql`LOCK TABLE live_origin IN ACCESS EXCLUSIVE MODE`.execute(tx)
    late = live(api, editor, there)
    await eventually("the page waits", async () => {
      const { rows } = await sql`SELECT FROM pg_locks WHERE NOT granted AND relation = 'live_origin'::regclass`.execute(db)
      return rows.length > 0
    })
    const [one] = await line.run(editor.actor, "print('meanwhile')")
    ran = one?.id
    await line.until(ran!, "succeeded")
  })
  const page = await late!
  const welcome = await page.until("welcome")
  const known = welcome.executions.find(({ id }) => id === ran) ?? (await page.until("execution", ({ execution }) => execution.id === ran)).execution
  expect(known.state).toBe("succeeded")
  await page.close()
})

test("running all makes a version of source that has changed, and none of outputs alone; who may not edit makes none", async () => {
  const editor = await api.someone("Running", "editor")
  const { there, line, page, cell, meant } = await editedLive("all.ipynb", editor)
  const versions = async () => {
    // What is saved on request comes after what a run saves, and says whether there was anything left to save.
    expect(await page.ask({ do: "save" })).toMatchObject({ ok: true, value: { created: false } })
    return (await api.ask("GET", `/api/v1/notebooks/${there}/versions`, { as: editor })).json.items.map(({ number }: { number: number }) => number)
  }
  const runAll = async (source: string, isAll = true) => {
    const answer = await page.ask({ do: "run", cells: meant(source), isAll })
    if (!answer.ok) throw new Error(answer.message)
    await line.until((answer.value as readonly { readonly id: string }[])[0]!.id, "succeeded", 60_000)
  }
  setSource(page.doc, cell, "print(1)")
  await runAll("print(1)")
  expect(await versions()).toEqual([2, 1])
  await runAll("print(1)")
  expect(await versions()).toEqual([2, 1])
  setSource(page.doc, cell, "print(2)")
  await runAll("print(2)", false)
  const other = await live(api, runner, there)
  await other.synced
  expect(await other.ask({ do: "run", cells: meant("print(2)"), isAll: true })).toMatchObject({ ok: true })
  expect(await other.ask({ do: "save" })).toMatchObject({ ok: false, code: "not_allowed" })
  expect((await api.ask("GET", `/api/v1/notebooks/${there}/versions`, { as: editor })).json.items).toHaveLength(2)
  await Promise.all([page.close(), other.close()])
})
