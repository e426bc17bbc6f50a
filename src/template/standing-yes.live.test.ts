/** What changes something outside is never repeated by tests that nobody asked for, unless somebody said yes to exactly that. */
import { sql } from "kysely"
import { afterAll, beforeAll, expect, test } from "vitest"
import { accepted } from "#base/outcome.ts"
import { scriptedKernels, stdout } from "#kernel/adapters/scripted.ts"
import { putFile, putTestFile, saveVersion } from "#library/index.ts"
import { write } from "#notebook/index.ts"
import { type Actor, listNotices } from "#people/index.ts"
import { notebookOf } from "#run/testing.ts"
import {
  answerTests,
  environmentsOf,
  getTemplate,
  listTestRuns,
  promote,
  propose,
  reviewProposal,
  setTesting,
  settleTestRuns,
  type TemplateWorld,
  testChangedEnvironments,
  testNewVersions,
  testVersion,
} from "#template/index.ts"
import { got, provenBy, refusedAs, templateWorld } from "#template/testing.ts"
import { eventually, type Platform, platform } from "#work/testing.ts"

const [ONE, TWO] = ["1".repeat(64), "2".repeat(64)] as [string, string]
const SENDS = "import os\nos.system('send')"
const SENDS_ELSEWHERE = "import os\nos.system('send elsewhere')"
const DEFINES = "import os\ndef send():\n    os.system('send')"
const DEFINES_ANOTHER = "import os\ndef send():\n    os.system('send all')"
let at: Platform
let world: TemplateWorld
let ada: Actor
let ben: Actor
let vera: Actor
const kernels = scriptedKernels({
  hello: stdout("hello\n"),
  bye: stdout("hello, bye\n"),
  [SENDS]: stdout("0\n"),
  [SENDS_ELSEWHERE]: stdout("0\n"),
  [DEFINES]: [],
  [DEFINES_ANOTHER]: [],
  "send()": stdout("0\n"),
  "import reports": [],
  "reports.publish()": stdout("0\n"),
})

beforeAll(async () => {
  at = await platform()
  world = await templateWorld(at)
  ;[ada, ben, vera] = await Promise.all([at.person("Ada", "editor"), at.person("Ben", "editor"), at.person("Vera", "runner")])
  for (const sha256 of [ONE, TWO])
    await sql`INSERT INTO environment (sha256, name, kind, what, created_at) VALUES (${sha256}, 'data', 'locked', ${'{"kernel": {"name": "script", "language": "python"}}'}::jsonb, now())`.execute(
      world.db,
    )
  const resolve = async ({ asked = "" }: { readonly asked?: string | undefined }) => {
    const name = asked.startsWith("sha256:") ? "" : asked || "data"
    const found = await sql<{ sha256: string }>`SELECT sha256 FROM environment_label WHERE name = ${name} ORDER BY at DESC LIMIT 1`.execute(world.db)
    const sha256 = found.rows[0]?.sha256 ?? asked.slice("sha256:".length)
    return accepted({ sha256, name, kind: "locked" as const, kernelName: "script", launch: { jupyterPath: undefined, prefix: undefined } })
  }
  await at.worker({ kernels, slots: 8, options: { preparing: { resolve, kernels: () => kernels } } })
  await means(ONE)
}, 60_000)
afterAll(() => at.close())

let moment = Date.now() - 3_600_000
async function means(sha256: string): Promise<void> {
  moment += 1000
  await sql`INSERT INTO environment_label (name, sha256, at) VALUES ('data', ${sha256}, ${new Date(moment)})`.execute(world.db)
}

const METADATA = { kernelspec: { name: "script", display_name: "script", language: "python" }, stet: { environment: "data" } }
const bytesOf = (...sources: string[]) => new TextEncoder().encode(write({ ...notebookOf(...sources), metadata: METADATA }))
const TESTS = "tests: [{name: greets, checks: [{check: output_contains, cell: cell-1, text: hello}]}]"

async function notebook(path: string, ...sources: string[]): Promise<string> {
  const id = got(await saveVersion(world.library, ada, { space: at.space, path, bytes: bytesOf(...sources), source: "api" })).version.notebook
  got(await putTestFile(world.library, ada, { notebook: id, text: TESTS }))
  return id
}

async function saved(id: string, who: Actor, ...sources: string[]): Promise<void> {
  got(await saveVersion(world.library, who, { notebook: id, bytes: bytesOf(...sources), source: "api" }))
}

