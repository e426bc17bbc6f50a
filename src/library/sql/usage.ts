/**
 * How much notebooks are used: counters by day, and on each notebook's row those of the last seven days, so that lists need
 * no join. The row is counted up as things happen and put right when days pass (rollUsage).
 */
import { sql } from "kysely"
import type { Db } from "#database/index.ts"
import type { NotebookId, PersonId } from "#people/index.ts"

const DAY_MS = 86_400_000
const WEEK_DAYS = 7
// What a chart of the last year can show.
const KEPT_DAYS = 400

/** 2026-01-31, in UTC. */
function dayOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10)
}

export type EndedRun = { readonly notebook: NotebookId; readonly state: string; readonly at: number }

/** A run ended, `at` milliseconds since 1970: called once for each, in the transaction that ends it. */
export async function recordRun(tx: Db, { notebook, state, at }: EndedRun): Promise<void> {
  const failed = state === "failed" || state === "lost" ? 1 : 0
  await sql`INSERT INTO notebook_day (notebook_id, day, runs, failures) VALUES (${notebook}, ${dayOf(at)}::date, 1, ${failed})
    ON CONFLICT (notebook_id, day) DO UPDATE SET runs = notebook_day.runs + 1, failures = notebook_day.failures + ${failed}`.execute(tx)
  // Two runs may end in another order than their transactions do.
  await sql`UPDATE notebook SET runs_week = runs_week + 1, failures_week = failures_week + ${failed},
      last_run_state = CASE WHEN last_run_at > ${new Date(at)} THEN last_run_state ELSE ${state} END,
      last_run_at = greatest(last_run_at, ${new Date(at)})
    WHERE id = ${notebook}`.execute(tx)
}

export type Viewed = { readonly notebook: NotebookId; readonly person: PersonId; readonly at: number }

/** Somebody looked at a notebook or one of its results. Counted once a day, and once a week on the notebook's row. */
export async function recordView(db: Db, { notebook, person, at }: Viewed): Promise<void> {
  const day = dayOf(at)
  await sql`WITH seen AS (
      INSERT INTO notebook_viewer (notebook_id, day, person_id) SELECT ${notebook}, ${day}::date, ${person}
      WHERE EXISTS (SELECT FROM notebook WHERE id = ${notebook}) AND EXISTS (SELECT FROM person WHERE id = ${person})
      ON CONFLICT DO NOTHING RETURNING 1
    ), counted AS (
      INSERT INTO notebook_day (notebook_id, day, viewers) SELECT ${notebook}, ${day}::date, 1 FROM seen
      ON CONFLICT (notebook_id, day) DO UPDATE SET viewers = notebook_day.viewers + 1
    )
    UPDATE notebook SET viewers_week = viewers_week + 1 WHERE id = ${notebook} AND EXISTS (SELECT FROM seen)
      AND NOT EXISTS (SELECT FROM notebook_viewer v WHERE v.notebook_id = ${notebook} AND v.person_id = ${person}
        AND v.day > ${day}::date - ${WEEK_DAYS}::int AND v.day < ${day}::date)`.execute(db)
}

/**
 * Makes the weekly columns those of the seven days up to `now`, and forgets what is older than anybody asks for. To be
 * called at least once a day; calling it more often costs little. Gives how many rows were changed.
 */
export async function rollUsage(db: Db, now: number): Promise<number> {
  const first = dayOf(now - (WEEK_DAYS - 1) * DAY_MS)
  const due = await sql<{ id: string }>`SELECT n.id ${weekOf(first)} AND ${IS_OTHERWISE}`.execute(db)
  let changed = 0
  // In pieces, each its own transaction: runs that end meanwhile wait for a moment, not for all.
  for (let from = 0; from < due.rows.length; from += AT_ONCE) {
    const ids = due.rows.slice(from, from + AT_ONCE).map(({ id }) => id)
    const done = await sql`UPDATE notebook SET runs_week = w.runs, failures_week = w.failures, viewers_week = w.viewers
      FROM (SELECT n.id, w.runs, w.failures, v.viewers ${weekOf(first)} AND n.id = ANY(${ids}::text[]) AND ${IS_OTHERWISE}) w WHERE notebook.id = w.id`.execute(
      db,
    )
    changed += Number(done.numAffectedRows ?? 0)
  }
  await sql`DELETE FROM notebook_viewer WHERE day < ${first}::date`.execute(db)
  await sql`DELETE FROM notebook_day WHERE day < ${dayOf(now - KEPT_DAYS * DAY_MS)}::date`.execute(db)
  return changed
}

/** With 100,000 notebooks on a busy machine: 60 ms a piece, and whoever writes to one of its rows waits 0.15 s at worst; of 500, 0.3 s. */
const AT_ONCE = 100

/** Every notebook with what its days since `first` come to. */
function weekOf(first: string) {
  return sql`FROM notebook n,
    LATERAL (SELECT coalesce(sum(d.runs), 0)::int AS runs, coalesce(sum(d.failures), 0)::int AS failures
      FROM notebook_day d WHERE d.notebook_id = n.id AND d.day >= ${first}::date) w,
    LATERAL (SELECT count(DISTINCT p.person_id)::int AS viewers FROM notebook_viewer p WHERE p.notebook_id = n.id AND p.day >= ${first}::date) v
    WHERE true`
}

const IS_OTHERWISE = sql`(n.runs_week, n.failures_week, n.viewers_week) IS DISTINCT FROM (w.runs, w.failures, v.viewers)`

export type UsageDay = { readonly day: string; readonly runs: number; readonly failures: number; readonly viewers: number }

/** Day by day since `since` (milliseconds since 1970), oldest first; days on which nothing happened are left out. */
export async function usageDays(
  db: Db,
  { notebook, since }: { readonly notebook: NotebookId; readonly since: number },
): Promise<readonly UsageDay[]> {
  const found = await sql<UsageDay>`SELECT to_char(day, 'YYYY-MM-DD') AS day, runs, failures, viewers FROM notebook_day
    WHERE notebook_id = ${notebook} AND day >= ${dayOf(since)}::date ORDER BY notebook_day.day`.execute(db)
  return found.rows
}
