/** An environment becomes another one, and what runs in it is tested there, once; whoever answers for it hears when it fails. */
import { sql } from "kysely"
import { afterAll, beforeAll, expect, test } from "vitest"
import { accepted } from "#base/outcome.ts"
import { error, scriptedKernels, stdout } from "#kernel/adapters/scripted.ts"
import { putTestFile, saveVersion, trashNotebook } from "#library/index.ts"
import { write } from "#notebook/index.ts"
import { type Actor, listNotices } from "#people/index.ts"
import { notebookOf } from "#run/testing.ts"
import {
  decideTemplate,
  environmentsOf,
  getTemplate,
  launchTemplate,
  listTestRuns,
  lookAtTestRun,
  promote,
  promotionsOf,
  propose,
  reviewProposal,
  setTesting,
  settleTestRuns,
  type TemplateWorld,
  testChangedEnvironments,
  testNewVersions,
  testVersion,
  usageOf,
} from "#template/index.ts"
import { got, provenBy, refusedAs, templateWorld } from "#template/testing.ts"
import { getRun } from "#work/index.ts"
import { eventually, type Platform, platform } from "#work/testing.ts"

const [ONE, TWO, THREE, BROKEN] = ["1", "2", "3", "b"].map((letter) => letter.repeat(64)) as [string, string, string, string]
let at: Platform
let world: TemplateWorld
let ada: Actor
let ben: Actor
let vera: Actor

/** In the broken environment the same cell prints something else. */
const kernelsOf = (sha256: string) =>
  scriptedKernels({ hello: stdout(sha256 === BROKEN ? "nothing\n" : "hello\n"), boom: error("Boom", "on purpose") })

beforeAll(async () => {
  at = await platform()
  world = await templateWorld(at)
  ;[ada, ben, vera] = await Promise.all([at.person("Ada", "editor"), at.person("Ben", "editor"), at.person("Vera", "runner")])
  for (const sha256 of [ONE, TWO, THREE, BROKEN])
    await sql`INSERT INTO environment (sha256, name, kind, what, created_at) VALUES (${sha256}, 'data', 'locked', ${'{"kernel": {"name": "script", "language": "script"}}'}::jsonb, now())`.execute(
      world.db,
    )
  const resolve = async ({ asked = "" }: { readonly asked?: string | undefined }) => {
    const name = asked.startsWith("sha256:") ? "" : asked || "data"
    const found = await sql<{ sha256: string }>`SELECT sha256 FROM environment_label WHERE name = ${name} ORDER BY at DESC LIMIT 1`.execute(world.db)
    const sha256 = found.rows[0]?.sha256 ?? asked.slice("sha256:".length)
    return accepted({ sha256, name, kind: "locked" as const, kernelName: "script", launch: { jupyterPath: undefined, prefix: undefined } })
  }
  await at.worker({
    kernels: kernelsOf(ONE),
    slots: 8,
    options: { preparing: { resolve, kernels: ({ sha256 }) => kernelsOf(sha256) } },
  })
  await means("data", ONE)
}, 60_000)
afterAll(() => at.close())

let moment = Date.now() - 3_600_000
async function means(name: string, sha256: string): Promise<void> {
  moment += 1000
  await sql`INSERT INTO environment_label (name, sha256, at) VALUES (${name}, ${sha256}, ${new Date(moment)})`.execute(world.db)
}

const TESTS = "tests: [{name: greets, checks: [{check: output_contains, cell: cell-1, text: hello}]}]"

async function notebook(path: string): Promise<string> {
  const metadata = { kernelspec: { name: "script", display_name: "script", language: "script" }, stet: { environment: "data" } }
  const bytes = new TextEncoder().encode(write({ ...notebookOf("hello"), metadata }))
  const id = got(await saveVersion(world.library, ada, { space: at.space, path, bytes, source: "api" })).version.notebook
  got(await putTestFile(world.library, ada, { notebook: id, text: TESTS }))
  return id
}

