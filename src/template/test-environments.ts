/**
 * When the environment has changed in which a template's approved version runs, or the newest version of a notebook that is tested, the
 * test cases run again in the new one. A template is held to the test cases that it was approved with; a fresh rerun would repeat what
 * the notebook writes, so that is left to people. Looked for every so often, a few at once; two servers take different ones.
 */
import { sql } from "kysely"
import type { Db } from "#database/index.ts"
import { meanings } from "#environment/index.ts"
import { testCasesOf } from "#library/index.ts"
import type { Actor } from "#people/index.ts"
import { begin } from "#template/begin-tests.ts"
import { type Due, dueOf } from "#template/environment-due.ts"
import type { TemplateWorld } from "#template/ports.ts"
import { askedFor, countUnended, type Watched, watchedVersions } from "#template/sql/watched.ts"
import { approvedCases, insertTestRun } from "#template/test-run.ts"
import { readWish } from "#template/wish.ts"

/** Test runs because of an environment that go at the same time, on the whole platform. */
const AT_ONCE = 20
/** Versions whose bytes are read at one look. */
const READ_AT_ONCE = 50

/** `settleMs`: for so long an environment must have been what it is. @returns how many began */
export async function testChangedEnvironments(world: TemplateWorld, { settleMs }: { readonly settleMs: number }): Promise<number> {
  await readWishes(world, await watchedVersions(world.db))
  const at = { known: await meanings(world.db), now: world.clock.now(), settleMs }
  const room = AT_ONCE - (await countUnended(world.db))
  let begun = 0
  for (const due of dueOf(await watchedVersions(world.db), at)) {
    if (begun >= room) break
    const id = await world.db.transaction().execute((tx) => insertDue(tx, world, due))
    if (id === undefined) continue
    await begin(world, id)
    begun++
  }
  return begun
}

async function readWishes(world: TemplateWorld, all: readonly Watched[]): Promise<void> {
  for (const watched of all.filter(({ wish }) => wish === null).slice(0, READ_AT_ONCE)) await readWish(world, watched)
}

/** Undefined when somebody else was faster. */
async function insertDue(tx: Db, world: TemplateWorld, { watched, meaning }: Due): Promise<string | undefined> {
  const { notebook, space, version, template, by, byName, newest } = watched
  const free = await sql`SELECT FROM notebook n WHERE n.id = ${notebook} AND n.trashed_at IS NULL FOR UPDATE SKIP LOCKED`.execute(tx)
  const newer = await sql`SELECT FROM test_run WHERE notebook_id = ${notebook} AND version = ${version} AND id > ${newest}
    AND template_id IS NOT DISTINCT FROM ${template} LIMIT 1`.execute(tx)
  if (free.rows.length === 0 || newer.rows.length > 0) return undefined
  const cases = template === null ? await testCasesOf(tx, notebook) : await approvedCases(tx, template)
  if (cases.length === 0) return undefined
  const actor: Actor = { id: by, name: byName, isAdmin: false, via: { kind: "system" } }
  const at = { environment: meaning.sha256, asked: askedFor(watched, meaning), template }
  return insertTestRun(tx, world, { notebook, space, version, because: "environment", actor, cases, at })
}
