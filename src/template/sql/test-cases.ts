/** Test cases: with what a version must run, and what must come of it. */
import { sql } from "kysely"
import { newId } from "#base/id.ts"
import { type JsonObject, write } from "#base/json.ts"
import { accepted, type Outcome } from "#base/outcome.ts"
import type { Expects } from "#case/index.ts"
import type { Db } from "#database/index.ts"
import { getNotebook } from "#library/index.ts"
import { type Actor, audit, type NotebookId, type SpaceId, verdict } from "#people/index.ts"
import type { TemplateWorld } from "#template/ports.ts"
import { refuse, type TemplateRefusal } from "#template/refusal.ts"

export type TestCase = {
  readonly id: string
  readonly notebook: NotebookId
  readonly name: string
  readonly parameters: JsonObject
  readonly expects: Expects
  readonly updatedAt: number
}

export type TestCaseSpec = Pick<TestCase, "name" | "parameters" | "expects">

const COLUMNS = sql`id, notebook_id AS notebook, name, parameters, expects, updated_at AS "updatedAt"`

export async function testCasesOf(db: Db, notebook: string): Promise<readonly TestCase[]> {
  const found = await sql<TestCase>`SELECT ${COLUMNS} FROM test_case WHERE notebook_id = ${notebook} ORDER BY name LIMIT 200`.execute(db)
  return found.rows
}

export async function listTestCases(world: TemplateWorld, actor: Actor, notebook: string): Promise<Outcome<readonly TestCase[], TemplateRefusal>> {
  const found = await notebookFor(world, actor, notebook, "read")
  return found.ok ? accepted(await testCasesOf(world.db, found.value.id)) : found
}

/** Under its name: in place of the one that has it. */
export async function putTestCase(
  world: TemplateWorld,
  actor: Actor,
  { notebook, ...spec }: TestCaseSpec & { readonly notebook: string },
): Promise<Outcome<TestCase, TemplateRefusal>> {
  const found = await notebookFor(world, actor, notebook, "edit")
  if (!found.ok) return found
  const at = world.clock.now()
  return world.db.transaction().execute(async (tx) => {
    const put = await sql<TestCase>`
      INSERT INTO test_case (id, space_id, notebook_id, name, parameters, expects, created_at, updated_at, updated_by)
      VALUES (${newId<"TestCase">(at, world.random)}, ${found.value.space}, ${found.value.id}, ${spec.name}, ${write(spec.parameters)}::json,
        ${write(spec.expects as unknown as JsonObject)}::json, ${new Date(at)}, ${new Date(at)}, ${actor.id})
      ON CONFLICT (notebook_id, name) DO UPDATE SET parameters = EXCLUDED.parameters, expects = EXCLUDED.expects, updated_at = EXCLUDED.updated_at,
        updated_by = EXCLUDED.updated_by
      RETURNING ${COLUMNS}`.execute(tx)
    await audit(tx, {
      actor,
      action: "test.put",
      thing: `notebook/${found.value.id}`,
      space: found.value.space,
      outcome: "done",
      detail: { name: spec.name },
      at,
    })
    return accepted(put.rows[0] as TestCase)
  })
}

export async function removeTestCase(
  world: TemplateWorld,
  actor: Actor,
  { notebook, name }: { readonly notebook: string; readonly name: string },
): Promise<Outcome<undefined, TemplateRefusal>> {
  const found = await notebookFor(world, actor, notebook, "edit")
  if (!found.ok) return found
  const at = world.clock.now()
  return world.db.transaction().execute(async (tx) => {
    const done = await sql`DELETE FROM test_case WHERE notebook_id = ${found.value.id} AND name = ${name}`.execute(tx)
    if (done.numAffectedRows !== 1n) return refuse("no_such_test", `There is no test case ${JSON.stringify(name.slice(0, 100))}.`)
    await audit(tx, {
      actor,
      action: "test.remove",
      thing: `notebook/${found.value.id}`,
      space: found.value.space,
      outcome: "done",
      detail: { name },
      at,
    })
    return accepted(undefined)
  })
}

type Found = { readonly id: NotebookId; readonly space: SpaceId; readonly latest: number; readonly path: string; readonly spaceName: string }

export async function notebookFor(
  { db }: Pick<TemplateWorld, "db">,
  actor: Actor,
  ref: string,
  action: "read" | "edit",
): Promise<Outcome<Found, TemplateRefusal>> {
  const found = await getNotebook(db, actor, ref)
  if (!found.ok || found.value.trashedAt !== null)
    return refuse("no_such_notebook", `There is no notebook ${JSON.stringify(ref.slice(0, 200))}, or you may not see it.`)
  const { id, space, latest, path } = found.value
  const said = await verdict(db, actor, action, { space: space.id, notebook: id })
  if (said !== "allowed")
    return refuse("not_allowed", "You may not change the tests of this notebook: ask an administrator of its space for the role of an editor.")
  return accepted({ id, space: space.id, latest, path, spaceName: space.name })
}
