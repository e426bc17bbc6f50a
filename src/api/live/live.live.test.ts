import { sql } from "kysely"
import { afterAll, beforeAll, expect, test } from "vitest"
import * as Y from "yjs"
import { updateFrame } from "#api/live/frames.ts"
import { type LiveClient, live } from "#api/live/testing.ts"
import { CLOSED } from "#api/live.ts"
import { type ApiTest, apiTest, ipynb, type Someone } from "#api/testing.ts"
import { DRAFT_RULES, insertCell, setSource, sourceDigest, splitCell } from "#draft/index.ts"
import { read } from "#notebook/index.ts"

let api: ApiTest
let ada: Someone
let bob: Someone
let eve: Someone

beforeAll(async () => {
  api = await apiTest({ drafts: { leaseMs: 4000, beatMs: 150, quietMs: 1500, leftMs: 200, idleMs: 400 } })
  ada = await api.someone("Ada", "editor")
  bob = await api.someone("Bob", "editor")
  eve = await api.someone("Eve", "viewer")
})
afterAll(() => api.close())

let made = 0

async function notebook(...sources: readonly string[]): Promise<string> {
  const said = await api.ask("POST", `/api/v1/notebooks?space=team&path=n${++made}.ipynb`, { as: ada, bytes: ipynb(...sources) })
  if (said.status !== 201) throw new Error(said.text)
  return said.json.notebook.id
}

async function open(who: Someone, id: string): Promise<LiveClient> {
  const client = await live(api, who, id)
  await client.synced
  await client.until("welcome")
  return client
}

const texts = (client: LiveClient) => client.draft.cells().map(({ text }) => text)
const versions = async (id: string) => (await api.ask("GET", `/api/v1/notebooks/${id}/versions`, { as: ada })).json.items

test("two people edit one notebook, and what is kept is there for a third", async () => {
  const id = await notebook("a = 1", "b = 2")
  const [a, b] = [await open(ada, id), await open(bob, id)]
  insertCell(a.doc, { after: "c0", type: "code", source: "between" })
  setSource(b.doc, "c1", "b = 3")
  await Promise.all([a.settled(), b.settled()])
  for (const each of [a, b]) await expect.poll(() => texts(each)).toEqual(["a = 1", "between", "b = 3"])
  await Promise.all([a.close(), b.close()])
  const c = await open(bob, id)
  expect(texts(c)).toEqual(["a = 1", "between", "b = 3"])
  await c.close()
})

test("what is typed where somebody has just cut goes after the text", async () => {
  const id = await notebook("head tail")
  const [a, b] = [await open(ada, id), await open(bob, id)]
  // Neither has heard of the other when both are sent.
  splitCell(a.doc, "c0", [5])
  b.draft.cell("c0")?.source.insert(7, "XX")
  await Promise.all([a.settled(), b.settled()])
  for (const each of [a, b]) await expect.poll(() => texts(each)).toEqual(["head ", "taXXil"])
  await Promise.all([a.close(), b.close()])
})

test("a page from before an update of Stet types on, and what it does to cells by older rules is refused with the reason", async () => {
  const id = await notebook("a = 1", "b = 2")
  const a = await open(ada, id)
  for (const rules of [undefined, DRAFT_RULES - 1, DRAFT_RULES + 1]) {
    const old = await live(api, bob, id, { rules })
    await old.synced
    expect((await old.until("welcome")).isPageOld).toBe(true)
    setSource(old.doc, "c0", `a = ${rules}`)
    await old.settled()
    splitCell(old.doc, "c0", [2])
    const refusal = await old.until("resync")
    expect(refusal.message).toMatch(/Stet has been updated since this page was opened.*Reload it/)
    await expect.poll(() => texts(a)).toEqual([`a = ${rules}`, "b = 2"])
    await old.close()
  }
  expect((await a.until("welcome")).isPageOld).toBeUndefined()
  splitCell(a.doc, "c1", [2])
  await a.settled()
  expect(texts(a)).toHaveLength(3)
  await a.close()
})

