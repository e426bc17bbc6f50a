/**
 * Somebody's word that test cases may repeat what cells change outside. It is kept with what was listed when they gave it, so that tests
 * which begin on their own go on as long as that is all they would change; it counts while whoever gave it has not left.
 */
import { sql } from "kysely"
import { type Repetitions, repetitionsOf } from "#case/index.ts"
import type { Db } from "#database/index.ts"
import { sourcesOf, type TestCase, type VersionRow, versionBytes } from "#library/index.ts"
import { read } from "#notebook/index.ts"
import { type Actor, audit, type NotebookId, type SpaceId } from "#people/index.ts"
import type { TemplateWorld } from "#template/ports.ts"

type Cases = readonly Pick<TestCase, "parameters" | "mocks">[]
type Version = Parameters<typeof versionBytes>[1] & Pick<VersionRow, "manifest">

export async function testedVersion(
  db: Db,
  { notebook, version }: { readonly notebook: NotebookId; readonly version: number },
): Promise<Version | undefined> {
  const { rows } = await sql<Pick<VersionRow, "sha256" | "manifest">>`
    SELECT sha256, manifest FROM version WHERE notebook_id = ${notebook} AND number = ${version}`.execute(db)
  const [row] = rows
  return row && { notebook, number: version, ...row }
}

/** What cannot be read does not run, and changes nothing. */
export async function repetitionsIn(world: TemplateWorld, version: Version, cases: Cases): Promise<Repetitions> {
  const reading = read(await versionBytes(world.library, version))
  if (!reading.ok) return { cells: [], effects: [] }
  return repetitionsOf(reading.value.notebook, cases, { sources: await sourcesOf(world.library, version), digests: version.manifest })
}

/** Whether somebody who has not left said yes to each of them. */
export async function isCovered(
  { db, sha256 }: Pick<TemplateWorld, "db" | "sha256">,
  notebook: string,
  effects: readonly string[],
): Promise<boolean> {
  if (effects.length === 0) return true
  const found = await sql<{ covered: number }>`
    SELECT count(*)::int AS covered FROM standing_yes y JOIN person p ON p.id = y.said_by
    WHERE y.notebook_id = ${notebook} AND p.disabled_at IS NULL AND y.effect = ANY (${digestsOf(sha256, effects)}::text[])`.execute(db)
  return found.rows[0]?.covered === effects.length
}

type Saying = {
  readonly actor: Actor
  readonly notebook: string
  readonly space: SpaceId
  readonly repetitions: Repetitions
  /** With what it was said, for the audit. */
  readonly with: Readonly<Record<string, string | number>>
  readonly at: number
}

/** In the transaction of what it was said with. */
export async function keepYes(tx: Db, { sha256 }: Pick<TemplateWorld, "sha256">, said: Saying): Promise<void> {
  const { actor, notebook, space, repetitions, at } = said
  if (repetitions.effects.length === 0) return
  await sql`
    INSERT INTO standing_yes (notebook_id, effect, said_by, said_at)
    SELECT ${notebook}, effect, ${actor.id}, ${new Date(at)} FROM unnest(${digestsOf(sha256, repetitions.effects)}::text[]) effect
    ON CONFLICT (notebook_id, effect) DO UPDATE SET said_by = EXCLUDED.said_by, said_at = EXCLUDED.said_at`.execute(tx)
  const cells = repetitions.cells.map(({ number, what }) => ({ number, what: [...what] }))
  await audit(tx, { actor, action: "test.yes", thing: `notebook/${notebook}`, space, outcome: "done", detail: { ...said.with, cells }, at })
}

function digestsOf(sha256: TemplateWorld["sha256"], effects: readonly string[]): readonly string[] {
  return effects.map((text) => sha256(new TextEncoder().encode(text)))
}
