/** The event table: a run's own numbering, one statement for many events, and whoever waits is woken. */
import { sql } from "kysely"
import { type Db, firstOf } from "#database/index.ts"
import type { EventRow } from "#work/event-rows.ts"
import type { Progress } from "#work/teller.ts"

export type Appending = {
  readonly run: string
  readonly attempt: number
  readonly rows: readonly EventRow[]
  /** A worker's write: only while the run is under this fence. */
  readonly fence?: number | undefined
  readonly progress?: Progress | undefined
  /** There is work for workers. */
  readonly wakes?: boolean
}

/** False when the run is not ours any more: nothing was written. */
export async function appendEvents(db: Db, { run, attempt, rows, fence, progress, wakes }: Appending): Promise<boolean> {
  const bytes = rows.reduce((sum, row) => sum + row.logBytes, 0)
  const onlyOurs = fence === undefined ? sql`` : sql`AND fence = ${fence} AND state = 'running'`
  const progressed = progress ? sql`, cells_done = ${progress.done}, cells_total = ${progress.total}, current_cell = ${progress.current}` : sql``
  // Who waits for a state is not woken by every line that is printed.
  const stateTold = rows.some(({ type }) => type === "state") ? sql`, pg_notify('stet_state', id) AS state_told` : sql``
  const wake = wakes ? sql`, pg_notify('stet_work', '') AS woken` : sql``
  const { rows: said } = await sql<{ mine: number }>`
    WITH mine AS (
      UPDATE run SET seq = seq + ${rows.length}, log_bytes = log_bytes + ${bytes} ${progressed}
      WHERE id = ${run} ${onlyOurs}
      RETURNING seq - ${rows.length}::int AS base, log_bytes - ${bytes}::bigint AS log_base, pg_notify('stet_run', id) AS told ${stateTold} ${wake}
    ), added AS (
      INSERT INTO run_event (run_id, seq, attempt, at, type, what, log_end, journal_end)
      SELECT ${run}, mine.base + e.place, ${attempt}, to_timestamp(e.at / 1000), e.type, e.what::json, mine.log_base + e.log_end, e.journal_end
      FROM mine, unnest(${rows.map((row) => row.at)}::float8[], ${rows.map((row) => row.type)}::text[], ${rows.map((row) => row.what)}::text[],
        ${logEnds(rows)}::bigint[], ${rows.map((row) => row.journalEnd)}::bigint[]) WITH ORDINALITY AS e (at, type, what, log_end, journal_end, place)
    )
    SELECT count(told) AS mine FROM mine`.execute(db)
  return (said[0]?.mine ?? 0) > 0
}

function logEnds(rows: readonly EventRow[]): number[] {
  let end = 0
  return rows.map((row) => {
    end += row.logBytes
    return end
  })
}

/** How much of an attempt's journal has been told; -1 for nothing. */
export async function journalTold(db: Db, run: string, attempt: number): Promise<number> {
  const { rows } = await sql<{ end: number | null }>`
    SELECT max(journal_end) AS end FROM run_event WHERE run_id = ${run} AND attempt = ${attempt}`.execute(db)
  return rows[0]?.end ?? -1
}

/** `what` is the event's JSON as one line of text. */
export type StoredEvent = {
  readonly seq: number
  readonly attempt: number
  readonly at: number
  readonly type: string
  readonly what: string
  readonly logEnd: number
}

export async function selectEvents(
  db: Db,
  run: string,
  { after, limit }: { readonly after: number; readonly limit: number },
): Promise<readonly StoredEvent[]> {
  const { rows } = await sql<StoredEvent>`
    SELECT seq, attempt, at, type, what::text AS what, log_end AS "logEnd" FROM run_event
    WHERE run_id = ${run} AND seq > ${after} ORDER BY seq LIMIT ${firstOf(limit)}`.execute(db)
  return rows
}

/** The events whose log text lies beyond a byte offset. */
export async function selectLog(
  db: Db,
  run: string,
  { offset, limit }: { readonly offset: number; readonly limit: number },
): Promise<readonly StoredEvent[]> {
  const { rows } = await sql<StoredEvent>`
    SELECT seq, attempt, at, type, what::text AS what, log_end AS "logEnd" FROM run_event
    WHERE run_id = ${run} AND log_end > ${offset} AND type IN ('stream', 'output') ORDER BY seq LIMIT ${firstOf(limit)}`.execute(db)
  return rows
}

/** Wakes workers when the transaction commits: "" for work, "cancel <run>" for a run that is to stop. */
export async function tellWorkers(tx: Db, what = ""): Promise<void> {
  await sql`SELECT pg_notify('stet_work', ${what})`.execute(tx)
}