test("who may only read sees every edit and makes none", async () => {
  const id = await notebook("a = 1")
  const [a, viewer] = [await open(ada, id), await open(eve, id)]
  expect((await viewer.until("welcome")).you).toMatchObject({ name: "Eve", mayComment: false, mayEdit: false, mayRun: false })
  setSource(viewer.doc, "c0", "stolen")
  expect((await viewer.until("resync")).reason).toBe("not_allowed")
  setSource(a.doc, "c0", "a = 2")
  await a.settled()
  expect(texts(a)).toEqual(["a = 2"])
  expect(await viewer.ask({ do: "save" })).toMatchObject({ ok: false, code: "not_allowed" })
  expect(await viewer.ask({ do: "restore", version: 1 })).toMatchObject({ ok: false, code: "not_allowed" })
  await Promise.all([a.close(), viewer.close()])
})

test("a socket is opened neither by a stranger, nor from another site, nor for what one may not see", async () => {
  const id = await notebook("a")
  const outsider = await api.someone("Olga")
  expect(await (await live(api, undefined, id)).closed).toBe(CLOSED.notSignedIn)
  expect(await (await live(api, outsider, id)).closed).toBe(CLOSED.gone)
  expect(await (await live(api, ada, "01ARZ3NDEKTSV4RRFFQ69G5FAV")).closed).toBe(CLOSED.gone)
  expect(await (await live(api, ada, id, { headers: { origin: "https://evil.example" } })).closed).toBe(403)
  expect(await (await live(api, ada, id, { headers: { host: "evil.example" } })).closed).toBe(421)
  expect(await (await live(api, ada, id, { headers: { origin: "" } })).closed).toBe(403)
  const token = await api.withToken(ada, "read")
  const reader = await open(token, id)
  expect((await reader.until("welcome")).you.mayEdit).toBe(false)
  await reader.close()
})

test("whoever loses the right is out within seconds", async () => {
  const id = await notebook("a")
  const mallory = await api.someone("Mallory", "editor")
  const client = await open(mallory, id)
  const before = performance.now()
  const root = await api.someone("Root", "administrator")
  const said = await api.ask("PATCH", `/api/v1/people/${mallory.actor.id}`, { as: root, json: { isDisabled: true } })
  expect(said.status).toBe(200)
  expect([CLOSED.mayNot, CLOSED.notSignedIn]).toContain(await client.closed)
  expect(performance.now() - before).toBeLessThan(5000)
})

test("forged and broken frames change nothing, and their sender has to ask for the document again", async () => {
  const id = await notebook("a = 1")
  const [a, b] = [await open(ada, id), await open(bob, id)]
  ;(b.doc.getMap("cells").get("c0") as Y.Map<unknown>).set("shows", "execution:01ARZ3NDEKTSV4RRFFQ69G5FAV")
  expect((await b.until("resync")).message).toMatch(/written by the server alone/)
  b.send(Uint8Array.from([0, 2, 200]))
  b.send(Uint8Array.from([9, 9, 9]))
  b.send("no JSON")
  expect(await b.until("answer")).toMatchObject({ ok: false, code: "bad_request" })
  b.send(updateFrame(Y.encodeStateAsUpdate(strangeDocument())))
  setSource(a.doc, "c0", "a = 2")
  await a.settled()
  const fresh = await open(bob, id)
  expect(texts(fresh)).toEqual(["a = 2"])
  expect(fresh.draft.cells()[0]?.shows).toBe("")
  await Promise.all([a.close(), b.close(), fresh.close()])
})

function strangeDocument(): Y.Doc {
  const doc = new Y.Doc()
  doc.getMap("meta").set("base", 99)
  doc.getArray("more").push([1])
  return doc
}

test("too much at once ends the connection", async () => {
  const id = await notebook("a")
  const client = await open(ada, id)
  for (let i = 0; i < 1500; i++) client.send(JSON.stringify({ id: i, do: "variables" }))
  expect(await client.closed).toBe(CLOSED.tooFast)
})

test("everybody is there under their own name, whatever they say, until they leave", async () => {
  const id = await notebook("a")
  const [a, b] = [await open(ada, id), await open(bob, id)]
  b.say([{ client: b.doc.clientID, clock: 1, state: { user: { id: ada.actor.id, name: "Ada", color: "#112233" }, cell: "c0" } }])
  await expect.poll(() => a.presence.get(b.doc.clientID)?.state).toEqual({ user: { id: bob.actor.id, name: "Bob", color: "#112233" }, cell: "c0" })
  // For somebody else's client nobody speaks.
  a.say([{ client: b.doc.clientID, clock: 9, state: null }])
  const late = await open(eve, id)
  await expect.poll(() => late.presence.get(b.doc.clientID)?.state?.["cell"]).toBe("c0")
  await b.close()
  await expect.poll(() => a.presence.get(b.doc.clientID)?.state).toBeNull()
  await Promise.all([a.close(), late.close()])
})

