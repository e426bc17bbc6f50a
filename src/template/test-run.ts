/** The test cases of a notebook, tried on one of its versions without anybody proposing it. */
import { sql } from "kysely"
import { newId } from "#base/id.ts"
import { type Json, write } from "#base/json.ts"
import { accepted, type Outcome } from "#base/outcome.ts"
import type { Db } from "#database/index.ts"
import type { Meaning } from "#environment/index.ts"
import { resolveVersion, type TestCase, testCasesOf } from "#library/index.ts"
import { type Actor, audit, type SpaceId } from "#people/index.ts"
import { begin } from "#template/begin-tests.ts"
import { judge } from "#template/judge.ts"
import { notebookFor } from "#template/notebook.ts"
import type { TemplateWorld } from "#template/ports.ts"
import { refuse, type TemplateRefusal } from "#template/refusal.ts"
import { templateFor } from "#template/sql/template-row.ts"
import { type Because, casesOf, type TestRunCase, type TestRunRow, testRunFor, testRunsWhere } from "#template/sql/test-run-row.ts"
import { leaveWaiting } from "#template/sql/waiting-tests.ts"
import { askedFor } from "#template/sql/watched.ts"
import { keepYes, repetitionsIn } from "#template/standing-yes.ts"
import { writesAgain } from "#work/index.ts"

/** `waiting` for somebody's yes; `left`: it never runs. */
export type TestRunState = "waiting" | "pending" | "passed" | "failed" | "left"

export type TestRunView = TestRunRow & { readonly cases: readonly TestRunCase[]; readonly state: TestRunState }

export type AskTests = {
  /** Id or `space/path`. */
  readonly notebook: string
  /** Default: the newest. */
  readonly version?: number | undefined
  /** Name of a template of the notebook: what it stands for is tested, with the test cases and in the environment that it was approved with. */
  readonly template?: string | undefined
  /** The asker knows what it changes outside, and wants it again. */
  readonly mayWrite?: boolean | undefined
}

/** Begins at once. Refuses no_such_test when the notebook has no test cases, writes_again when they would change something outside unasked. */
export async function testVersion(world: TemplateWorld, actor: Actor, asked: AskTests): Promise<Outcome<TestRunView, TemplateRefusal>> {
  const notebook = await notebookFor(world, actor, asked.notebook)
  if (!notebook.ok) return notebook
  const { id, space } = notebook.value
  const promoted = asked.template === undefined ? undefined : await promotedOf(world, actor, { notebook: id, template: asked.template })
  if (promoted?.ok === false) return promoted
  const wanted = promoted?.value.version ?? asked.version ?? "latest"
  const version = await resolveVersion(world.library, actor, "edit", { notebook: id, version: wanted })
  if (!version.ok) return refuse("no_such_notebook", version.refusal.message)
  const approved = promoted ? await approvedCases(world.db, promoted.value.template) : []
  const cases = approved.length > 0 ? approved : await testCasesOf(world.db, id)
  if (cases.length === 0) return refuse("no_such_test", "This notebook has no test cases: write some first.")
  const repetitions = await repetitionsIn(world, version.value, cases)
  if (!asked.mayWrite && repetitions.cells.length > 0) return writesAgain(repetitions.cells)
  const at = promoted?.value
  const made = await world.db.transaction().execute(async (tx) => {
    const testRun = await insertTestRun(tx, world, { notebook: id, space, version: version.value.number, because: "asked", actor, cases, at })
    await keepYes(tx, world, { actor, notebook: id, space, repetitions, with: { testRun }, at: world.clock.now() })
    return testRun
  })
  await begin(world, made)
  return lookAtTestRun(world, actor, made)
}

type Promoted = NonNullable<NewTestRun["at"]> & { readonly template: string; readonly version: number }

type Which = { readonly notebook: string; readonly template: string }

