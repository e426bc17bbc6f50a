import { type RawBuilder, sql } from "kysely"
import type { Db } from "#database/index.ts"

/** A column that names blobs, by its foreign key: the catalog knows them all, also those of rooms that this one has not heard of. */
export type Reference = { readonly table: string; readonly column: string }

export async function blobReferences(db: Db): Promise<readonly Reference[]> {
  const found = await sql<Reference>`
    SELECT t.relname AS table, a.attname AS column
    FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid
      JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
    WHERE c.contype = 'f' AND c.confrelid = 'blob'::regclass AND cardinality(c.conkey) = 1
    ORDER BY 1, 2`.execute(db)
  return found.rows
}

function unreferenced(references: readonly Reference[]): RawBuilder<unknown> {
  const each = references.map(({ table, column }) => sql`NOT EXISTS (SELECT FROM ${sql.id(table)} r WHERE r.${sql.id(column)} = b.sha256)`)
  return each.length === 0 ? sql`true` : sql.join(each, sql` AND `)
}

/** Whether anything refers to a blob. */
export async function isReferred(db: Db, references: readonly Reference[], sha256: string): Promise<boolean> {
  const found = await sql`SELECT FROM blob b WHERE b.sha256 = ${sha256} AND NOT (${unreferenced(references)})`.execute(db)
  return found.rows.length > 0
}

/** Rows that nothing refers to and that nobody claimed since `before`. `after` is the last one that was seen. */
export async function orphanRows(
  db: Db,
  references: readonly Reference[],
  asked: { before: number; after: string; limit: number },
): Promise<readonly string[]> {
  const found = await sql<{ sha256: string }>`SELECT b.sha256 FROM blob b
    WHERE b.claimed_at < ${new Date(asked.before)} AND b.sha256 > ${asked.after} AND ${unreferenced(references)}
    ORDER BY b.sha256 LIMIT ${asked.limit}`.execute(db)
  return found.rows.map(({ sha256 }) => sha256)
}

/** Takes the row away if it is still an orphan; whoever claims it now waits for the end of this transaction. */
export async function takeOrphan(tx: Db, references: readonly Reference[], { sha256, before }: { sha256: string; before: number }): Promise<boolean> {
  // Looked at again once the row is held: between the two somebody may have referred to it.
  const held = await sql`SELECT FROM blob b WHERE b.sha256 = ${sha256} AND b.claimed_at < ${new Date(before)} FOR UPDATE SKIP LOCKED`.execute(tx)
  if (held.rows.length === 0) return false
  const gone = await sql`DELETE FROM blob b WHERE b.sha256 = ${sha256} AND ${unreferenced(references)}`.execute(tx)
  return gone.numAffectedRows === 1n
}

/** Holds the name of a blob that has no row, against whoever claims it. False when it has one by now. */
export async function takeUnknown(tx: Db, sha256: string): Promise<boolean> {
  const made = await sql`INSERT INTO blob (sha256, size_bytes, created_at, claimed_at)
    VALUES (${sha256}, 0, '-infinity', '-infinity') ON CONFLICT DO NOTHING`.execute(tx)
  if (made.numAffectedRows !== 1n) return false
  await sql`DELETE FROM blob WHERE sha256 = ${sha256}`.execute(tx)
  return true
}