test("a version is saved when somebody asks and something changed, with a name, and not otherwise", async () => {
  const id = await notebook("a = 1")
  const a = await open(ada, id)
  expect(await a.ask({ do: "save" })).toMatchObject({ ok: true, value: { version: 1, created: false } })
  setSource(a.doc, "c0", "a = 2")
  await a.until("saved", ({ saved }) => saved.isChanged)
  expect(await a.ask({ do: "save", message: "two", label: "good" })).toMatchObject({ ok: true, value: { version: 2, created: true } })
  await a.until("saved", ({ saved }) => saved.version === 2 && !saved.isChanged && saved.label === "good")
  expect(await versions(id)).toMatchObject([{ number: 2, source: "editor", message: "two", label: "good" }, { number: 1 }])
  // Ctrl+S without a change, and a name for what is there.
  expect(await a.ask({ do: "save", label: "better" })).toMatchObject({ ok: true, value: { version: 2, created: false } })
  expect((await versions(id))[0]).toMatchObject({ number: 2, label: "better" })
  await a.close()
})

test("what was changed becomes a version when it is quiet, and when the last one leaves", async () => {
  const id = await notebook("a = 1")
  const a = await open(ada, id)
  setSource(a.doc, "c0", "a = 2")
  await expect.poll(async () => (await versions(id)).length, { timeout: 20_000 }).toBe(2)
  setSource(a.doc, "c0", "a = 3")
  await a.settled()
  await a.close()
  await expect.poll(async () => (await versions(id)).length, { timeout: 20_000 }).toBe(3)
  expect((await versions(id))[0].author.name).toBe("Ada")
})

test("what is edited while a version is being saved becomes one of its own", async () => {
  const id = await notebook("a = 1")
  const a = await open(ada, id)
  const { db } = api.platform.database
  const waiting = async () =>
    (await sql`SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`.execute(db)).rows.length
  await db.transaction().execute(async (tx) => {
    await sql`SELECT FROM notebook WHERE id = ${id} FOR UPDATE`.execute(tx)
    setSource(a.doc, "c0", "a = 2")
    await expect.poll(waiting, { timeout: 20_000 }).toBeGreaterThan(0)
    setSource(a.doc, "c0", "a = 3")
    await a.settled()
  })
  await expect.poll(async () => (await versions(id)).length, { timeout: 20_000 }).toBe(3)
  await a.close()
})

test("a version that is put elsewhere is merged into the open draft, and nothing of either is lost", async () => {
  const id = await notebook("one\ntwo\nthree", "stays")
  const a = await open(ada, id)
  setSource(a.doc, "c0", "ONE\ntwo\nthree")
  await a.settled()
  const put = await api.ask("PUT", `/api/v1/notebooks/${id}/content`, { as: bob, bytes: ipynb("one\ntwo\nTHREE", "stays", "new") })
  expect(put.status).toBe(201)
  await expect.poll(() => texts(a), { timeout: 20_000 }).toEqual(["ONE\ntwo\nTHREE", "stays", "new"])
  expect(await a.ask({ do: "save" })).toMatchObject({ ok: true, value: { created: true } })
  await a.close()
})

test("a version is restored as an edit; what was there is a version of its own", async () => {
  const id = await notebook("a = 1")
  const a = await open(ada, id)
  const b = await open(bob, id)
  const isSame = async (version: number, as = bob) => {
    const said = await api.ask("GET", `/api/v1/notebooks/${id}/draft/compared?version=${version}`, { as })
    return said.status === 200 ? said.json.isSame : said.status
  }
  expect([await isSame(1), await isSame(2)]).toEqual([true, 404])
  setSource(a.doc, "c0", "a = 2")
  insertCell(a.doc, { at: 1, type: "markdown", source: "# more" })
  await a.settled()
  expect(await isSame(1)).toBe(false)
  expect(await a.ask({ do: "restore", version: 1 })).toMatchObject({ ok: true, value: { version: 1, before: 2 } })
  await expect.poll(() => texts(a)).toEqual(["a = 1"])
  const said = await api.ask("GET", `/api/v1/notebooks/${id}/versions/2/content`, { as: ada })
  expect(said.text).toContain("# more")
  expect([await isSame(1), await isSame(2)]).toEqual([true, false])
  expect(await b.until("restored")).toMatchObject({ version: 1, before: 2 })
  expect(a.tells.filter(({ tell }) => tell === "restored")).toEqual([])
  await b.close()
  await a.close()
})

