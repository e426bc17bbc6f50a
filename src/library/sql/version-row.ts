import { type RawBuilder, sql } from "kysely"
import type { Json } from "#base/json.ts"
import { type Db, firstOf } from "#database/index.ts"
import type { Manifest } from "#library/manifest-list.ts"
import type { NotebookId, PersonId, SpaceId } from "#people/index.ts"

export type VersionSource = "editor" | "import" | "api" | "git"

/** One version of a notebook: that exact document and those exact files, for ever. Times are milliseconds since 1970. */
export type VersionRow = {
  readonly notebook: NotebookId
  readonly number: number
  readonly space: SpaceId
  /** Of the bytes as they came. */
  readonly sha256: string
  readonly sizeBytes: number
  readonly author: { readonly id: PersonId; readonly name: string } | null
  readonly createdAt: number
  readonly message: string
  readonly label: string | null
  /** The version that it was made from; null for the first. */
  readonly parent: number | null
  readonly source: VersionSource
  readonly manifest: Manifest
  readonly manifestSha256: string
  /** JSON Schema of its parameters; null when it declares none. */
  readonly parameters: Json
  readonly kernelName: string
  readonly language: string
}

type Flat = Omit<VersionRow, "author"> & { readonly authorId: PersonId | null; readonly authorName: string | null }

const COLUMNS = sql`v.notebook_id AS notebook, v.number, v.space_id AS space, v.sha256, v.size_bytes AS "sizeBytes", v.author_id AS "authorId",
  p.name AS "authorName", v.created_at AS "createdAt", v.message, v.label, v.parent, v.source, v.manifest,
  v.manifest_sha256 AS "manifestSha256", v.parameters, v.kernel_name AS "kernelName", v.language`

/** Of `version v`; the newest first. */
async function versionsWhere(db: Db, where: RawBuilder<unknown>, limit: number): Promise<readonly VersionRow[]> {
  const found = await sql<Flat>`SELECT ${COLUMNS} FROM version v LEFT JOIN person p ON p.id = v.author_id
    WHERE ${where} ORDER BY v.number DESC LIMIT ${firstOf(limit)}`.execute(db)
  return found.rows.map(({ authorId, authorName, ...rest }) => ({
    ...rest,
    author: authorId === null ? null : { id: authorId, name: authorName ?? "" },
  }))
}

export async function versionByNumber(db: Db, notebook: NotebookId, number: number): Promise<VersionRow | undefined> {
  return (await versionsWhere(db, sql`v.notebook_id = ${notebook} AND v.number = ${number}`, 1))[0]
}

/** The newest with these bytes. */
export async function versionByDigest(db: Db, notebook: NotebookId, sha256: string): Promise<VersionRow | undefined> {
  return (await versionsWhere(db, sql`v.notebook_id = ${notebook} AND v.sha256 = ${sha256}`, 1))[0]
}

/** Those before a number, the newest first. */
export function versionsBefore(db: Db, notebook: NotebookId, { before, limit }: { before: number; limit: number }): Promise<readonly VersionRow[]> {
  return versionsWhere(db, sql`v.notebook_id = ${notebook} AND v.number < ${before}`, limit)
}

/** One that is known to be there. */
export async function certainVersion(db: Db, notebook: NotebookId, number: number): Promise<VersionRow> {
  const version = await versionByNumber(db, notebook, number)
  if (!version) throw new Error(`version ${number} of the notebook ${notebook} was here a moment ago`)
  return version
}
