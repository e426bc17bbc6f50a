/** Schemas that an earlier edition of Stet wrote are read anew: each once, wherever it was interrupted, and not while a proposal is open. */
import { sql } from "kysely"
import { afterAll, beforeAll, expect, test } from "vitest"
import type { JsonObject } from "#base/json.ts"
import { readSchemasAnew, resolveVersion, saveVersion } from "#library/index.ts"
import { putFile } from "#library/sql/put-file.ts"
import { rewriteSchema } from "#library/sql/version-schema.ts"
import { grant, person, space, type TestWorld, testWorld } from "#library/testing.ts"
import { SCHEMA_EDITION } from "#library/versions-about.ts"
import type { Actor, NotebookId } from "#people/index.ts"

let world: TestWorld
let editor: Actor
beforeAll(async () => {
  world = await testWorld()
  editor = await person(world.db, "editor")
  await grant(world.db, editor, { space: await space(world.db, "home"), role: "editor" })
})
afterAll(() => world.close())

async function saved(path: string, parameters: string): Promise<NotebookId> {
  const cells = [{ cell_type: "code", id: "p", metadata: { tags: ["parameters"] }, source: parameters, outputs: [], execution_count: null }]
  const metadata = { kernelspec: { name: "python3", display_name: "Python 3" }, language_info: { name: "python" } }
  const bytes = new TextEncoder().encode(JSON.stringify({ cells, metadata, nbformat: 4, nbformat_minor: 5 }))
  const outcome = await saveVersion(world, editor, { space: "home", path, bytes, source: "api" })
  if (!outcome.ok) throw new Error(outcome.refusal.message)
  return outcome.value.version.notebook
}

/** As versions were that are older than the column. */
async function madeOld(notebook: NotebookId, schema: object): Promise<void> {
  await world.db.transaction().execute(async (tx) => {
    await sql`ALTER TABLE version DISABLE TRIGGER version_stays`.execute(tx)
    await sql`UPDATE version SET parameters = ${JSON.stringify(schema)}::json, schema_edition = 0 WHERE notebook_id = ${notebook}`.execute(tx)
    await sql`ALTER TABLE version ENABLE TRIGGER version_stays`.execute(tx)
  })
}

async function schemaOf(notebook: NotebookId): Promise<JsonObject> {
  const found = await resolveVersion(world, editor, "read", { notebook })
  if (!found.ok) throw new Error(found.refusal.message)
  return found.value.parameters as JsonObject
}

const OLD = { type: "object", properties: { data: { type: "string", default: "gone.csv" } }, additionalProperties: false }

test("an old version asks for the file that did not come with it, and keeps the default that did", async () => {
  await putFile(world, editor, { space: "home", path: "in/here.csv", content: Buffer.from("a,b\n1,2\n") })
  const without = await saved("without.ipynb", 'data = "gone.csv"  # [file: .csv]')
  const withIt = await saved("in/with.ipynb", 'data = "here.csv"  # [file: .csv]')
  const [wanted, kept] = [await schemaOf(without), await schemaOf(withIt)]
  expect([wanted["required"], (kept["properties"] as { data: object }).data]).toEqual([["data"], expect.objectContaining({ default: "here.csv" })])
  await madeOld(without, OLD)
  await madeOld(withIt, OLD)
  // A notebook that was moved since still has the file that came with that version.
  await sql`UPDATE notebook SET path = 'elsewhere/with.ipynb' WHERE id = ${withIt}`.execute(world.db)

  expect(await readSchemasAnew(world)).toEqual({ read: 2, changed: 2, unreadable: 0 })
  expect([await schemaOf(without), await schemaOf(withIt)]).toEqual([wanted, kept])
  expect(await readSchemasAnew(world)).toEqual({ read: 0, changed: 0, unreadable: 0 })
})

test("it goes on where it was ended, past what cannot be read, and tells what did not change", async () => {
  const [same, lost, last] = [await saved("a.ipynb", "x = 1"), await saved("b.ipynb", "x = 2"), await saved("c.ipynb", "x = 3")]
  const right = await schemaOf(same)
  for (const notebook of [same, lost, last]) await madeOld(notebook, notebook === same ? right : OLD)
  const before = await sql<{ stored: Uint8Array }>`SELECT stored FROM version WHERE notebook_id = ${lost}`.execute(world.db)
  const damage = (stored: Uint8Array) =>
    world.db.transaction().execute(async (tx) => {
      await sql`ALTER TABLE version DISABLE TRIGGER version_stays`.execute(tx)
      await sql`UPDATE version SET stored = ${stored} WHERE notebook_id = ${lost}`.execute(tx)
      await sql`ALTER TABLE version ENABLE TRIGGER version_stays`.execute(tx)
    })
  await damage(Buffer.from("no longer anything"))
  expect(await readSchemasAnew(world)).toEqual({ read: 2, changed: 1, unreadable: 1 })
  expect([await schemaOf(last), await schemaOf(lost)]).toEqual([expect.objectContaining({ properties: { x: expect.anything() } }), OLD])
  await damage(before.rows[0]?.stored ?? new Uint8Array())
  expect(await readSchemasAnew(world)).toEqual({ read: 1, changed: 1, unreadable: 0 })
})

test("a schema is rewritten by a later edition only, and nothing else with it", async () => {
  const notebook = await saved("stays.ipynb", "x = 1")
  const before = await schemaOf(notebook)
  expect(await rewriteSchema(world.db, { notebook, number: 1 }, { edition: SCHEMA_EDITION, parameters: OLD })).toBe(false)
  expect(await schemaOf(notebook)).toEqual(before)
  for (const set of [
    sql`parameters = '{}'`,
    sql`parameters = '{}', schema_edition = ${SCHEMA_EDITION}`,
    sql`schema_edition = 0`,
    sql`schema_edition = 99, kernel_name = 'other'`,
  ])
    await expect(sql`UPDATE version SET ${set} WHERE notebook_id = ${notebook}`.execute(world.db)).rejects.toThrow(/cannot be changed/)
})
