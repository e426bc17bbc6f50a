import { sql } from "kysely"
import type { Json } from "#base/json.ts"
import type { Db } from "#database/index.ts"
import type { Manifest } from "#library/manifest-list.ts"
import { inOrder } from "#library/sql/version-stored.ts"
import type { NotebookId } from "#people/index.ts"

export type SchemaRow = {
  readonly notebook: NotebookId
  readonly number: number
  readonly sha256: string
  readonly manifest: Manifest
  /** Where the notebook stands now. */
  readonly path: string
}

type Asked = { readonly edition: number; readonly after: { readonly notebook: string; readonly number: number }; readonly most: number }

/** Versions whose schema an earlier edition wrote, but for those in an open proposal; in the order of their names, behind `after`. */
export async function schemasBefore(db: Db, { edition, after, most }: Asked): Promise<readonly SchemaRow[]> {
  const found = await sql<SchemaRow>`
    SELECT v.notebook_id AS notebook, v.number, v.sha256, v.manifest, n.path FROM version v JOIN notebook n ON n.id = v.notebook_id
    WHERE v.parameters IS NOT NULL AND v.schema_edition < ${edition} AND (v.notebook_id, v.number) > (${after.notebook}::text, ${after.number}::integer)
      AND NOT EXISTS (SELECT FROM proposal q WHERE q.notebook_id = v.notebook_id AND q.version = v.number AND q.state = 'open')
    ORDER BY v.notebook_id, v.number LIMIT ${most}`.execute(db)
  return found.rows
}

/** Whether it is another one than before; nothing when a later edition was faster. */
export async function rewriteSchema(
  db: Db,
  { notebook, number }: Pick<SchemaRow, "notebook" | "number">,
  { edition, parameters }: { readonly edition: number; readonly parameters: Json },
): Promise<boolean> {
  const text = parameters === null ? null : inOrder(parameters)
  const found = await sql<{ isChanged: boolean }>`
    WITH was AS (SELECT parameters::text AS schema FROM version WHERE notebook_id = ${notebook} AND number = ${number})
    UPDATE version SET parameters = ${text}::json, schema_edition = ${edition}
    WHERE notebook_id = ${notebook} AND number = ${number} AND schema_edition < ${edition}
    RETURNING (SELECT schema FROM was) IS DISTINCT FROM ${text}::text AS "isChanged"`.execute(db)
  return found.rows[0]?.isChanged ?? false
}
