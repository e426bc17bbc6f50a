/** What a worker left: a spool, and what the database knows of the attempt that it belongs to. */
import { sql } from "kysely"
import { type Json, write } from "#base/json.ts"
import type { Db } from "#database/index.ts"
import type { RunState } from "#work/row.ts"
import { type Course, type Kept, keepFiles } from "#work/sql/end.ts"

export type Left = {
  /** Of the run. */
  readonly state: RunState
  readonly attempt: number
  readonly fence: number
  readonly isExpired: boolean
  /** Of the attempt that the spool belongs to; undefined when it was never claimed. */
  readonly attemptState: RunState | undefined
  readonly hasResult: boolean
  readonly worker: string | null
  /** Null when the worker is not known any more. */
  readonly workerHost: string | null
  readonly workerPid: number | null
}

export async function selectLeft(db: Db, { run, attempt }: { readonly run: string; readonly attempt: number }): Promise<Left | undefined> {
  const { rows } = await sql<Omit<Left, "attemptState"> & { readonly attemptState: RunState | null }>`
    SELECT r.state, r.attempt, r.fence, coalesce(r.lease_until < clock_timestamp(), false) AS "isExpired", a.state AS "attemptState",
      a.result_sha256 IS NOT NULL AS "hasResult", a.worker_id AS worker, w.host AS "workerHost", w.pid AS "workerPid"
    FROM run r LEFT JOIN attempt a ON a.run_id = r.id AND a.number = ${attempt} LEFT JOIN worker w ON w.id = a.worker_id
    WHERE r.id = ${run}`.execute(db)
  const row = rows[0]
  return row && { ...row, attemptState: row.attemptState ?? undefined }
}

export type TakingOver = { readonly run: string; readonly fence: number; readonly worker: string; readonly leaseMs: number }

/** The new fence; undefined when somebody else was quicker. */
export async function takeOver(db: Db, { run, fence, worker, leaseMs }: TakingOver): Promise<number | undefined> {
  const { rows } = await sql<{ fence: number }>`
    WITH taken AS (
      UPDATE run SET fence = fence + 1, worker_id = ${worker}, lease_until = clock_timestamp() + make_interval(secs => ${leaseMs / 1000})
      WHERE id = ${run} AND fence = ${fence} AND state = 'running' RETURNING id, attempt, fence
    ), named AS (
      UPDATE attempt a SET worker_id = ${worker}, fence = taken.fence FROM taken WHERE a.run_id = taken.id AND a.number = taken.attempt
    )
    SELECT fence FROM taken`.execute(db)
  return rows[0]?.fence
}

export type Completing = { readonly run: string; readonly attempt: number; readonly kept: Kept; readonly course: Course }

/** Adds to an attempt that ended without its record; how it ended stays as it was said. */
export function completeAttempt(db: Db, { run, attempt, kept, course }: Completing): Promise<void> {
  return db.transaction().execute(async (tx) => {
    await keepFiles(tx, { run, attempt, kept })
    const error = course.error ? write(course.error as unknown as Json) : null
    await sql`
      UPDATE attempt SET cells = ${write(course.cells as unknown as Json)}::jsonb, failed_cell = ${course.failedCell}, error = ${error}::json,
        outputs = ${course.outputs ? write(course.outputs) : null}::json
      WHERE run_id = ${run} AND number = ${attempt}`.execute(tx)
    await sql`
      UPDATE run SET result_sha256 = ${kept.result?.sha256 ?? null}, result_bytes = ${kept.result?.sizeBytes ?? null}::bigint,
        journal_sha256 = ${kept.journal?.sha256 ?? null}, failed_cell = ${course.failedCell}, error = ${error}::json,
        cells_done = ${course.cellsDone}, cells_total = ${course.cellsTotal}
      WHERE id = ${run} AND attempt = ${attempt} AND state NOT IN ('queued', 'running') AND result_sha256 IS NULL`.execute(tx)
    await sql`SELECT pg_notify('stet_run', ${run}), pg_notify('stet_state', ${run})`.execute(tx)
  })
}
