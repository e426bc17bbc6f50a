/** What executions showed, in the database: for whoever looks when no worker has it any more, and for saving versions. */
import { sql } from "kysely"
import { isList, isObject, type Json, type JsonObject, write } from "#base/json.ts"
import { toIso } from "#base/time.ts"
import type { Db } from "#database/index.ts"
import type { Output } from "#notebook/index.ts"
import type { StoredOutput } from "#work/session-outputs.ts"
import type { ExecutionState, ExecutionView } from "#work/session-view.ts"
import { dateOf, storable } from "#work/sql/session-row.ts"

export type ExecutionKept = {
  readonly id: string
  readonly session: string
  readonly notebook: string
  readonly cell: string
  readonly source: string
  readonly sourceSha256: string
  readonly by: string
  readonly state: ExecutionState
  readonly explanation: string
  readonly executionCount: number | null
  /** Milliseconds; 0 = not yet. */
  readonly queuedAt: number
  readonly startedAt: number
  readonly endedAt: number
  /** The outputs as text, or the blob that holds it; both undefined: as they were. */
  readonly outputs: string | undefined
  readonly outputsSha256: string | undefined
  readonly overflowBytes: number
}

export async function keepExecution(db: Db, kept: ExecutionKept): Promise<void> {
  const isNew = kept.outputs !== undefined || kept.outputsSha256 !== undefined
  await sql`
    INSERT INTO execution (id, session_id, notebook_id, cell, source, source_sha256, asked_by, state, explanation, execution_count, queued_at,
      started_at, ended_at, outputs, outputs_sha256, overflow_bytes)
    VALUES (${kept.id}, ${kept.session}, ${kept.notebook}, ${storable(kept.cell)}, ${write(kept.source.toWellFormed())}::json, ${kept.sourceSha256},
      ${kept.by}, ${kept.state}, ${storable(kept.explanation)}, ${kept.executionCount}, ${dateOf(kept.queuedAt)}, ${dateOf(kept.startedAt)},
      ${dateOf(kept.endedAt)}, ${kept.outputs ?? null}::json, ${kept.outputsSha256 ?? null}, ${kept.overflowBytes})
    ON CONFLICT (id) DO UPDATE SET state = excluded.state, explanation = excluded.explanation, execution_count = excluded.execution_count,
      started_at = excluded.started_at, ended_at = excluded.ended_at,
      overflow_bytes = CASE WHEN ${isNew} THEN excluded.overflow_bytes ELSE execution.overflow_bytes END,
      outputs = CASE WHEN ${isNew} THEN excluded.outputs ELSE execution.outputs END,
      outputs_sha256 = CASE WHEN ${isNew} THEN excluded.outputs_sha256 ELSE execution.outputs_sha256 END`.execute(db)
}

export async function nameExecutionBlob(
  db: Db,
  execution: string,
  { sha256, mediaType }: { readonly sha256: string; readonly mediaType: string },
): Promise<void> {
  await sql`
    INSERT INTO execution_blob (execution_id, sha256, media_type) VALUES (${execution}, ${sha256}, ${storable(mediaType)})
    ON CONFLICT DO NOTHING`.execute(db)
}

export type ExecutionBlob = { readonly sha256: string; readonly mediaType: string; readonly sizeBytes: number }

export async function findExecutionBlob(
  db: Db,
  { notebook, execution, sha256 }: { readonly notebook: string; readonly execution: string; readonly sha256: string },
): Promise<ExecutionBlob | undefined> {
  const { rows } = await sql<ExecutionBlob>`
    SELECT b.sha256, b.media_type AS "mediaType", o.size_bytes AS "sizeBytes" FROM execution_blob b
    JOIN execution e ON e.id = b.execution_id JOIN blob o ON o.sha256 = b.sha256
    WHERE e.notebook_id = ${notebook} AND e.id = ${execution} AND b.sha256 = ${sha256} ORDER BY b.media_type LIMIT 1`.execute(db)
  return rows[0]
}

export type ExecutionRow = {
  readonly id: string
  readonly session: string
  readonly notebook: string
  readonly cell: string
  readonly sourceSha256: string
  readonly by: string
  readonly byName: string
  readonly state: ExecutionState
  readonly explanation: string
  readonly executionCount: number | null
  readonly queuedAt: number
  readonly startedAt: number | null
  readonly endedAt: number | null
  readonly outputs: Json | null
  readonly outputsSha256: string | null
  readonly overflowBytes: number
}

