/** Test cases of a notebook: with what it must run, what gives way for that, and what must come of it. */
import { sql } from "kysely"
import { newId } from "#base/id.ts"
import { type Json, type JsonObject, write } from "#base/json.ts"
import { accepted } from "#base/outcome.ts"
import { caseFileFor, readCases, type TestCase as Spec, sameCases, writeCases } from "#case/index.ts"
import { type Db, naturally } from "#database/index.ts"
import type { NotebookRow } from "#library/notebook-row.ts"
import { nameOf } from "#library/path.ts"
import type { LibraryWorld } from "#library/ports.ts"
import { type Catalogued, refuse } from "#library/refusal.ts"
import { notebookFor } from "#library/sql/find-notebook.ts"
import { type Actor, audit, type NotebookId } from "#people/index.ts"

export type TestCase = Spec & { readonly id: string; readonly notebook: NotebookId; readonly updatedAt: number }

type TestWorld = Pick<LibraryWorld, "db" | "clock" | "random">

const COLUMNS = sql`id, notebook_id AS notebook, name, parameters, expects, mocks, updated_at AS "updatedAt"`

/** By name. */
export async function testCasesOf(db: Db, notebook: string): Promise<readonly TestCase[]> {
  const found =
    await sql<TestCase>`SELECT ${COLUMNS} FROM test_case WHERE notebook_id = ${notebook} ORDER BY ${naturally(sql`name`)}, name LIMIT 200`.execute(db)
  return found.rows
}

/** They tell of the code (cells, expressions, mocks), so they are shown to those who may see that. */
async function readable(world: TestWorld, actor: Actor, ref: string): Promise<Catalogued<NotebookRow>> {
  return notebookFor(world, actor, ref, { action: "read_code", verb: "test.list", words: "see the test cases of this notebook" })
}

async function editable(world: TestWorld, actor: Actor, ref: string): Promise<Catalogued<NotebookRow>> {
  return notebookFor(world, actor, ref, { action: "edit", verb: "test.put", words: "change the test cases of this notebook" })
}

export async function listTestCases(world: TestWorld, actor: Actor, notebook: string): Promise<Catalogued<readonly TestCase[]>> {
  const found = await readable(world, actor, notebook)
  return found.ok ? accepted(await testCasesOf(world.db, found.value.id)) : found
}

type Putting = { readonly notebook: NotebookRow; readonly spec: Spec; readonly actor: Actor; readonly at: number }

/** Under its name: in place of the one that has it. */
export async function putTestCase(
  world: TestWorld,
  actor: Actor,
  { notebook: ref, ...spec }: Spec & { readonly notebook: string },
): Promise<Catalogued<TestCase>> {
  const found = await editable(world, actor, ref)
  if (!found.ok) return found
  if (holdsNul(spec)) return refuse("bad_test", unkept(spec.name))
  const { value: notebook } = found
  const at = world.clock.now()
  return world.db.transaction().execute(async (tx) => {
    const put = await insert(tx, world, { notebook, spec, actor, at })
    await record(tx, { actor, action: "test.put", notebook, detail: { name: spec.name }, at })
    return accepted(put)
  })
}

/** PostgreSQL keeps it as JSON, but reads nothing of such JSON again. */
function holdsNul({ parameters, expects, mocks }: Spec): boolean {
  return /(?<!\\)(?:\\\\)*\\u0000/.test(write({ parameters, expects, mocks } as unknown as Json))
}

function unkept(name: string): string {
  return `The test case ${JSON.stringify(name)} holds the character U+0000, which no text of a test case may: take it out.`
}

async function insert(tx: Db, { random }: Pick<TestWorld, "random">, { notebook, spec, actor, at }: Putting): Promise<TestCase> {
  const json = (value: unknown) => write(value as Json)
  const put = await sql<TestCase>`
    INSERT INTO test_case (id, space_id, notebook_id, name, parameters, expects, mocks, created_at, updated_at, updated_by)
    VALUES (${newId<"TestCase">(at, random)}, ${notebook.space.id}, ${notebook.id}, ${spec.name}, ${json(spec.parameters)}::json,
      ${json(spec.expects)}::json, ${json(spec.mocks)}::json, ${new Date(at)}, ${new Date(at)}, ${actor.id})
    ON CONFLICT (notebook_id, name) DO UPDATE SET parameters = EXCLUDED.parameters, expects = EXCLUDED.expects, mocks = EXCLUDED.mocks,
      updated_at = EXCLUDED.updated_at, updated_by = EXCLUDED.updated_by
    RETURNING ${COLUMNS}`.execute(tx)
  return put.rows[0] as TestCase
}

