import { type RawBuilder, sql } from "kysely"
import { accepted } from "#base/outcome.ts"
import { type Db, firstOf } from "#database/index.ts"
import { fromCursor, ID, TEXT, toCursor } from "#library/cursor.ts"
import type { FileRow, Page } from "#library/notebook-row.ts"
import { toFolder } from "#library/path.ts"
import { type Catalogued, noSuch } from "#library/refusal.ts"
import { getSpace } from "#library/sql/find-space.ts"
import type { Actor, PersonId, SpaceId } from "#people/index.ts"

type FlatFile = Omit<FileRow, "space" | "owner"> & {
  readonly spaceId: SpaceId
  readonly spaceName: string
  readonly ownerId: PersonId | null
  readonly ownerName: string
  readonly ownerHasLeft: boolean
}

const FILE_COLUMNS = sql`f.id, f.space_id AS "spaceId", s.name AS "spaceName", f.path, f.owner_id AS "ownerId",
  p.name AS "ownerName", p.disabled_at IS NOT NULL AS "ownerHasLeft", f.sha256, f.size_bytes AS "sizeBytes",
  f.created_at AS "createdAt", f.updated_at AS "updatedAt", f.updated_by AS "updatedBy", f.trashed_at AS "trashedAt"`

/** Of `file f`, `space s` and `person p`; by path. */
export async function filesWhere(db: Db, where: RawBuilder<unknown>, limit = 100_000): Promise<readonly FileRow[]> {
  const found = await sql<FlatFile>`SELECT ${FILE_COLUMNS} FROM file f JOIN space s ON s.id = f.space_id LEFT JOIN person p ON p.id = f.owner_id
    WHERE ${where} ORDER BY f.path_order, f.id LIMIT ${firstOf(limit)}`.execute(db)
  return found.rows.map(({ spaceId, spaceName, ownerId, ownerName: name, ownerHasLeft: hasLeft, ...rest }) => ({
    ...rest,
    space: { id: spaceId, name: spaceName },
    owner: ownerId === null ? null : { id: ownerId, name, hasLeft },
  }))
}

/** A file that the actor may read. */
export async function getFile(
  db: Db,
  actor: Actor,
  { space, path }: { readonly space: string; readonly path: string },
): Promise<Catalogued<FileRow>> {
  const found = await getSpace(db, actor, space)
  if (!found.ok) return found
  const file = found.value.trashedAt === null ? await fileAt(db, found.value.id, path) : undefined
  return file ? accepted(file) : noSuch("file", path)
}

export async function fileAt(db: Db, space: SpaceId, path: string): Promise<FileRow | undefined> {
  if (path.includes("\0")) return undefined
  return (await filesWhere(db, sql`f.space_id = ${space} AND f.path = ${path.normalize("NFC")} AND f.trashed_at IS NULL`, 1))[0]
}

export type ListFiles = {
  readonly space: string
  /** With everything below it; default "". */
  readonly folder?: string
  readonly trashed?: boolean
  /** 1 to 1,000, default 200. */
  readonly limit?: number
  readonly cursor?: string
}

/** Files of a space, by path; those in the trash by id. */
export async function listFiles(db: Db, actor: Actor, asked: ListFiles): Promise<Catalogued<Page<FileRow>>> {
  const space = await getSpace(db, actor, asked.space)
  if (!space.ok) return space
  const folder = toFolder(asked.folder ?? "")
  if (!folder.ok) return folder
  const cursor = asked.cursor === undefined ? accepted(["", ""]) : fromCursor(asked.cursor, "files", [TEXT, ID])
  if (!cursor.ok) return cursor
  const [path = "", id = ""] = cursor.value
  const limit = Math.min(Math.max(asked.limit ?? 200, 1), 1000)
  const within = folder.value === "" ? sql`true` : sql`f.path > ${`${folder.value}/`} AND f.path < ${`${folder.value}0`}`
  const trashed = asked.trashed ? sql`f.trashed_at IS NOT NULL` : sql`f.trashed_at IS NULL`
  const where = sql`f.space_id = ${space.value.id} AND s.trashed_at IS NULL AND ${trashed} AND ${within} AND (f.path, f.id) > (${path}, ${id})`
  const found = await filesWhere(db, where, limit + 1)
  const items = found.slice(0, limit)
  const last = items.at(-1)
  return accepted(found.length > limit && last ? { items, next: toCursor("files", last.path, last.id) } : { items })
}
