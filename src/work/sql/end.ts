/** The end of an attempt, in one transaction: state, attempt, artifacts, usage, event; only under its fence. */
import { sql } from "kysely"
import { type Json, write } from "#base/json.ts"
import type { Db } from "#database/index.ts"
import { recordRun } from "#library/index.ts"
import type { NotebookId } from "#people/index.ts"
import { type AttemptEnd, afterAttempt, type Next } from "#work/after.ts"
import type { KeptBlob } from "#work/event-rows.ts"
import type { RetryPolicy } from "#work/launch.ts"
import type { Queue } from "#work/ports.ts"
import type { CellTime, RunError, RunState } from "#work/row.ts"
import { appendEvents, tellWorkers } from "#work/sql/events.ts"

import { stateEvent } from "#work/state-event.ts"

export type Kept = {
  readonly result?: KeptBlob | undefined
  readonly journal?: (KeptBlob & { readonly journalBytes: number }) | undefined
  readonly artifacts: readonly { readonly path: string; readonly sha256: string; readonly sizeBytes: number; readonly mediaType: string }[]
  /** Output that was cut out of the result. */
  readonly blobs: readonly KeptBlob[]
}

/** What is known of how it went; a lost attempt without a journal knows nothing. */
export type Course = {
  readonly cells: readonly CellTime[]
  readonly cellsDone: number
  readonly cellsTotal: number
  readonly failedCell: number | null
  readonly error: RunError | null
  readonly outputs: { readonly [name: string]: Json } | null
}

export type Ending = {
  readonly run: string
  readonly attempt: number
  readonly fence: number
  readonly end: AttemptEnd
  readonly kept: Kept
  readonly course?: Course | undefined
  readonly queue: Queue
  readonly at: number
  readonly chance: number
  /** Only if its lease has run out at that moment. */
  readonly ifExpired?: boolean
}

type Held = {
  readonly notebook: string
  readonly state: RunState
  readonly fence: number
  readonly attempt: number
  readonly firstAttempt: number
  readonly desired: "run" | "cancel"
  readonly retry: RetryPolicy
  readonly isExpired: boolean
}

export const NOTHING_KEPT: Kept = { artifacts: [], blobs: [] }

/** Undefined when the run is not under this fence any more: then nothing was written, and the caller has no say left. */
export function endAttempt(db: Db, ending: Ending): Promise<Next | undefined> {
  return db.transaction().execute(async (tx) => {
    const held = await hold(tx, ending.run)
    if (held?.state !== "running" || held.fence !== ending.fence || held.attempt !== ending.attempt) return undefined
    if (ending.ifExpired && !held.isExpired) return undefined
    const next = afterAttempt(ending.end, held, ending.chance)
    await keepAttempt(tx, ending, next.is === "over" ? next.end : ending.end)
    if (next.is === "again") await queueAgain(tx, ending, next.inMs)
    else await close(tx, ending, { end: next.end, notebook: held.notebook })
    return next
  })
}

async function hold(tx: Db, run: string): Promise<Held | undefined> {
  const { rows } = await sql<Held>`
    SELECT notebook_id AS notebook, state, fence, attempt, first_attempt AS "firstAttempt", desired, retry,
      coalesce(lease_until, created_at) < clock_timestamp() AS "isExpired"
    FROM run WHERE id = ${run} FOR UPDATE`.execute(tx)
  return rows[0]
}

async function keepAttempt(tx: Db, { run, attempt, at, kept, course }: Ending, end: AttemptEnd): Promise<void> {
  await keepFiles(tx, { run, attempt, kept })
  await sql`
    UPDATE attempt SET state = ${end.state}, reason = ${end.reason}, explanation = ${end.explanation}, ended_at = ${new Date(at)},
      cells = ${write((course?.cells ?? []) as unknown as Json)}::jsonb, failed_cell = ${course?.failedCell ?? null},
      error = ${course?.error ? write(course.error as unknown as Json) : null}::json,
      outputs = ${course?.outputs ? write(course.outputs) : null}::json
    WHERE run_id = ${run} AND number = ${attempt}`.execute(tx)
}