/** What its name stands for, and what is asked for so that it runs where that was proven: a captured environment is whatever its kernel is. */
async function promotedOf(world: TemplateWorld, actor: Actor, { notebook, template }: Which): Promise<Outcome<Promoted, TemplateRefusal>> {
  const found = await templateFor(world, actor, template, { action: "edit", verb: "test.run", words: "test this template" })
  if (!found.ok) return found
  const { id, name, version, latest, profile } = found.value
  if (found.value.notebook.id !== notebook) return refuse("no_such_template", `The template ${name} is one of another notebook.`)
  if (version === null) return refuse("no_such_promotion", `Nothing was promoted for ${name} yet: test a version of its notebook.`)
  const { rows } = await sql<Pick<Meaning, "sha256" | "kind">>`
    SELECT e.sha256, e.kind FROM promotion m JOIN proposal_check c ON c.proposal_id = m.proposal_id AND c.kind = 'rerun'
      JOIN environment e ON e.sha256 = c.environment WHERE m.template_id = ${id} AND m.number = ${latest}`.execute(world.db)
  const [recorded] = rows
  const asked = recorded ? askedFor({ profile: profile.environment ?? "" }, recorded) : (profile.environment ?? "")
  return accepted({ template: id, version, environment: null, asked })
}

/** As they were when it was promoted. */
export async function approvedCases(db: Db, template: string): Promise<NewTestRun["cases"]> {
  const found = await sql<Pick<TestCase, "name" | "parameters" | "expects" | "mocks">>`
    SELECT c.name, c.parameters, c.expects, c.mocks FROM template t JOIN promotion m ON m.template_id = t.id AND m.number = t.latest
      JOIN proposal_check c ON c.proposal_id = m.proposal_id AND c.kind = 'test' WHERE t.id = ${template} ORDER BY c.place`.execute(db)
  return found.rows
}

export type NewTestRun = {
  readonly notebook: string
  readonly space: SpaceId
  readonly version: number
  readonly because: Because
  readonly actor: Actor
  readonly cases: readonly Pick<TestCase, "name" | "parameters" | "expects" | "mocks">[]
  /** Where it is tested for the sake of a template, or because of its environment, which stands here then. */
  readonly at?: { readonly environment: string | null; readonly asked: string; readonly template: string | null } | undefined
}

/** What waited for a yes before it gives way. @returns its id; its runs are ordered by `begin` */
export async function insertTestRun(tx: Db, world: TemplateWorld, asked: NewTestRun): Promise<string> {
  const { notebook, space, version, because, actor, cases, at: place } = asked
  const at = world.clock.now()
  const id = newId<"TestRun">(at, world.random)
  await sql`
    INSERT INTO test_run (id, notebook_id, version, because, asked_by, created_at, environment, environment_asked, template_id)
    VALUES (${id}, ${notebook}, ${version}, ${because}, ${actor.id}, ${new Date(at)}, ${place?.environment ?? null}, ${place?.asked ?? ""},
      ${place?.template ?? null})`.execute(tx)
  await leaveWaiting(tx, { notebook, template: place?.template ?? null, but: id, at })
  const json = (value: unknown) => write(value as Json)
  for (const [place, { name, parameters, expects, mocks }] of cases.entries())
    await sql`
      INSERT INTO test_run_case (test_run_id, place, name, parameters, expects, mocks)
      VALUES (${id}, ${place}, ${name}, ${json(parameters)}::json, ${json(expects)}::json, ${json(mocks)}::json)`.execute(tx)
  const detail = { testRun: id, version, because, ...(place ? { environment: place.environment ?? place.asked } : {}) }
  await audit(tx, { actor, action: "test.run", thing: `notebook/${notebook}`, space, outcome: "done", detail, at })
  return id
}

export async function lookAtTestRun(world: TemplateWorld, actor: Actor, id: string): Promise<Outcome<TestRunView, TemplateRefusal>> {
  const found = await testRunFor(world.db, actor, id)
  return found.ok ? accepted(await viewOf(world, found.value)) : found
}

