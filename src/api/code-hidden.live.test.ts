import { sql } from "kysely"
import { afterAll, beforeAll, expect, test } from "vitest"
import { bodyFor, queryFor } from "#api/bodies.testing.ts"
import { CONTRACT, type RouteName } from "#api/contract.ts"
import { type ApiTest, addressed, apiTest, COOKIE, type Someone } from "#api/testing.ts"
import { localKernels } from "#kernel/adapters/local.ts"
import { unpacked } from "#library/zip.testing.ts"
import { eventually } from "#work/testing.ts"

// One word in everything that tells of code: source, what is printed, an error and its traceback.
const WORD = "Vq7xSecretMargin"

let api: ApiTest
let admin: Someone
let editor: Someone
let runner: Someone
let viewer: Someone
let notebook: string
let run: string
let proposal: string
let testRun: string
let byName: string
const TEMPLATE = "team/quarter"
const kernels = localKernels()

/** Over a socket, because a stream of events answers no other way. */
async function got(who: Someone, path: string): Promise<{ readonly status: number; readonly text: string }> {
  const { port } = api.server.server.address() as { port: number }
  const said = await fetch(`http://127.0.0.1:${port}${path}`, { headers: { cookie: `${COOKIE}=${who.cookie}` }, signal: AbortSignal.timeout(20_000) })
  const bytes = Buffer.from(await said.arrayBuffer())
  // An archive holds its texts packed.
  return { status: said.status, text: bytes.toString("latin1") + unpacked(bytes) }
}

const source = (text: string, id: string) => ({ id, cell_type: "code", metadata: {}, execution_count: null, source: text, outputs: [] })

function bytesWith(version: number): Uint8Array {
  const stored = { ...source(`${WORD} = ${version}`, "d"), outputs: [{ output_type: "stream", name: "stdout", text: WORD }] }
  const cells = [
    { id: "a", cell_type: "markdown", metadata: {}, source: "# Quarter" },
    { ...source("region = 'EU'", "b"), metadata: { tags: ["parameters"] } },
    source(
      `from IPython.display import display, Markdown\n${WORD} = ${version}\nprint('printed ${WORD}')\ndisplay(Markdown('Revenue is **42**'))`,
      "c",
    ),
    { ...stored, source: `raise ValueError('${WORD}')` },
  ]
  const metadata = { kernelspec: { name: "python3", display_name: "Python 3", language: "python" } }
  return new TextEncoder().encode(JSON.stringify({ cells, metadata, nbformat: 4, nbformat_minor: 5 }))
}

beforeAll(async () => {
  api = await apiTest({ hosts: "any" })
  await api.server.listen({ port: 0, host: "127.0.0.1" })
  ;[admin, editor, runner, viewer] = await Promise.all([
    api.someone("Ada", "administrator"),
    api.someone("Edith", "editor"),
    api.someone("Rune", "runner"),
    api.someone("Vera", "viewer"),
  ])
  const put = await api.ask("POST", "/api/v1/notebooks?space=team&path=Quarter.ipynb", { as: editor, bytes: bytesWith(1) })
  notebook = put.json.notebook.id
  await api.ask("PUT", `/api/v1/notebooks/${notebook}/content?base=1`, { as: editor, bytes: bytesWith(2) })
  expect((await api.ask("PUT", `/api/v1/notebooks/${notebook}/code`, { as: editor, json: { isHidden: true } })).status).toBe(403)
  const hidden = await api.ask("PUT", `/api/v1/notebooks/${notebook}/code`, { as: admin, json: { isHidden: true } })
  expect([hidden.status, hidden.json.codeHidden]).toEqual([200, true])
  await api.platform.worker({ kernels, kernelName: "python3" })
  run = (await api.ask("POST", "/api/v1/runs", { as: runner, json: { notebook, parameters: { region: "US" } } })).json.id
  await api.platform.until(run, "failed", 60_000)
  await promote()
}, 120_000)
afterAll(async () => {
  await api.close()
  await kernels.close()
})