async function promoted(name: string): Promise<string> {
  const id = await notebook(`${name.replace("/", " ")}.ipynb`)
  const proposal = got(await propose(world, ada, { notebook: id, template: name, message: "" }))
  await provenBy(world, ada, proposal.id)
  got(await reviewProposal(world, ben, { proposal: proposal.id, verdict: "approve", said: "", binding: proposal.binding }))
  got(await promote(world, ada, proposal.id))
  await quiet()
  return id
}

/** Until nothing is left to test, to look through, to tell. */
const quiet = () =>
  eventually("every test run has ended", async () => {
    const begun = (await testNewVersions(world)) + (await testChangedEnvironments(world, { settleMs: 0 }))
    await settleTestRuns(world)
    const left = await sql`SELECT FROM test_run WHERE told_at IS NULL`.execute(world.db)
    return begun + left.rows.length === 0
  })

const runsOf = async (id: string) =>
  got(await listTestRuns(world, ada, { notebook: id, limit: 50 })).map(
    ({ because, version, environment, state, cases }) =>
      `${because} v${version} ${environment?.slice(0, 1) ?? "-"}: ${state} in ${cases[0]?.environment?.slice(0, 1)}`,
  )
const standsFor = async (name: string) => environmentsOf(world, got(await getTemplate(world, ada, name)))
const told = async (who: Actor) =>
  (await listNotices(world.db, who, { limit: 100 }))
    .filter(({ kind }) => kind === "tests_failed")
    .map(({ notebook: of, said }) => `${of?.path}: ${said}`)

test("the test cases of a template run again where it was promoted, also when its environment's name means another, and as they were approved", async () => {
  const id = await promoted("changed/again")
  await means("data", TWO)
  await quiet()
  got(await putTestFile(world.library, ada, { notebook: id, text: TESTS.replace("greets", "greets anew") }))
  const again = got(await testVersion(world, ada, { notebook: id, template: "changed/again" }))
  const own = got(await testVersion(world, ada, { notebook: id }))
  await quiet()
  const ranIn = async (run: string) => got(await lookAtTestRun(world, ada, run)).cases.map(({ name, environment }) => [name, environment])
  expect([await ranIn(again.id), await ranIn(own.id)]).toEqual([[["greets", ONE]], [["greets anew", TWO]]])

  const other = await notebook("none of it.ipynb")
  const refusals = [
    await testVersion(world, ada, { notebook: other, template: "changed/again" }),
    await testVersion(world, vera, { notebook: id, template: "changed/again" }),
  ]
  expect(refusals.map(refusedAs)).toEqual(["no_such_template", "not_allowed"])
  got(await setTesting(world, ada, { notebook: id, versions: false }))
  await means("data", ONE)
})

test("a name that means another environment is tested there once, however often it changed; the template says what came of it", async () => {
  const id = await promoted("changed/once")
  expect(await standsFor("changed/once")).toMatchObject({ proven: ONE, now: ONE, tested: { environment: ONE, state: "passed" } })
  const before = (await runsOf(id)).length
  await means("data", TWO)
  await means("data", THREE)
  expect(await testChangedEnvironments(world, { settleMs: 7_200_000 })).toBe(0)
  const begun = await Promise.all([testChangedEnvironments(world, { settleMs: 0 }), testChangedEnvironments(world, { settleMs: 0 })])
  expect(begun.toSorted()).toEqual([0, 1])
  await quiet()
  expect((await runsOf(id)).slice(0, -before)).toEqual(["environment v1 3: passed in 3"])
  expect(await standsFor("changed/once")).toMatchObject({
    proven: ONE,
    now: THREE,
    tested: { environment: THREE, state: "passed" },
    names: { [THREE]: "data" },
  })
  const [run] = got(await listTestRuns(world, ada, { notebook: id, limit: 1 }))
  expect(got(await getRun(world, ada, run?.cases[0]?.run ?? ""))).toMatchObject({ trigger: "test", priority: -50, orderedBy: ada.id })
  expect(await testChangedEnvironments(world, { settleMs: 0 })).toBe(0)
  expect(await told(ada)).toEqual([])
}, 60_000)

