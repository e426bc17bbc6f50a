/** The files beside a notebook as its live session is given them, and those that a session left when it ended. */
import { sql } from "kysely"
import { type Db, naturally } from "#database/index.ts"

export type Beside = { readonly path: string; readonly sha256: string; readonly sizeBytes: number }

/** How many changes there were of the files of the notebook's space, and where the notebook stands; undefined when it is gone. */
export async function placeOfFiles(db: Db, notebook: string): Promise<{ readonly folder: string; readonly changes: number } | undefined> {
  const { rows } = await sql<{ path: string; changes: number }>`
    SELECT n.path, s.file_changes AS changes FROM notebook n JOIN space s ON s.id = n.space_id WHERE n.id = ${notebook}`.execute(db)
  const [row] = rows
  return row && { folder: row.path.slice(0, row.path.lastIndexOf("/") + 1), changes: row.changes }
}

/** In the notebook's folder and below it, the nearest first. */
export async function filesBeside(db: Db, notebook: string, { folder, limit }: { readonly folder: string; readonly limit: number }) {
  const { rows } = await sql<Beside>`
    SELECT f.path, f.sha256, f.size_bytes AS "sizeBytes" FROM notebook n JOIN file f ON f.space_id = n.space_id
    WHERE n.id = ${notebook} AND f.trashed_at IS NULL AND starts_with(f.folder, ${folder})
    ORDER BY length(f.folder) - length(replace(f.folder, '/', '')), f.path LIMIT ${limit}`.execute(db)
  return rows
}

export type LeftFile = { readonly path: string; readonly sizeBytes: number; readonly sha256: string; readonly changedAt: number }

/** In the place of what earlier sessions of the notebook left. */
export async function keepLeft(db: Db, session: string, files: readonly LeftFile[]): Promise<void> {
  await db.transaction().execute(async (tx) => {
    await sql`DELETE FROM session_file WHERE session_id IN (
      SELECT o.id FROM session o JOIN session s ON s.notebook_id = o.notebook_id WHERE s.id = ${session})`.execute(tx)
    for (const { path, sizeBytes, sha256, changedAt } of files)
      await sql`INSERT INTO session_file (session_id, path, sha256, size_bytes, changed_at)
        VALUES (${session}, ${path}, ${sha256}, ${sizeBytes}, ${new Date(changedAt)})`.execute(tx)
  })
}

/** Of the last session that left any. */
export async function leftFiles(db: Db, notebook: string): Promise<readonly LeftFile[]> {
  const { rows } = await sql<LeftFile>`
    SELECT f.path, f.size_bytes AS "sizeBytes", f.sha256, f.changed_at AS "changedAt" FROM session_file f
    WHERE f.session_id = (SELECT max(s.id) FROM session s JOIN session_file o ON o.session_id = s.id WHERE s.notebook_id = ${notebook})
    ORDER BY ${naturally(sql`f.path`)}, f.path`.execute(db)
  return rows
}
