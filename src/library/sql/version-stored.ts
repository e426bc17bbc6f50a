import { sql } from "kysely"
import { fromPlain, isList, isObject, type Json, write } from "#base/json.ts"
import { type Db, toJsonb } from "#database/index.ts"
import type { Manifest } from "#library/manifest-list.ts"
import type { VersionSource } from "#library/sql/version-row.ts"
import type { NotebookId, PersonId, SpaceId } from "#people/index.ts"

/** How a skeleton is kept: packed, whole (`base` null) or as a delta, here or in the blob store. See library/stored.ts. */
export type Form = { readonly base: number | null; readonly stored: Uint8Array | null; readonly storedSha256: string | null }

export type Link = Form & { readonly number: number }

/** The version and all that it is made from, the whole one first. Empty when there is no such version. */
export async function storedChain(db: Db, notebook: NotebookId, number: number): Promise<readonly Link[]> {
  const found = await sql<Link>`
    WITH RECURSIVE chain AS (
      SELECT number, base, stored, stored_sha256 FROM version WHERE notebook_id = ${notebook} AND number = ${number}
      UNION ALL
      SELECT v.number, v.base, v.stored, v.stored_sha256 FROM version v JOIN chain c ON v.number = c.base WHERE v.notebook_id = ${notebook}
    ) SELECT number, base, stored, stored_sha256 AS "storedSha256" FROM chain ORDER BY number`.execute(db)
  return found.rows
}

export type NewVersion = Form & {
  readonly notebook: NotebookId
  readonly number: number
  readonly space: SpaceId
  readonly sha256: string
  readonly sizeBytes: number
  readonly author: PersonId
  readonly at: number
  readonly message: string
  readonly label: string | null
  readonly parent: number | null
  readonly source: VersionSource
  readonly manifest: Manifest
  readonly manifestSha256: string
  readonly parameters: Json
  readonly schemaEdition: number
  readonly kernelName: string
  readonly language: string
  /** The blobs it needs beside `storedSha256`. */
  readonly needs: readonly string[]
}

/** In the transaction that holds the notebook's row. Its blobs are in the store by then. */
export async function insertVersion(tx: Db, v: NewVersion): Promise<void> {
  await sql`INSERT INTO version (notebook_id, number, space_id, sha256, size_bytes, author_id, created_at, message, label, parent, source,
      manifest, manifest_sha256, parameters, schema_edition, kernel_name, language, base, stored, stored_sha256)
    VALUES (${v.notebook}, ${v.number}, ${v.space}, ${v.sha256}, ${v.sizeBytes}, ${v.author}, ${new Date(v.at)}, ${v.message}, ${v.label},
      ${v.parent}, ${v.source}, ${toJsonb(fromPlain(v.manifest))}::jsonb, ${v.manifestSha256},
      ${v.parameters === null ? null : inOrder(v.parameters)}::json, ${v.schemaEdition}, ${v.kernelName}, ${v.language},
      ${v.base}, ${v.stored}, ${v.storedSha256})`.execute(tx)
  await sql`INSERT INTO notebook_blob (notebook_id, sha256) SELECT ${v.notebook}, unnest(${[...new Set(v.needs)]}::text[])
    ON CONFLICT DO NOTHING`.execute(tx)
  await sql`UPDATE notebook SET latest = ${v.number}, updated_at = ${new Date(v.at)}, updated_by = ${v.author} WHERE id = ${v.notebook}`.execute(tx)
}

/** The order in which parameters were declared is that in which people see them; `write` would sort them by name. */
export function inOrder(value: Json): string {
  if (isList(value)) return `[${value.map(inOrder).join(",")}]`
  if (!isObject(value)) return write(value)
  return `{${Object.entries(value)
    .map(([key, item]) => `${write(key)}:${inOrder(item)}`)
    .join(",")}}`
}

/** What of a notebook decides about its next version; with `hold`, it stays so until the transaction ends. */
export type NotebookState = {
  readonly space: SpaceId
  readonly path: string
  readonly latest: number
  readonly opened: readonly string[]
  /** Of the newest version; null when there is none. */
  readonly sha256: string | null
  readonly manifestSha256: string | null
  readonly author: PersonId | null
  readonly at: number | null
}

/** Undefined when it is gone or in the trash. */
export async function notebookState(db: Db, notebook: NotebookId, hold = false): Promise<NotebookState | undefined> {
  if (hold) await sql`SELECT FROM notebook WHERE id = ${notebook} FOR NO KEY UPDATE`.execute(db)
  const found = await sql<NotebookState>`
    SELECT n.space_id AS space, n.path, n.latest, n.opened, v.sha256, v.manifest_sha256 AS "manifestSha256", v.author_id AS author, v.created_at AS at
    FROM notebook n LEFT JOIN version v ON v.notebook_id = n.id AND v.number = n.latest
    WHERE n.id = ${notebook} AND n.trashed_at IS NULL`.execute(db)
  return found.rows[0]
}

/** The blobs that versions of the notebook need beside packed skeletons. */
export async function heldBlobs(db: Db, notebook: NotebookId): Promise<ReadonlySet<string>> {
  const found = await sql<{ sha256: string }>`SELECT sha256 FROM notebook_blob WHERE notebook_id = ${notebook}`.execute(db)
  return new Set(found.rows.map(({ sha256 }) => sha256))
}