export async function removeTestCase(
  world: TestWorld,
  actor: Actor,
  { notebook: ref, name }: { readonly notebook: string; readonly name: string },
): Promise<Catalogued<undefined>> {
  const found = await editable(world, actor, ref)
  if (!found.ok) return found
  const { value: notebook } = found
  const at = world.clock.now()
  return world.db.transaction().execute(async (tx) => {
    const done = await sql`DELETE FROM test_case WHERE notebook_id = ${notebook.id} AND name = ${name}`.execute(tx)
    if (done.numAffectedRows !== 1n) return refuse("no_such_test", `There is no test case ${JSON.stringify(name.slice(0, 100))}.`)
    await record(tx, { actor, action: "test.remove", notebook, detail: { name }, at })
    return accepted(undefined)
  })
}

type Deed = {
  readonly actor: Actor
  readonly action: string
  readonly notebook: NotebookRow
  readonly detail: JsonObject
  readonly at: number
}

async function record(tx: Db, { actor, action, notebook, detail, at }: Deed): Promise<void> {
  await audit(tx, { actor, action, thing: `notebook/${notebook.id}`, space: notebook.space.id, outcome: "done", detail, at })
}

/** All of them as the file beside the notebook: as it was put, comments and all, while it still says what is so. "" for none. */
export async function testFileOf(world: TestWorld, actor: Actor, ref: string): Promise<Catalogued<string>> {
  const found = await readable(world, actor, ref)
  return found.ok ? accepted((await testTexts(world.db, [found.value.id])).get(found.value.id) ?? "") : found
}

/** Of those that have any. */
export async function testTexts(db: Db, notebooks: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const cases = await sql<TestCase & { text: string | null; path: string }>`
    SELECT c.id, c.notebook_id AS notebook, c.name, c.parameters, c.expects, c.mocks, c.updated_at AS "updatedAt", n.tests_text AS text, n.path
    FROM test_case c JOIN notebook n ON n.id = c.notebook_id WHERE c.notebook_id = ANY(${[...notebooks]}::text[]) ORDER BY ${naturally(sql`c.name`)}, c.name`.execute(
    db,
  )
  const texts = [...Map.groupBy(cases.rows, ({ notebook }) => notebook)].map(([notebook, rows]) => {
    const [first] = rows
    const put = first?.text == null ? undefined : readCases(first.text, first.path)
    return [notebook, put?.ok && sameCases(put.value, rows) ? (first?.text ?? "") : writeCases(rows)] as const
  })
  return new Map(texts)
}

/** `created` is false when it said the same already. */
export type FilePut = { readonly cases: readonly TestCase[]; readonly created: boolean }

/** The file's cases in place of all there were. Refuses bad_test_file with everything that is wrong with it. */
export async function putTestFile(
  world: TestWorld,
  actor: Actor,
  { notebook: ref, text }: { readonly notebook: string; readonly text: string },
): Promise<Catalogued<FilePut>> {
  const found = await editable(world, actor, ref)
  if (!found.ok) return found
  const { value: notebook } = found
  const cases = readCases(text, nameOf(caseFileFor(notebook.path)))
  if (!cases.ok) return refuse("bad_test_file", cases.refusal.message)
  const damaged = cases.value.find(holdsNul)
  if (damaged) return refuse("bad_test_file", unkept(damaged.name))
  const at = world.clock.now()
  return world.db.transaction().execute(async (tx) => {
    await sql`SELECT FROM notebook WHERE id = ${notebook.id} FOR UPDATE`.execute(tx)
    const before = await testCasesOf(tx, notebook.id)
    await sql`UPDATE notebook SET tests_text = ${text} WHERE id = ${notebook.id} AND tests_text IS DISTINCT FROM ${text}`.execute(tx)
    if (sameCases(before, cases.value)) return accepted({ cases: before, created: false })
    const names = cases.value.map(({ name }) => name)
    await sql`DELETE FROM test_case WHERE notebook_id = ${notebook.id} AND name <> ALL(${names}::text[])`.execute(tx)
    for (const spec of cases.value) await insert(tx, world, { notebook, spec, actor, at })
    await record(tx, { actor, action: "test.put", notebook, detail: { cases: names.length }, at })
    return accepted({ cases: await testCasesOf(tx, notebook.id), created: true })
  })
}