test("programs read, save and restore the draft", async () => {
  const id = await notebook("a = 1")
  const a = await open(ada, id)
  setSource(a.doc, "c0", "a = 2")
  await a.settled()
  const got = await api.ask("GET", `/api/v1/notebooks/${id}/draft`, { as: eve })
  const reading = read(got.bytes)
  expect(reading.ok && reading.value.notebook.cells[0]?.source).toBe("a = 2")
  expect((await api.ask("POST", `/api/v1/notebooks/${id}/draft/versions`, { as: eve, json: {} })).status).toBe(403)
  expect(await api.ask("POST", `/api/v1/notebooks/${id}/draft/versions`, { as: bob, json: { label: "x" } })).toMatchObject({ status: 201 })
  expect(await api.ask("POST", `/api/v1/notebooks/${id}/draft/versions`, { as: bob, json: {} })).toMatchObject({ status: 200 })
  expect(await api.ask("POST", `/api/v1/notebooks/${id}/draft/restore`, { as: bob, json: { version: 1 } })).toMatchObject({ status: 200 })
  await expect.poll(() => texts(a)).toEqual(["a = 1"])
  await a.close()
})

test("without a worker nothing runs, and nothing becomes a version of it", async () => {
  const id = await notebook("a = 1")
  const a = await open(ada, id)
  setSource(a.doc, "c0", "a = 2")
  await a.settled()
  const cells = [{ cell: "c0", sourceSha256: sourceDigest("a = 2") }]
  expect(await a.ask({ do: "run", cells, isAll: true })).toMatchObject({ ok: false, code: "not_supported" })
  expect(await versions(id)).toHaveLength(1)
  await a.close()
})

test("what cells show is cleared for everybody, is in no version then, and is taken back where nothing ran since", async () => {
  const said = await api.ask("POST", `/api/v1/notebooks?space=team&path=n${++made}.ipynb`, { as: ada, bytes: shownNotebook("one", "two") })
  const id = said.json.notebook.id
  const [a, e] = [await open(ada, id), await open(eve, id)]
  const shows = (client: LiveClient) => client.draft.cells().map((cell) => cell.shows)
  expect(shows(e)).toEqual(["version:1", "version:1"])
  expect(await e.ask({ do: "clear", cells: ["c0"] })).toMatchObject({ ok: false, code: "not_allowed" })
  const cleared = await a.ask({ do: "clear", cells: ["c0", "c1", "nothing"] })
  if (!cleared.ok) throw new Error(cleared.message)
  await expect.poll(() => shows(e).every((each) => each.startsWith("cleared:"))).toBe(true)
  expect(await a.ask({ do: "clear", cells: ["c0"] })).toMatchObject({ ok: true, value: { cleared: 0 } })
  insertCell(a.doc, { after: "c1", type: "code", source: "more" })
  await a.settled()
  const saved = await a.ask({ do: "save" })
  const number = saved.ok ? (saved.value as { version: number }).version : 0
  const content = await api.ask("GET", `/api/v1/notebooks/${id}/versions/${number}/content`, { as: ada })
  expect(JSON.parse(content.text).cells.map((cell: { outputs: unknown[] }) => cell.outputs.length)).toEqual([0, 0, 0])
  await a.ask({ do: "unclear", cleared: (cleared.value as { cleared: number }).cleared })
  await expect.poll(() => shows(e).slice(0, 2)).toEqual(["version:1", "version:1"])
  await Promise.all([a.close(), e.close()])
})

function shownNotebook(...texts: readonly string[]): Uint8Array {
  const cells = texts.map((text, at) => ({
    id: `c${at}`,
    cell_type: "code",
    metadata: {},
    source: `print('${text}')`,
    outputs: [{ output_type: "stream", name: "stdout", text }],
    execution_count: 1,
  }))
  return new TextEncoder().encode(JSON.stringify({ cells, metadata: {}, nbformat: 4, nbformat_minor: 5 }))
}