/** What ended since it was looked at last is judged; what could not be ordered is ordered. Two who look at once write the same. */
export async function viewOf(world: TemplateWorld, row: TestRunRow): Promise<TestRunView> {
  const before = await casesOf(world.db, row.id)
  if (isWaiting(row) || !before.some(({ verdict }) => verdict === "pending")) return { ...row, cases: before, state: stateOf(row, before) }
  if (before.some(({ verdict, run }) => verdict === "pending" && run === null)) await begin(world, row.id)
  for (const { place, run, verdict, name, expects } of before) {
    if (verdict !== "pending" || run === null) continue
    const judged = await judge(world, { run, name, expects, notebook: row.notebook, version: row.version })
    if (judged)
      await sql`
        UPDATE test_run_case SET verdict = ${judged.verdict}, said = ${judged.said}, result_sha256 = ${judged.resultSha256}
        WHERE test_run_id = ${row.id} AND place = ${place} AND verdict = 'pending'`.execute(world.db)
  }
  const [now = row] = await testRunsWhere(world.db, sql`t.id = ${row.id}`)
  const cases = await casesOf(world.db, row.id)
  return { ...now, cases, state: stateOf(now, cases) }
}

function isWaiting({ waitsFor, answer }: Pick<TestRunRow, "waitsFor" | "answer">): boolean {
  return waitsFor !== null && answer === null
}

function stateOf(row: TestRunRow, cases: readonly TestRunCase[]): TestRunState {
  if (isWaiting(row)) return "waiting"
  const verdicts = cases.map(({ verdict }) => verdict)
  if (verdicts.includes("left")) return "left"
  if (verdicts.includes("pending")) return "pending"
  return verdicts.every((verdict) => verdict === "passed") ? "passed" : "failed"
}

export type ListTestRuns = {
  readonly notebook: string
  readonly version?: number | undefined
  readonly limit: number
  readonly before?: string | undefined
}

/** The newest first, to those who may see the notebook's code. */
export async function listTestRuns(
  world: TemplateWorld,
  actor: Actor,
  asked: ListTestRuns,
): Promise<Outcome<readonly TestRunView[], TemplateRefusal>> {
  const { version = null, limit, before = null } = asked
  const notebook = await readable(world, actor, asked.notebook)
  if (!notebook.ok) return notebook
  const rows = await testRunsWhere(
    world.db,
    sql`t.notebook_id = ${notebook.value} AND (${version}::integer IS NULL OR t.version = ${version}) AND (${before}::text IS NULL OR t.id < ${before})`,
    limit,
  )
  return accepted(await Promise.all(rows.map((row) => viewOf(world, row))))
}

/** The id of a notebook whose code the actor may see. */
async function readable(world: TemplateWorld, actor: Actor, ref: string): Promise<Outcome<string, TemplateRefusal>> {
  const found = await resolveVersion(world.library, actor, "read_code", { notebook: ref })
  if (found.ok) return accepted(found.value.notebook)
  const { refused, message } = found.refusal
  return refused === "not_allowed" ? refuse("not_allowed", message) : refuse("no_such_notebook", message)
}

export type Testing = {
  /** Whether every new version is tested; null: when a template stands for one of its versions. */
  readonly versions: boolean | null
  /** What that comes to now. */
  readonly isOn: boolean
}

export async function getTesting(world: TemplateWorld, actor: Actor, ref: string): Promise<Outcome<Testing, TemplateRefusal>> {
  const notebook = await readable(world, actor, ref)
  return notebook.ok ? accepted(await testingOf(world.db, notebook.value)) : notebook
}

export async function setTesting(
  world: TemplateWorld,
  actor: Actor,
  { notebook, versions }: { readonly notebook: string; readonly versions: boolean | null },
): Promise<Outcome<Testing, TemplateRefusal>> {
  const found = await notebookFor(world, actor, notebook)
  if (!found.ok) return found
  const { id, space } = found.value
  const at = world.clock.now()
  return world.db.transaction().execute(async (tx) => {
    await sql`UPDATE notebook SET tests_versions = ${versions} WHERE id = ${id}`.execute(tx)
    await audit(tx, { actor, action: "test.setting", thing: `notebook/${id}`, space, outcome: "done", detail: { versions }, at })
    return accepted(await testingOf(tx, id))
  })
}

async function testingOf(db: Db, notebook: string): Promise<Testing> {
  const found = await sql<Testing>`
    SELECT n.tests_versions AS versions, coalesce(n.tests_versions, EXISTS (SELECT FROM template t WHERE t.notebook_id = n.id AND t.latest > 0)) AS "isOn"
    FROM notebook n WHERE n.id = ${notebook}`.execute(db)
  return found.rows[0] ?? { versions: null, isOn: false }
}