/** What an attempt left. */
export async function keepFiles(
  tx: Db,
  { run, attempt, kept }: { readonly run: string; readonly attempt: number; readonly kept: Kept },
): Promise<void> {
  const { result, journal, artifacts, blobs } = kept
  if (result || journal)
    await sql`
      UPDATE attempt SET result_sha256 = coalesce(${result?.sha256 ?? null}, result_sha256), result_bytes = coalesce(${result?.sizeBytes ?? null}::bigint, result_bytes),
        journal_sha256 = coalesce(${journal?.sha256 ?? null}, journal_sha256), journal_bytes = coalesce(${journal?.journalBytes ?? null}::bigint, journal_bytes)
      WHERE run_id = ${run} AND number = ${attempt}`.execute(tx)
  await nameBlobs(tx, { run, attempt, blobs })
  if (artifacts.length === 0) return
  await sql`
    INSERT INTO artifact (run_id, attempt, path, sha256, size_bytes, media_type)
    SELECT ${run}, ${attempt}, a.* FROM unnest(${artifacts.map(({ path }) => path)}::text[], ${artifacts.map(({ sha256 }) => sha256)}::text[],
      ${artifacts.map(({ sizeBytes }) => sizeBytes)}::bigint[], ${artifacts.map(({ mediaType }) => mediaType)}::text[]) AS a
    ON CONFLICT (run_id, attempt, path) DO NOTHING`.execute(tx)
}

/** Blobs that events or results of an attempt point at. */
export async function nameBlobs(
  tx: Db,
  { run, attempt, blobs }: { readonly run: string; readonly attempt: number; readonly blobs: readonly KeptBlob[] },
): Promise<void> {
  if (blobs.length === 0) return
  await sql`
    INSERT INTO run_blob (run_id, attempt, sha256) SELECT DISTINCT ${run}, ${attempt}::int, b FROM unnest(${blobs.map(({ sha256 }) => sha256)}::text[]) AS b
    ON CONFLICT DO NOTHING`.execute(tx)
}

async function queueAgain(tx: Db, { run, attempt, end, queue, at }: Ending, inMs: number): Promise<void> {
  const notBefore = at + inMs
  await requeue(tx, run, { attempt: attempt + 1, notBefore })
  const seconds = Math.round(inMs / 1000)
  const explanation = `${end.explanation} Attempt ${attempt + 1} begins in ${seconds} s.`
  await appendEvents(tx, { run, attempt, rows: [stateEvent({ state: "queued", reason: end.reason, explanation, attempt: attempt + 1 }, at)] })
  await queue.put(tx, run, notBefore)
}

/** Back into the queue, as a new attempt. */
export async function requeue(tx: Db, run: string, { attempt, notBefore }: { readonly attempt: number; readonly notBefore?: number }): Promise<void> {
  await sql`
    UPDATE run SET state = 'queued', reason = '', explanation = '', attempt = ${attempt}, worker_id = NULL, lease_until = NULL,
      not_before = ${notBefore === undefined ? null : new Date(notBefore)}, queued_at = now(), started_at = NULL, ended_at = NULL,
      cells_done = 0, current_cell = NULL, failed_cell = NULL, error = NULL
    WHERE id = ${run}`.execute(tx)
  await tellWorkers(tx)
}

async function close(
  tx: Db,
  { run, attempt, course, kept, at }: Ending,
  { end, notebook }: { readonly end: AttemptEnd; readonly notebook: string },
): Promise<void> {
  const { state, reason, explanation } = end
  await sql`
    UPDATE run SET state = ${state}, reason = ${reason}, explanation = ${explanation}, ended_at = ${new Date(at)}, lease_until = NULL, secrets = NULL,
      current_cell = NULL, failed_cell = ${course?.failedCell ?? null}, error = ${course?.error ? write(course.error as unknown as Json) : null}::json,
      cells_done = coalesce(${course?.cellsDone ?? null}::int, cells_done), cells_total = coalesce(${course?.cellsTotal ?? null}::int, cells_total),
      result_sha256 = ${kept.result?.sha256 ?? null}, result_bytes = ${kept.result?.sizeBytes ?? null}::bigint, journal_sha256 = ${kept.journal?.sha256 ?? null}
    WHERE id = ${run}`.execute(tx)
  await appendEvents(tx, { run, attempt, rows: [stateEvent({ state, reason, explanation, attempt }, at)] })
  await recordRun(tx, { notebook: notebook as NotebookId, state, at })
}
