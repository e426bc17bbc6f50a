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
 * Whether what the newest version of a notebook needs may no longer be what it would need now: files of its space came, went,
 * moved or changed, runs have opened others, or a notebook that it runs has a newer version.
 */
export async function filesMayDiffer(db: Db, notebook: NotebookId): Promise<boolean> {
  const found = await sql<{ differ: boolean }>`
    SELECT n.file_changes <> s.file_changes
      OR EXISTS (SELECT FROM jsonb_each_text(v.manifest) m WHERE m.key LIKE '%.ipynb' AND NOT EXISTS (
        SELECT FROM notebook o JOIN version w ON w.notebook_id = o.id AND w.number = o.latest
        WHERE o.space_id = n.space_id AND o.trashed_at IS NULL AND o.path = m.key AND w.sha256 = m.value)) AS differ
    FROM notebook n JOIN space s ON s.id = n.space_id JOIN version v ON v.notebook_id = n.id AND v.number = n.latest
    WHERE n.id = ${notebook}`.execute(db)
  return found.rows[0]?.differ ?? false
}

/** How many changes of a space's files there have been: asked before its files are listed. */
export async function fileChangesOf(db: Db, space: SpaceId): Promise<number> {
  const found = await sql<{ changes: number }>`SELECT file_changes AS changes FROM space WHERE id = ${space}`.execute(db)
  return found.rows[0]?.changes ?? 0
}

/** Says that the newest version's manifest is right as of so many changes. */
export async function setFileChanges(db: Db, notebook: NotebookId, changes: number): Promise<void> {
  await sql`UPDATE notebook SET file_changes = ${changes} WHERE id = ${notebook}`.execute(db)
}

/** Together with those that were recorded before. */
const MOST_OPENED = 1000

/** Adds to what runs of a notebook were seen to open. Gives how many it then knows. */
export async function addOpened(tx: Db, notebook: NotebookId, paths: readonly string[]): Promise<number> {
  const found = await sql<{ count: number }>`
    UPDATE notebook SET file_changes = -1, opened = ARRAY(
      SELECT path FROM (SELECT DISTINCT path FROM unnest(opened || ${[...paths]}::text[]) AS o(path)) d ORDER BY path COLLATE "C" LIMIT ${MOST_OPENED})
    WHERE id = ${notebook} RETURNING cardinality(opened) AS count`.execute(tx)
  return found.rows[0]?.count ?? 0
}