test("its owner finds in the inbox that it fails, one line for each template; going back makes it pass again", async () => {
  const id = await promoted("changed/fails")
  await means("data", BROKEN)
  await quiet()
  expect((await runsOf(id))[0]).toBe("environment v1 b: failed in b")
  expect(await standsFor("changed/fails")).toMatchObject({ tested: { environment: BROKEN, state: "failed" } })
  const mine = (await told(ada)).filter((line) => line.startsWith("changed fails"))
  expect(mine).toEqual(["changed fails.ipynb: Version 1 in its new environment bbbbbbbb: greets failed."])
  expect([await told(ben), await told(vera)]).toEqual([[], []])
  // No notice for each of the runs beside it.
  expect((await listNotices(world.db, ada, { limit: 100 })).filter(({ kind }) => kind === "run_failed")).toEqual([])
  const { run } = got(await launchTemplate(world, vera, { template: "changed/fails" }))
  await at.until(run.id, "succeeded")
  expect(await standsFor("changed/fails")).toMatchObject({ last: BROKEN })

  await means("data", ONE)
  await quiet()
  expect((await runsOf(id))[0]).toBe("environment v1 1: passed in 1")
}, 60_000)

test("the profile's environment counts in place of the notebook's, from the proposal on; one that wants no tests gets none", async () => {
  const sina = await at.person("Sina", "admin")
  const id = await promoted("changed/profile")
  got(await decideTemplate(world, sina, { template: "changed/profile", profile: { environment: `sha256:${TWO}` } }))
  await quiet()
  expect((await runsOf(id))[0]).toBe("environment v1 2: passed in 2")
  await means("data", THREE)
  await quiet()
  expect((await runsOf(id))[0]).toBe("environment v1 2: passed in 2")
  const again = got(
    await saveVersion(world.library, ada, {
      notebook: id,
      bytes: new TextEncoder().encode(
        write({ ...notebookOf("hello", "hello"), metadata: { kernelspec: { name: "script", display_name: "s", language: "script" } } }),
      ),
      source: "api",
    }),
  )
  const proposal = got(await propose(world, ada, { notebook: id, version: again.version.number, template: "changed/profile", message: "" }))
  expect((await provenBy(world, ada, proposal.id)).checks.map(({ environment }) => environment)).toEqual([TWO, TWO])

  const quietOne = await promoted("changed/unwanted")
  got(await setTesting(world, ada, { notebook: quietOne, versions: false }))
  const before = await runsOf(quietOne)
  await means("data", ONE)
  await quiet()
  expect(await runsOf(quietOne)).toEqual(before)
}, 60_000)

test("a notebook whose versions are tested is tested in its newest; in the trash it is left alone", async () => {
  const [kept, gone] = [await notebook("kept.ipynb"), await notebook("gone.ipynb")]
  for (const id of [kept, gone]) got(await setTesting(world, ada, { notebook: id, versions: true }))
  await quiet()
  got(await trashNotebook(world.library, ada, gone))
  await means("data", TWO)
  await quiet()
  expect((await runsOf(kept)).slice(0, 2)).toEqual(["environment v1 2: passed in 2", expect.stringMatching(/^version v1 -: passed/)])
  const left = await sql`SELECT FROM test_run WHERE notebook_id = ${gone} AND because = 'environment'`.execute(world.db)
  expect(left.rows).toEqual([])
}, 60_000)

