import { sql } from "kysely"
import type { Db } from "#database/index.ts"
import type { NotebookId, SpaceId } from "#people/index.ts"

/** Something of a space that a notebook may need: a file, or another notebook in its newest version. */
export type Neighbour = {
  readonly path: string
  readonly sha256: string
  readonly sizeBytes: number
  readonly notebook: NotebookId | null
  readonly number: number | null
}

export async function neighboursIn(db: Db, space: SpaceId): Promise<readonly Neighbour[]> {
  const found = await sql<Neighbour>`
    SELECT path, sha256, size_bytes AS "sizeBytes", NULL AS notebook, NULL AS number FROM file WHERE space_id = ${space} AND trashed_at IS NULL
    UNION ALL
    SELECT n.path, v.sha256, v.size_bytes, n.id, v.number FROM notebook n JOIN version v ON v.notebook_id = n.id AND v.number = n.latest
    WHERE n.space_id = ${space} AND n.trashed_at IS NULL`.execute(db)
  return found.rows
}

/**
 * Whether the files that the newest version of a notebook names may no longer be those of the space: one of them was changed,
 * moved or removed, one was put there since, or runs have opened others.
 */
export async function filesMayDiffer(db: Db, notebook: NotebookId): Promise<boolean> {
  const found = await sql<{ differ: boolean }>`
    SELECT
      EXISTS (SELECT FROM file f WHERE f.space_id = n.space_id AND f.updated_at >= v.created_at)
      OR EXISTS (SELECT FROM jsonb_each_text(v.manifest) m
        WHERE NOT EXISTS (SELECT FROM file f WHERE f.space_id = n.space_id AND f.trashed_at IS NULL AND f.path = m.key AND f.sha256 = m.value)
          AND NOT EXISTS (SELECT FROM notebook o JOIN version w ON w.notebook_id = o.id AND w.number = o.latest
            WHERE o.space_id = n.space_id AND o.trashed_at IS NULL AND o.path = m.key AND w.sha256 = m.value))
      OR EXISTS (SELECT FROM unnest(n.opened) o(path) JOIN file f ON f.space_id = n.space_id AND f.trashed_at IS NULL AND f.path = o.path
        WHERE NOT v.manifest ? o.path) AS differ
    FROM notebook n JOIN version v ON v.notebook_id = n.id AND v.number = n.latest WHERE n.id = ${notebook}`.execute(db)
  return found.rows[0]?.differ ?? false
}

/** Together with those that were recorded before. */
export const MOST_OPENED = 1000

/** Adds to what runs of a notebook were seen to open. Gives how many it then knows. */
export async function addOpened(tx: Db, notebook: NotebookId, paths: readonly string[]): Promise<number> {
  const found = await sql<{ count: number }>`
    UPDATE notebook SET opened = ARRAY(
      SELECT path FROM (SELECT DISTINCT path FROM unnest(opened || ${[...paths]}::text[]) AS o(path)) d ORDER BY path COLLATE "C" LIMIT ${MOST_OPENED})
    WHERE id = ${notebook} RETURNING cardinality(opened) AS count`.execute(tx)
  return found.rows[0]?.count ?? 0
}