/** A template of it, with all that tells of code: tests with mocks and an error they expect, findings, a review, evidence. Its runs fail, so its gates are opened by hand. */
async function promote(): Promise<void> {
  const at = `/api/v1/notebooks/${notebook}`
  const expects = { outcome: "fails", message: WORD, checks: [{ check: "expression", expression: WORD, equals: 1 }] }
  const mocks = [{ cell: "c", source: `${WORD} = 3` }]
  expect((await api.ask("PUT", `${at}/tests/one`, { as: editor, json: { expects, mocks } })).status).toBe(200)
  testRun = (await api.ask("POST", `${at}/test-runs`, { as: editor, json: {} })).json.id
  proposal = (await api.ask("POST", `${at}/proposals`, { as: editor, json: { template: TEMPLATE, message: "Second" } })).json.id
  const path = `/api/v1/proposals/${proposal}`
  const view = await eventually("its checks have ended", async () => {
    const { json } = await api.ask("GET", path, { as: editor })
    return json.checks.every(({ verdict }: { verdict: string }) => verdict !== "pending") && json
  })
  // What is looked for is there to be found.
  expect(JSON.stringify(view)).toContain(WORD)
  await sql`UPDATE proposal_check SET verdict = 'passed' WHERE proposal_id = ${proposal}`.execute(api.platform.database.db)
  await api.ask("POST", `${path}/reviews`, { as: admin, json: { verdict: "approve", binding: view.binding, text: `${WORD} is right.` } })
  expect((await api.ask("POST", `${path}/promote`, { as: editor })).json).toEqual({ number: 1 })
  await api.ask("PUT", `/api/v1/templates/${encodeURIComponent(TEMPLATE)}/channels/prod`, { as: editor, json: { number: 1 } })
  const named = await api.ask("POST", `/api/v1/templates/${encodeURIComponent(TEMPLATE)}/runs`, { as: runner, json: {} })
  byName = named.json.id
  expect((await api.platform.until(byName, "failed", 60_000)).template).not.toBeNull()
}

const holes = () => ({
  notebook,
  run,
  proposal,
  testRun,
  template: TEMPLATE,
  number: "1",
  version: "2",
  cell: "1",
  output: "0",
  space: "team",
  person: viewer.actor.id,
  comment: "0".repeat(26),
})

const NAMES = Object.keys(CONTRACT) as RouteName[]

/** Every route that only reads, as anybody would ask it, and again with each of its numbers. */
function asked(): string[] {
  const reading = NAMES.filter((name) => CONTRACT[name].method === "GET")
  const plain = reading.map((name) => `${addressed(name, holes())}${queryFor(name, "team")}`)
  const outputs = [0, 1, 2, 3].flatMap((cell) => [0, 1, 2].map((output) => `/api/v1/runs/${run}/cells/${cell}/outputs/${output}`))
  const versions = [1, 2].flatMap((number) =>
    ["", "/content", "/manifest", "/diff?since=1"].map((end) => `/api/v1/notebooks/${notebook}/versions/${number}${end}`),
  )
  const searches = [`q=${WORD}`, "q=quarter", `q=printed%20${WORD}`].map((query) => `/api/v1/search?${query}`)
  return [
    ...plain,
    ...outputs,
    ...versions,
    ...searches,
    `/api/v1/export?space=team`,
    `/api/v1/notebooks?name=quarter`,
    `/api/v1/runs?notebook=${notebook}`,
    ...["", "/events", "/log", "/result", "/result.html", "/attempts", "/outputs", "/cells"].map((end) => `/api/v1/runs/${byName}${end}`),
    ...["", "/promotions", "/openapi.json"].map((end) => `/api/v1/templates/${encodeURIComponent(TEMPLATE)}${end}`),
    "/api/v1/templates?q=quarter",
    "/api/v1/proposals?state=promoted",
  ]
}

test("whoever may not edit it gets not a word of the code by any route, and the report all the same", async () => {
  for (const who of [viewer, runner]) {
    for (const path of asked()) {
      const { status, text } = await got(who, path)
      expect([path, status < 500, text.includes(WORD)]).toEqual([path, true, false])
    }
  }
  for (const path of [
    `/api/v1/proposals/${proposal}`,
    `/api/v1/templates/${encodeURIComponent(TEMPLATE)}/promotions/1/evidence`,
    `/api/v1/notebooks/${notebook}/tests`,
  ])
    expect([path, (await got(editor, path)).text.includes(WORD)]).toEqual([path, true])
  const report = await api.ask("GET", `/api/v1/runs/${run}/result`, { as: viewer })
  expect(JSON.parse(report.text).cells.map((cell: { id: string; source: string | string[] }) => [cell.id, [cell.source].flat().join("")])).toEqual([
    ["a", "# Quarter"],
    ["c", ""],
  ])
  const page = await api.ask("GET", `/api/v1/runs/${run}/result.html`, { as: viewer })
  expect(page.text).toContain("<strong>42</strong>")
  const seen = (await api.ask("GET", `/api/v1/runs/${run}`, { as: viewer })).json
  expect([seen.codeHidden, seen.state, seen.error, seen.failedCell, seen.parameters]).toEqual([true, "failed", null, null, { region: "US" }])
  expect(seen.explanation).toMatch(/owner can see which/)
}, 60_000)

/** Whose answers tell those who may see it of the code. One that is not here and does is to be looked at, and added. */
const TELLS: readonly RouteName[] = [
  "getContent",
  "getVersionContent",
  "getDiff",
  "getDraft",
  "listRuns",
  "getRun",
  "getLog",
  "getEvents",
  "getResult",
  "getResultPage",
  "listAttempts",
  "listInbox",
  "listTests",
  "getTestFile",
  "listTestRuns",
  "getTestRun",
  "getTestCoverage",
  "getProposal",
  "getTemplateUsage",
  "getEvidence",
  "exportZip",
]

