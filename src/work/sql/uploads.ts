/** Rows of uploads, and of what took them. */
import { type RawBuilder, sql } from "kysely"
import type { Db } from "#database/index.ts"

export type UploadRow = {
  readonly id: string
  readonly notebook: string
  readonly person: string
  readonly name: string
  readonly sha256: string
  readonly sizeBytes: number
  readonly sentAt: number
  /** A run or a live notebook has it. */
  readonly isTaken: boolean
}

/** Of u (upload). */
const IS_TAKEN = sql<boolean>`(EXISTS (SELECT FROM run_file f WHERE f.upload_id = u.id) OR EXISTS (SELECT FROM live_file l WHERE l.upload_id = u.id))`

async function uploadsWhere(db: Db, where: RawBuilder<unknown>): Promise<readonly UploadRow[]> {
  const { rows } = await sql<UploadRow>`
    SELECT u.id, u.notebook_id AS notebook, u.person_id AS person, u.name, u.sha256, u.size_bytes AS "sizeBytes", u.sent_at AS "sentAt",
      ${IS_TAKEN} AS "isTaken"
    FROM upload u WHERE ${where}`.execute(db)
  return rows
}

export async function findUpload(db: Db, id: string): Promise<UploadRow | undefined> {
  return (await uploadsWhere(db, sql`u.id = ${id}`))[0]
}

export type NewUpload = Pick<UploadRow, "id" | "notebook" | "person" | "name" | "sha256" | "sizeBytes"> & { readonly at: number }

/** The same bytes of the same name, sent again by the same person for the same notebook, are the upload that there is. */
export async function insertUpload(tx: Db, { id, notebook, person, name, sha256, sizeBytes, at }: NewUpload): Promise<UploadRow> {
  await sql`
    INSERT INTO upload (id, notebook_id, person_id, name, sha256, size_bytes, sent_at)
    VALUES (${id}, ${notebook}, ${person}, ${name}, ${sha256}, ${sizeBytes}, ${new Date(at)})
    ON CONFLICT (person_id, notebook_id, sha256, name) DO UPDATE SET sent_at = greatest(upload.sent_at, excluded.sent_at)`.execute(tx)
  const [row] = await uploadsWhere(tx, sql`u.person_id = ${person} AND u.notebook_id = ${notebook} AND u.sha256 = ${sha256} AND u.name = ${name}`)
  if (!row) throw new Error(`the upload ${id} was stored and is not there`)
  return row
}

/** What a person sent and nothing took yet. */
export async function waitingUploads(db: Db, person: string): Promise<{ readonly files: number; readonly bytes: number }> {
  const { rows } = await sql<{ files: number; bytes: number }>`
    SELECT count(*)::int AS files, coalesce(sum(u.size_bytes), 0)::bigint AS bytes FROM upload u WHERE u.person_id = ${person} AND NOT ${IS_TAKEN}`.execute(
    db,
  )
  return rows[0] ?? { files: 0, bytes: 0 }
}

/** Holds a person's uploads: one is counted after the other. */
export async function holdUploads(tx: Db, person: string): Promise<void> {
  await sql`SELECT pg_advisory_xact_lock(hashtextextended(${`upload ${person}`}, 0))`.execute(tx)
}

/** False when a run or a live notebook has it by now. */
export async function deleteUpload(tx: Db, id: string): Promise<boolean> {
  const held = await sql`SELECT FROM upload WHERE id = ${id} FOR UPDATE`.execute(tx)
  if (held.rows.length === 0) return true
  const gone = await sql`DELETE FROM upload u WHERE u.id = ${id} AND NOT ${IS_TAKEN}`.execute(tx)
  return gone.numAffectedRows === 1n
}

/** Those that nothing took and that were sent before; at most so many. */
export async function deleteOldUploads(db: Db, { before, limit }: { readonly before: number; readonly limit: number }): Promise<number> {
  const gone = await sql`
    DELETE FROM upload d WHERE d.id IN (
      SELECT u.id FROM upload u WHERE u.sent_at < ${new Date(before)} AND NOT ${IS_TAKEN} ORDER BY u.sent_at LIMIT ${limit} FOR UPDATE SKIP LOCKED
    )`.execute(db)
  return Number(gone.numAffectedRows ?? 0)
}

/** What a parameter was given, `place`: which of a list it is, from 0; `path` from the notebook's folder. */
export type GivenFile = { readonly parameter: string; readonly place: number; readonly upload: string; readonly path: string }

/** Holds them, so that none goes before it is taken. False when one is gone already. */
export async function holdFiles(tx: Db, files: readonly GivenFile[]): Promise<boolean> {
  const ids = [...new Set(files.map(({ upload }) => upload))].sort()
  if (ids.length === 0) return true
  const held = await sql`SELECT id FROM upload WHERE id = ANY(${ids}::text[]) ORDER BY id FOR KEY SHARE`.execute(tx)
  return held.rows.length === ids.length
}

export async function insertRunFiles(tx: Db, run: string, files: readonly GivenFile[]): Promise<void> {
  for (const { parameter, place, upload, path } of files)
    await sql`INSERT INTO run_file (run_id, parameter, place, upload_id, path) VALUES (${run}, ${parameter}, ${place}, ${upload}, ${path})
      ON CONFLICT DO NOTHING`.execute(tx)
}

export async function insertLiveFiles(tx: Db, notebook: string, files: readonly GivenFile[]): Promise<void> {
  for (const { parameter, place, upload, path } of files)
    await sql`INSERT INTO live_file (notebook_id, parameter, place, upload_id, path)
      VALUES (${notebook}, ${parameter}, ${place}, ${upload}, ${path})`.execute(tx)
}

/** A file as it is laid down. */
export type LaidFile = GivenFile & { readonly sha256: string }

/** Of a run or of a live notebook. */
export async function filesOf(db: Db, of: { readonly run: string } | { readonly notebook: string }): Promise<readonly LaidFile[]> {
  const taken = "run" in of ? sql`run_file f WHERE f.run_id = ${of.run}` : sql`live_file f WHERE f.notebook_id = ${of.notebook}`
  const { rows } = await sql<LaidFile>`
    SELECT f.parameter, f.place, f.upload_id AS upload, f.path, (SELECT u.sha256 FROM upload u WHERE u.id = f.upload_id) AS sha256
    FROM ${taken} ORDER BY f.parameter, f.place`.execute(db)
  return rows
}