const COLUMNS = sql`e.id, e.session_id AS session, e.notebook_id AS notebook, e.cell, e.source_sha256 AS "sourceSha256", e.asked_by AS by,
  p.name AS "byName", e.state, e.explanation, e.execution_count AS "executionCount", e.queued_at AS "queuedAt", e.started_at AS "startedAt",
  e.ended_at AS "endedAt"`

/** Of that notebook, where one is named. */
export async function selectExecutions(db: Db, notebook: string | undefined, ids: readonly string[]): Promise<readonly ExecutionRow[]> {
  const asked = ids.filter((id) => /^[0-9A-Z]{26}$/.test(id))
  if (asked.length === 0) return []
  const { rows } = await sql<ExecutionRow>`
    SELECT ${COLUMNS}, e.outputs, e.outputs_sha256 AS "outputsSha256", e.overflow_bytes AS "overflowBytes"
    FROM execution e JOIN person p ON p.id = e.asked_by
    WHERE e.id = ANY(${asked}) AND (${notebook ?? null}::text IS NULL OR e.notebook_id = ${notebook ?? null})`.execute(db)
  return rows
}

const MOST_CELLS = 20_000

/** Of each cell of a notebook the last one, without what it showed. */
export async function selectLast(db: Db, notebook: string): Promise<readonly ExecutionRow[]> {
  const { rows } = await sql<ExecutionRow>`
    SELECT DISTINCT ON (e.cell) ${COLUMNS}, NULL AS outputs, NULL AS "outputsSha256", e.overflow_bytes AS "overflowBytes"
    FROM execution e JOIN person p ON p.id = e.asked_by WHERE e.notebook_id = ${notebook} ORDER BY e.cell, e.id DESC LIMIT ${MOST_CELLS}`.execute(db)
  return rows
}

export function viewOfExecution(row: ExecutionRow): ExecutionView {
  const iso = (ms: number | null) => (ms === null ? null : toIso(ms))
  return {
    id: row.id,
    session: row.session,
    cell: row.cell,
    sourceSha256: row.sourceSha256,
    state: row.state,
    explanation: row.explanation,
    executionCount: row.executionCount,
    queuedAt: toIso(row.queuedAt),
    startedAt: iso(row.startedAt),
    endedAt: iso(row.endedAt),
    by: { id: row.by, name: row.byName },
    input: null,
  }
}

/** As text for the column, and back. */
export function writeStored(outputs: readonly StoredOutput[]): string {
  return write(outputs as unknown as Json)
}

export function readStored(value: Json | null): readonly StoredOutput[] {
  if (!isList(value ?? undefined)) return []
  return (value as readonly Json[]).filter(isObject).map((item) => ({ output: item["output"] as Output, external: namesIn(item["external"]) }))
}

function namesIn(value: Json | undefined): { readonly [mediaType: string]: string } {
  return isObject(value) ? (value as JsonObject & { readonly [mediaType: string]: string }) : {}
}

/** Executions that ended long ago and that no draft shows: there is a later one of the same cell. Gives how many went. */
export async function sweepExecutions(db: Db, { days, limit }: { readonly days: number; readonly limit: number }): Promise<number> {
  const { numAffectedRows } = await sql`
    DELETE FROM execution WHERE id IN (
      SELECT e.id FROM execution e WHERE e.ended_at < now() - make_interval(days => ${days})
        AND EXISTS (SELECT FROM execution l WHERE l.notebook_id = e.notebook_id AND l.cell = e.cell AND l.id > e.id)
      LIMIT ${limit})`.execute(db)
  return Number(numAffectedRows ?? 0)
}

/** Never the last one of a notebook. */
export async function sweepEmptySessions(db: Db, days: number): Promise<void> {
  await sql`
    DELETE FROM session s WHERE s.ended_at < now() - make_interval(days => ${days})
      AND NOT EXISTS (SELECT FROM execution e WHERE e.session_id = s.id)
      AND EXISTS (SELECT FROM session l WHERE l.notebook_id = s.notebook_id AND l.id > s.id)`.execute(db)
}