test("the routes that tell of code are known, and tell those who may see it", async () => {
  const otherwise: string[] = []
  for (const name of NAMES.filter((one) => CONTRACT[one].method === "GET")) {
    const { text } = await got(editor, `${addressed(name, holes())}${queryFor(name, "team")}`)
    if (TELLS.includes(name) !== text.includes(WORD)) otherwise.push(`${name}: ${text.slice(0, 100)}`)
  }
  expect(otherwise).toEqual([])
}, 60_000)

/** What ends the session of whoever asks comes last. */
const LAST: readonly RouteName[] = ["setPassword", "endOtherSessions", "endSession", "signOut"]

test("no route of any method tells a word of it to those who may not edit it, whatever becomes of what they ask", async () => {
  const changing = NAMES.filter((name) => (CONTRACT[name].method as string) !== "GET" && !LAST.includes(name))
  const before = (await got(editor, `/api/v1/notebooks/${notebook}/content`)).text
  const reached = new Map<string, number>()
  for (const role of ["viewer", "runner"] as const) {
    const who = await api.someone(`Walks ${role}`, role)
    for (const name of [...changing, ...LAST]) {
      const path = `${addressed(name, holes())}${queryFor(name, "team")}`
      const said = await api.ask(CONTRACT[name].method, path, { as: who, ...bodyFor(name, { space: "team", notebook, run }, viewer) })
      reached.set(`${name} ${said.status < 300}`, said.status)
      expect([role, name, said.status < 500, said.text.includes(WORD)]).toEqual([role, name, true, false])
    }
  }
  // Some of it was done, and not only refused; the notebook is what it was.
  expect([...reached].filter(([, status]) => status < 300).map(([name]) => name.split(" ")[0])).toEqual(
    expect.arrayContaining(["launchRun", "runTemplate", "cancelRun"]),
  )
  expect((await got(editor, `/api/v1/notebooks/${notebook}/content`)).text).toBe(before)
}, 120_000)

test("what they do with it tells them no more", async () => {
  const again = await api.ask("POST", `/api/v1/runs/${run}/retry`, { as: runner })
  const key = { "idempotency-key": "one" }
  const first = await api.ask("POST", "/api/v1/runs", { as: runner, json: { notebook }, headers: key })
  await api.platform.until(first.json.id, "failed", 60_000)
  const known = await api.ask("POST", "/api/v1/runs", { as: runner, json: { notebook }, headers: key })
  const cancelled = await api.ask("POST", `/api/v1/runs/${first.json.id}/cancel`, { as: runner, json: {} })
  expect([again.status, known.status, cancelled.status]).toEqual([202, 200, 200])
  for (const said of [again, known, cancelled]) expect(said.text).not.toContain(WORD)
  expect((await api.ask("POST", `/api/v1/notebooks/${notebook}/copy`, { as: viewer, json: {} })).status).toBe(403)
}, 60_000)

test("the events of a run keep their numbers, without what was printed and without errors", async () => {
  const other = (await api.ask("POST", "/api/v1/runs", { as: runner, json: { notebook } })).json.id
  await api.platform.until(other, "failed", 60_000)
  const told = await got(viewer, `/api/v1/runs/${other}/events`)
  expect(told.text).not.toContain(WORD)
  expect(told.text).toContain("Revenue is **42**")
  const numbers = [...told.text.matchAll(/^id: (\d+)$/gm)].map((match) => Number(match[1]))
  expect(numbers).toEqual(numbers.map((_, index) => index + 1))
  const whole = await got(editor, `/api/v1/runs/${other}/events`)
  expect(whole.text).toContain(WORD)
}, 60_000)

test("those who edit it see all of it, also by a token that only reads; shown again, everybody does, and finds it", async () => {
  const reading = await api.withToken(editor, "read")
  for (const who of [editor, admin, reading])
    expect((await api.ask("GET", `/api/v1/notebooks/${notebook}/content`, { as: who })).text).toContain(WORD)
  expect((await api.ask("GET", `/api/v1/runs/${run}`, { as: reading })).json.codeHidden).toBe(false)
  const found = async () => (await api.ask("GET", `/api/v1/search?q=${WORD}`, { as: viewer })).json.items.length
  expect(await found()).toBe(0)
  await api.ask("PUT", `/api/v1/notebooks/${notebook}/code`, { as: admin, json: { isHidden: false } })
  expect(await found()).toBe(1)
  expect((await api.ask("GET", `/api/v1/notebooks/${notebook}/content`, { as: viewer })).text).toContain(WORD)
})
