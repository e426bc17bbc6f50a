import { sql } from "kysely"
import type { Db } from "#database/index.ts"
import type { CatalogWorld } from "#library/sql/permit.ts"
import { audit, SYSTEM } from "#people/index.ts"

export type Purged = {
  readonly notebooks: number
  readonly files: number
  readonly spaces: number
  /** Notebooks that stay because results of theirs are kept, or templates; they go when those do. */
  readonly heldByRuns: number
}

const AT_ONCE = 500

const DAY_MS = 86_400_000

/**
 * Removes for good what has been in the trash for more than `days`. A notebook stays as long as there is a
 * run of it, or a template: a result is read for ever, and says which version it is of; a template runs on. Blobs that nothing names any more are swept elsewhere.
 */
export async function purgeTrash(world: Pick<CatalogWorld, "db" | "clock">, days: number): Promise<Purged> {
  const before = world.clock.now() - days * DAY_MS
  const old = sql`trashed_at < ${new Date(before)}`
  const notebooks = await inBatches(world, "notebook", (tx) =>
    removeNotebooks(
      tx,
      sql`n.${old} AND NOT EXISTS (SELECT FROM run r WHERE r.notebook_id = n.id)
      AND NOT EXISTS (SELECT FROM template t WHERE t.notebook_id = n.id)`,
    ),
  )
  const files = await inBatches(world, "file", async (tx) => {
    const gone = await sql<{ id: string }>`DELETE FROM file WHERE id IN (SELECT id FROM file WHERE ${old} LIMIT ${AT_ONCE}) RETURNING id`.execute(tx)
    return gone.rows.map(({ id }) => id)
  })
  const held = await sql<{ count: number }>`SELECT count(*)::int AS count FROM notebook WHERE ${old}`.execute(world.db)
  const spaces = await inBatches(world, "space", (tx) => removeSpaces(tx, before))
  return { notebooks, files, spaces, heldByRuns: held.rows[0]?.count ?? 0 }
}

type Removal = (tx: Db) => Promise<readonly string[]>

async function inBatches(world: Pick<CatalogWorld, "db" | "clock">, noun: string, remove: Removal): Promise<number> {
  for (let total = 0; ; ) {
    const ids = await world.db.transaction().execute(async (tx) => {
      const gone = await remove(tx)
      if (gone.length > 0)
        await audit(tx, { actor: SYSTEM, action: `${noun}.purge`, thing: noun, outcome: "done", detail: { ids: gone }, at: world.clock.now() })
      return gone
    })
    total += ids.length
    if (ids.length === 0) return total
  }
}

async function removeNotebooks(tx: Db, where: ReturnType<typeof sql>): Promise<readonly string[]> {
  const found = await sql<{ id: string }>`SELECT n.id FROM notebook n WHERE ${where} LIMIT ${AT_ONCE} FOR UPDATE SKIP LOCKED`.execute(tx)
  const ids = found.rows.map(({ id }) => id)
  await sql`DELETE FROM version WHERE notebook_id = ANY(${ids}::text[])`.execute(tx)
  await sql`DELETE FROM notebook WHERE id = ANY(${ids}::text[])`.execute(tx)
  return ids
}

/** Spaces of the trash with nothing left that is to be kept. */
async function removeSpaces(tx: Db, before: number): Promise<readonly string[]> {
  const found = await sql<{ id: string }>`SELECT s.id FROM space s WHERE s.trashed_at < ${new Date(before)}
    AND NOT EXISTS (SELECT FROM run r WHERE r.space_id = s.id) AND NOT EXISTS (SELECT FROM template t WHERE t.space_id = s.id) LIMIT 1 FOR UPDATE SKIP LOCKED`.execute(
    tx,
  )
  const ids = found.rows.map(({ id }) => id)
  const inSpace = sql`space_id = ANY(${ids}::text[])`
  await sql`DELETE FROM version WHERE ${inSpace}`.execute(tx)
  await sql`DELETE FROM role_grant WHERE ${inSpace}`.execute(tx)
  await sql`DELETE FROM notebook WHERE ${inSpace}`.execute(tx)
  await sql`DELETE FROM file WHERE ${inSpace}`.execute(tx)
  await sql`DELETE FROM space WHERE id = ANY(${ids}::text[])`.execute(tx)
  return ids
}