/** Until nothing begins any more and nothing that may run is left. */
const quiet = () =>
  eventually("every test run has ended or waits", async () => {
    const begun = (await testNewVersions(world)) + (await testChangedEnvironments(world, { settleMs: 0 }))
    await settleTestRuns(world)
    const left = await sql`SELECT FROM test_run WHERE told_at IS NULL AND (waits_for IS NULL OR answer IS NOT NULL)`.execute(world.db)
    return begun + left.rows.length === 0
  })

const runsOf = async (id: string) => got(await listTestRuns(world, ada, { notebook: id, limit: 50 }))
const storyOf = async (id: string) => (await runsOf(id)).map(({ because, version, state }) => `${because} v${version} ${state}`)
const sent = () => kernels.whats("executes").filter((source) => source.startsWith("import os")).length
const waiting = async (who: Actor, id: string) =>
  (await listNotices(world.db, who, { unread: true, limit: 100 })).filter(({ kind, notebook: of }) => kind === "tests_waiting" && of?.id === id)
const audited = async (id: string) =>
  (
    await sql<{ action: string }>`SELECT action FROM audit_event WHERE thing = ${`notebook/${id}`} AND action LIKE 'test.%' ORDER BY seq`.execute(
      world.db,
    )
  ).rows
    .map(({ action }) => action)
    .filter((action) => action !== "test.put")

test("a new version waits for a yes where it would change something outside; nothing of it runs; the yes counts until the cell is another", async () => {
  const id = await notebook("sends.ipynb", "hello", SENDS)
  got(await setTesting(world, ada, { notebook: id, versions: true }))
  const before = sent()
  await quiet()
  expect(await storyOf(id)).toEqual(["version v1 waiting"])
  const [run] = await runsOf(id)
  expect([run?.waitsFor, run?.cases.map((one) => [one.verdict, one.run])]).toEqual([
    [{ cell: "cell-2", number: 2, what: ["process os.system"] }],
    [["pending", null]],
  ])
  const [told] = await waiting(ada, id)
  expect([told?.version, told?.said]).toEqual([1, "The tests of version 1, which is new, would change something outside again (cell 2)."])
  expect(await waiting(vera, id)).toEqual([])

  const asked = { testRun: run?.id ?? "", answer: "yes" } as const
  expect(refusedAs(await answerTests(world, vera, asked))).toBe("not_allowed")
  expect(await storyOf(id)).toEqual(["version v1 waiting"])
  expect(sent()).toBe(before)
  expect(got(await answerTests(world, ben, asked))).toMatchObject({ answer: "yes", answeredBy: { name: "Ben" } })
  expect(refusedAs(await answerTests(world, ben, asked))).toBe("wrong_state")
  await quiet()
  expect([await storyOf(id), sent() - before, await waiting(ada, id)]).toEqual([["version v1 passed"], 1, []])

  // Another cell is another one: what was listed is as it was.
  await saved(id, ben, "bye", SENDS)
  await quiet()
  expect([(await storyOf(id))[0], sent() - before]).toEqual(["version v2 passed", 2])
  await saved(id, ben, "bye", SENDS_ELSEWHERE)
  await quiet()
  expect([(await storyOf(id))[0], sent() - before]).toEqual(["version v3 waiting", 2])
  // Back again, the newer one takes the place of the one that waits.
  await saved(id, ben, "hello", SENDS)
  await quiet()
  expect([(await storyOf(id)).slice(0, 2), sent() - before, await waiting(ada, id)]).toEqual([["version v4 passed", "version v3 left"], 3, []])
  // A test case that replaces another cell changes nothing of what was listed.
  got(await putTestFile(world.library, ada, { notebook: id, text: TESTS.replace("greets,", "greets, mocks: [{cell: cell-1, source: bye}],") }))
  await saved(id, ben, "hello", SENDS, "hello")
  await quiet()
  expect((await storyOf(id))[0]).toBe("version v5 passed")
  expect(await audited(id)).toEqual(["test.setting", "test.run", "test.yes", "test.run", "test.run", "test.run", "test.run"])
}, 60_000)

test("a yes to a cell is over when the function that it calls, in another cell, is another one", async () => {
  const id = await notebook("through.ipynb", "hello", DEFINES, "send()")
  got(await testVersion(world, ada, { notebook: id, mayWrite: true }))
  got(await setTesting(world, ada, { notebook: id, versions: true }))
  await quiet()
  // Defining it does nothing; calling it is what was asked for.
  expect(refusedAs(await testVersion(world, ada, { notebook: id }))).toBe("writes_again")
  await saved(id, ben, "bye", DEFINES, "send()")
  await quiet()
  expect((await storyOf(id))[0]).toBe("version v2 passed")
  await saved(id, ben, "bye", DEFINES_ANOTHER, "send()")
  await quiet()
  expect((await storyOf(id))[0]).toBe("version v3 waiting")
  expect((await runsOf(id))[0]?.waitsFor).toEqual([{ cell: "cell-3", number: 3, what: ["process os.system in send"] }])
}, 60_000)

