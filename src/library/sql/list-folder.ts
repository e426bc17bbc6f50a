import { type RawBuilder, sql } from "kysely"
import { accepted } from "#base/outcome.ts"
import { type Db, firstOf } from "#database/index.ts"
import { fromCursor, TEXT, toCursor } from "#library/cursor.ts"
import type { FileRow, NotebookRow, Page } from "#library/notebook-row.ts"
import { toFolder } from "#library/path.ts"
import { type Catalogued, noSuch } from "#library/refusal.ts"
import { filesWhere } from "#library/sql/find-file.ts"
import { notebooksWhere } from "#library/sql/find-notebook.ts"
import { getSpace } from "#library/sql/find-space.ts"
import type { Actor, SpaceId } from "#people/index.ts"

export type Item =
  | { readonly kind: "folder"; readonly path: string }
  | { readonly kind: "notebook"; readonly path: string; readonly notebook: NotebookRow }
  | { readonly kind: "file"; readonly path: string; readonly file: FileRow }

export type ListFolder = {
  /** Id or name. */
  readonly space: string
  /** Default "": the space itself. */
  readonly folder?: string
  /** 1 to 1,000, default 200. */
  readonly limit?: number
  readonly cursor?: string
}

/**
 * What stands directly in a folder: first its folders, then notebooks and files, each by name as people order names
 * (natural_order of db/0031.sql). A grant on one notebook does not open its folder. Refuses no_such_space, no_such_folder, bad_path, bad_cursor.
 */
export async function listFolder(db: Db, actor: Actor, asked: ListFolder): Promise<Catalogued<Page<Item>>> {
  const space = await getSpace(db, actor, asked.space)
  if (!space.ok) return space
  const folder = toFolder(asked.folder ?? "")
  if (!folder.ok) return folder
  const cursor = asked.cursor === undefined ? accepted(["folder", ""] as const) : fromCursor(asked.cursor, "folder", [/^(folder|item)$/, TEXT])
  if (!cursor.ok) return cursor
  const [part, after = ""] = cursor.value
  const limit = Math.min(Math.max(asked.limit ?? 200, 1), 1000)
  const within: Within = { space: space.value.id, prefix: folder.value === "" ? "" : `${folder.value}/` }
  const folders = part === "folder" ? await foldersIn(db, within, { after, limit: limit + 1 }) : []
  const others = await itemsIn(db, within, { after: part === "folder" ? "" : after, limit: limit + 1 - folders.length })
  const all = [...folders, ...others]
  if (all.length === 0 && folder.value !== "" && asked.cursor === undefined) return noSuch("folder", folder.value)
  const given = all.slice(0, limit)
  const last = given.at(-1)
  const items = await filled(db, given)
  return accepted(all.length > limit && last ? { items, next: toCursor("folder", last.kind === "folder" ? "folder" : "item", last.path) } : { items })
}

type Within = { readonly space: SpaceId; readonly prefix: string }
type Part = { readonly after: string; readonly limit: number }
type Bare = { readonly kind: "folder" | "notebook" | "file"; readonly path: string; readonly id: string }

/**
 * The folders directly below, without reading what is in them: from each one found, the index is asked for the next path
 * that is not in it ("0" is what follows "/"). It knows them by their bytes, so every page finds all of them (1,000: 50 ms) and
 * takes its own.
 */
async function foldersIn(db: Db, { space, prefix }: Within, { after, limit }: Part): Promise<readonly Bare[]> {
  const next = (from: RawBuilder<unknown>) => {
    const upto = prefix === "" ? sql`` : sql` AND folder < ${`${prefix.slice(0, -1)}0`}`
    const least = (table: string) =>
      sql`(SELECT folder FROM ${sql.table(table)} WHERE space_id = ${space} AND trashed_at IS NULL AND folder > ${prefix} AND folder >= ${from}${upto}
        ORDER BY folder LIMIT 1)`
    return sql`(SELECT ${prefix} || split_part(substr(least(${least("notebook")}, ${least("file")}), char_length(${prefix}) + 1), '/', 1))`
  }
  const found = await sql<{ path: string }>`
    WITH RECURSIVE step(path) AS (
      SELECT ${next(sql`${prefix}`)}
      UNION ALL
      SELECT ${next(sql`(step.path || '0')`)} FROM step WHERE step.path IS NOT NULL
    ), named AS (SELECT path COLLATE "C" AS path, natural_order(path) COLLATE "C" AS path_order FROM step WHERE path IS NOT NULL)
    SELECT path FROM named WHERE ${comesAfter(after)} ORDER BY path_order, path LIMIT ${firstOf(limit)}`.execute(db)
  return found.rows.map(({ path }) => ({ kind: "folder", path, id: "" }))
}

/** Of what has a path and its path_order. */
function comesAfter(path: string): RawBuilder<unknown> {
  return sql`(path_order, path) > (natural_order(${path}), ${path})`
}

async function itemsIn(db: Db, { space, prefix }: Within, { after, limit }: Part): Promise<readonly Bare[]> {
  if (limit <= 0) return []
  const from = (table: string) =>
    sql`(SELECT ${sql.lit(table)} AS kind, path, path_order, id FROM ${sql.table(table)}
      WHERE space_id = ${space} AND folder = ${prefix} AND ${comesAfter(after)} AND trashed_at IS NULL
      ORDER BY path_order, path LIMIT ${firstOf(limit)})`
  const found = await sql<Bare>`
    SELECT kind, path, id FROM (${from("notebook")} UNION ALL ${from("file")}) AS item ORDER BY path_order, path LIMIT ${firstOf(limit)}`.execute(db)
  return found.rows
}

async function filled(db: Db, bare: readonly Bare[]): Promise<readonly Item[]> {
  const ids = (kind: Bare["kind"]) => sql`${bare.filter((one) => one.kind === kind).map(({ id }) => id)}::text[]`
  const notebooks = new Map((await notebooksWhere(db, sql`n.id = ANY(${ids("notebook")})`)).map((one) => [String(one.id), one]))
  const files = new Map((await filesWhere(db, sql`f.id = ANY(${ids("file")})`)).map((one) => [one.id, one]))
  return bare.flatMap(({ kind, path, id }): Item[] => {
    const notebook = notebooks.get(id)
    const file = files.get(id)
    // What went into the trash between the two queries is left out.
    if (kind === "folder") return [{ kind, path }]
    return notebook ? [{ kind: "notebook", path, notebook }] : file ? [{ kind: "file", path, file }] : []
  })
}
