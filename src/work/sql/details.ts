/** What hangs on an attempt. */
import { sql } from "kysely"
import { type Db, naturally } from "#database/index.ts"
import type { ArtifactRow } from "#work/row.ts"

export async function selectArtifacts(db: Db, run: string, attempt: number): Promise<readonly ArtifactRow[]> {
  const { rows } = await sql<ArtifactRow>`
    SELECT attempt, path, sha256, size_bytes AS "sizeBytes", media_type AS "mediaType" FROM artifact
    WHERE run_id = ${run} AND attempt = ${attempt} ORDER BY ${naturally(sql`path`)}, path`.execute(db)
  return rows
}

/** JSON texts of the output events that carry something by name. */
export function selectNamed(db: Db, run: string, attempt: number): Promise<readonly string[]> {
  return whats(
    db,
    sql`
    SELECT what::text AS what FROM run_event WHERE run_id = ${run} AND attempt = ${attempt} AND type = 'output'
      AND (what::text LIKE '%application/scrapbook.scrap.%' OR what::text LIKE '%application/papermill.record+json%') ORDER BY seq`,
  )
}

export function selectCellEvents(db: Db, run: string, attempt: number): Promise<readonly string[]> {
  return whats(db, sql`SELECT what::text AS what FROM run_event WHERE run_id = ${run} AND attempt = ${attempt} AND type = 'cell' ORDER BY seq`)
}

async function whats(db: Db, query: ReturnType<typeof sql>): Promise<readonly string[]> {
  const { rows } = await query.execute(db)
  return rows.map((row) => (row as { readonly what: string }).what)
}