test("a yes to a cell is over when the module beside the notebook that it runs is another one", async () => {
  const module = (address: string) => put(`import requests\n\ndef publish():\n    requests.post('${address}')\n`)
  await module("https://a.example")
  const id = await notebook("beside.ipynb", "hello", "import reports", "reports.publish()")
  const what = ["network requests.post in reports.publish"]
  expect(refusedAs(await testVersion(world, ada, { notebook: id }))).toBe("writes_again")
  got(await testVersion(world, ada, { notebook: id, mayWrite: true }))
  got(await setTesting(world, ada, { notebook: id, versions: true }))
  await quiet()
  await saved(id, ben, "bye", "import reports", "reports.publish()")
  await quiet()
  expect((await storyOf(id))[0]).toBe("version v2 passed")
  await module("https://b.example")
  await saved(id, ben, "hello", "import reports", "reports.publish()")
  await quiet()
  expect((await storyOf(id))[0]).toBe("version v3 waiting")
  expect((await runsOf(id))[0]?.waitsFor).toEqual([{ cell: "cell-3", number: 3, what }])
}, 60_000)

async function put(text: string): Promise<void> {
  got(await putFile(world.library, ada, { space: at.space, path: "reports.py", content: new TextEncoder().encode(text) }))
}

test("who gave the yes and has left gives it no more; a test run that is left never runs, and says so", async () => {
  const gone = await at.person("Gone", "editor")
  const id = await notebook("left.ipynb", "hello", SENDS)
  got(await testVersion(world, gone, { notebook: id, mayWrite: true }))
  await quiet()
  got(await setTesting(world, ada, { notebook: id, versions: true }))
  await quiet()
  expect(await storyOf(id)).toEqual(["version v1 passed", "asked v1 passed"])
  await sql`UPDATE person SET disabled_at = now() WHERE id = ${gone.id}`.execute(world.db)
  await saved(id, ada, "bye", SENDS)
  await quiet()
  expect((await storyOf(id))[0]).toBe("version v2 waiting")
  const before = sent()
  const [run] = await runsOf(id)
  expect(got(await answerTests(world, ada, { testRun: run?.id ?? "", answer: "leave" }))).toMatchObject({
    state: "left",
    answer: "left",
    cases: [{ verdict: "left", run: null }],
  })
  await quiet()
  expect([(await storyOf(id))[0], sent() - before, await waiting(ada, id)]).toEqual(["version v2 left", 0, []])
  expect((await audited(id)).at(-1)).toBe("test.leave")
}, 60_000)

test("a proposal's yes covers its test cases when the environment changes; without one the template says that they wait", async () => {
  const id = await notebook("promoted.ipynb", "hello", SENDS)
  const asked = { notebook: id, template: "sends/promoted", message: "" }
  expect(refusedAs(await propose(world, ada, asked))).toBe("writes_again")
  const other = await notebook("other.ipynb", "hello", SENDS)
  const proposal = got(await propose(world, ada, { ...asked, mayWrite: true }))
  // The name is looked at before anybody is asked for a yes.
  expect(refusedAs(await propose(world, ada, { ...asked, notebook: other }))).toBe("name_taken")
  await provenBy(world, ada, proposal.id)
  got(await reviewProposal(world, ben, { proposal: proposal.id, verdict: "approve", said: "", binding: proposal.binding }))
  got(await promote(world, ada, proposal.id))
  await quiet()
  await means(TWO)
  await quiet()
  expect((await storyOf(id))[0]).toBe("environment v1 passed")

  // As if it had been promoted before anybody's yes was kept.
  await sql`DELETE FROM standing_yes WHERE notebook_id = ${id}`.execute(world.db)
  await means(ONE)
  await quiet()
  const [run] = await runsOf(id)
  expect([(await storyOf(id))[0], run?.cases.map((one) => one.run)]).toEqual(["environment v1 waiting", [null]])
  const standing = async () => (await environmentsOf(world, got(await getTemplate(world, ada, "sends/promoted")))).tested
  expect(await standing()).toMatchObject({ environment: ONE, state: "waiting" })
  got(await answerTests(world, ada, { testRun: run?.id ?? "", answer: "yes" }))
  await quiet()
  expect(await standing()).toMatchObject({ environment: ONE, state: "passed" })
}, 60_000)