test("a test case of a proposal that is to fail, and does, is no failed run in anybody's inbox; one that should not have is", async () => {
  const id = await notebook("expected.ipynb")
  const failing =
    "tests: [{name: fails as it should, expects: fails, mocks: [{cell: cell-1, source: boom}]}, {name: should not, mocks: [{cell: cell-1, source: boom}]}]"
  got(await putTestFile(world.library, ben, { notebook: id, text: failing }))
  const view = await provenBy(world, ben, got(await propose(world, ben, { notebook: id, template: "expected/failure", message: "" })).id)
  expect(view.checks.map(({ name, verdict }) => `${name}: ${verdict}`)).toEqual([
    "Fresh rerun: passed",
    "fails as it should: passed",
    "should not: failed",
  ])
  const told = (await listNotices(world.db, ben, { limit: 100 })).filter(({ kind, notebook: of }) => kind === "tests_failed" && of?.id === id)
  expect(told.map(({ run }) => run)).toEqual([view.checks[2]?.run])
}, 60_000)

test("the page's example is of the last good test of what its name stands for; its change log tells what the versions between said", async () => {
  await means("data", ONE)
  const id = await promoted("changed/example")
  const example = async () => got(await usageOf(world, vera, "changed/example")).example
  const [first] = got(await listTestRuns(world, ada, { notebook: id, limit: 1 }))
  expect(await example()).toMatchObject({ kind: "test", name: "greets", run: first?.cases[0]?.run })
  await means("data", TWO)
  await quiet()
  const [second] = got(await listTestRuns(world, ada, { notebook: id, limit: 1 }))
  expect([second?.because, (await example())?.run]).toEqual(["environment", second?.cases[0]?.run])
  // One that fails is no example, and neither is one of a version that nobody promoted.
  await means("data", BROKEN)
  await quiet()
  expect([(await runsOf(id))[0], (await example())?.run]).toEqual(["environment v1 b: failed in b", second?.cases[0]?.run])
  const save = async (who: Actor, message: string) => {
    const metadata = { kernelspec: { name: "script", display_name: "script", language: "script" }, stet: { environment: "data" }, about: message }
    const bytes = new TextEncoder().encode(write({ ...notebookOf("hello"), metadata }))
    got(await saveVersion(world.library, who, { notebook: id, bytes, source: "api", message }))
  }
  await means("data", ONE)
  await quiet()
  const [good] = got(await listTestRuns(world, ada, { notebook: id, limit: 1 }))
  await save(ben, "Two ways.")
  await save(ada, "")
  await save(ben, "Three ways.")
  await quiet()
  expect((await runsOf(id))[0]).toMatch(/^version v4/)
  expect((await example())?.run).toBe(good?.cases[0]?.run)
  const proposal = got(await propose(world, ada, { notebook: id, template: "changed/example", message: "More ways." }))
  await provenBy(world, ada, proposal.id)
  got(await reviewProposal(world, ben, { proposal: proposal.id, verdict: "approve", said: "", binding: proposal.binding }))
  got(await promote(world, ada, proposal.id))
  const log = got(await promotionsOf(world, vera, "changed/example"))
  expect(
    log.map(({ version, message, author, versions }) => [
      version,
      message,
      author?.name,
      versions.map((one) => `${one.number} ${one.author?.name} ${one.message}`),
    ]),
  ).toEqual([
    [4, "More ways.", "Ben", ["4 Ben Three ways.", "2 Ben Two ways."]],
    [1, "", "Ada", []],
  ])
  expect(log[0]?.versions[0]?.createdAt).toBeGreaterThan(Date.now() - 60_000)
  got(await setTesting(world, ada, { notebook: id, versions: false }))
}, 60_000)

test("many at once are few at a time", async () => {
  const all: string[] = []
  for (let i = 0; i < 25; i++) {
    const id = await notebook(`many ${i}.ipynb`)
    got(await setTesting(world, ada, { notebook: id, versions: true }))
    all.push(id)
  }
  await quiet()
  await means("data", THREE)
  expect(await testChangedEnvironments(world, { settleMs: 0 })).toBeLessThanOrEqual(20)
  await quiet()
  for (const id of all) expect((await runsOf(id))[0]).toBe("environment v1 3: passed in 3")
}, 120_000)
