import { sql } from "kysely"
import type { Db } from "#database/index.ts"
import { foldersAbove, type LibraryPath } from "#library/path.ts"
import type { Refused } from "#library/refusal.ts"
import type { SpaceId } from "#people/index.ts"

/**
 * Holds the paths of these spaces until the transaction ends, so that two who want the same place come one after the other.
 * Whoever gives something a path takes this first; always in the order of ids, so that none waits for the other for ever.
 * False when one of them is gone or in the trash.
 */
export async function holdPaths(tx: Db, spaces: readonly SpaceId[]): Promise<boolean> {
  const wanted = [...new Set(spaces)].sort()
  const found = await sql`SELECT id FROM space WHERE id IN (${sql.join(wanted)}) AND trashed_at IS NULL ORDER BY id FOR NO KEY UPDATE`.execute(tx)
  return found.rows.length === wanted.length
}

export type Claim = { readonly space: SpaceId; readonly path: LibraryPath }

/**
 * Why nothing new can stand at this path: something does, or stands where one of its folders would have to be, or the path is
 * itself a folder. Undefined when it is free; it stays so under `holdPaths`.
 */
export async function whyTaken(tx: Db, { space, path }: Claim): Promise<Refused | undefined> {
  const above = foldersAbove(path)
  const here = sql`space_id = ${space} AND trashed_at IS NULL AND (path IN (${sql.join([path, ...above])}) OR (path > ${`${path}/`} AND path < ${`${path}0`}))`
  const found = await sql<{ path: string; kind: "notebook" | "file" }>`
    (SELECT path, 'notebook' AS kind FROM notebook WHERE ${here} LIMIT 1) UNION ALL (SELECT path, 'file' FROM file WHERE ${here} LIMIT 1) LIMIT 1`.execute(
    tx,
  )
  const [row] = found.rows
  if (!row) return undefined
  if (row.path === path) return taken(path, row.kind, `There is a ${row.kind} at ${JSON.stringify(path)} already`)
  if (row.path.startsWith(`${path}/`)) return taken(path, "folder", `${JSON.stringify(path)} is a folder`)
  return taken(row.path, row.kind, `${JSON.stringify(row.path)} is a ${row.kind}, so it cannot be a folder`)
}

function taken(path: string, by: "notebook" | "file" | "folder", why: string): Refused {
  return { ok: false, refusal: { refused: "path_taken", path, by, message: `${why}: choose another path.` } }
}
