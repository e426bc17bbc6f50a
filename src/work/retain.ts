/**
 * What is forgotten in time. A result is kept for ever unless a policy says otherwise, and even then never the one of a
 * notebook's last good run, nor that of its newest run: those are what people come back for. Only the pointers go here;
 * bytes that nothing points at any more are swept by the library.
 */
import { type RawBuilder, sql } from "kysely"
import type { Db } from "#database/index.ts"
import { audit, SYSTEM } from "#people/index.ts"
import type { WorkWorld } from "#work/world.ts"

/** Days after the end of a run; 0 = for ever. */
export type RetentionPolicy = { readonly eventDays: number; readonly artifactDays: number; readonly journalDays: number; readonly resultDays: number }

/** How many of each were let go. */
export type Retained = { readonly events: number; readonly artifacts: number; readonly journals: number; readonly results: number }

const BATCH = 5_000

type RetainWorld = Pick<WorkWorld, "db" | "clock">

export async function retain(world: RetainWorld, policy: RetentionPolicy): Promise<Retained> {
  return {
    events: await inBatches(world, { noun: "events", days: policy.eventDays, forget: forgetEvents }),
    artifacts: await inBatches(world, { noun: "artifacts", days: policy.artifactDays, forget: forgetArtifacts }),
    journals: await inBatches(world, { noun: "journals", days: policy.journalDays, forget: forgetJournals }),
    results: await inBatches(world, { noun: "results", days: policy.resultDays, forget: forgetResults }),
  }
}

type Forgetting = { readonly noun: keyof Retained; readonly days: number; readonly forget: (tx: Db, days: number) => Promise<number> }

/** What goes is recorded in the transaction in which it goes: a sweep that is killed has recorded what it did. */
async function inBatches({ db, clock }: RetainWorld, { noun, days, forget }: Forgetting): Promise<number> {
  if (days === 0) return 0
  for (let total = 0; ; ) {
    const count = await db.transaction().execute(async (tx) => {
      const gone = await forget(tx, days)
      const entry = { actor: SYSTEM, action: `${noun}.forget`, thing: noun, outcome: "done", detail: { count: gone, days } } as const
      if (gone > 0) await audit(tx, { ...entry, at: clock.now() })
      return gone
    })
    total += count
    if (count < BATCH) return total
  }
}

function before(days: number): RawBuilder<unknown> {
  return sql`now() - make_interval(days => ${days})`
}

// Events are found from the oldest run on: what was removed earlier is not passed again.
async function forgetEvents(db: Db, days: number): Promise<number> {
  const { numAffectedRows } = await sql`
    DELETE FROM run_event WHERE ctid IN (
      SELECT e.ctid FROM run_event e JOIN run r ON r.id = e.run_id WHERE r.ended_at < ${before(days)} ORDER BY e.run_id, e.seq LIMIT ${BATCH}
    )`.execute(db)
  return Number(numAffectedRows ?? 0)
}

async function forgetArtifacts(db: Db, days: number): Promise<number> {
  const { numAffectedRows } = await sql`
    DELETE FROM artifact WHERE ctid IN (
      SELECT f.ctid FROM artifact f JOIN run r ON r.id = f.run_id WHERE r.ended_at < ${before(days)} AND NOT ${isComeBackFor} LIMIT ${BATCH}
    )`.execute(db)
  return Number(numAffectedRows ?? 0)
}

async function forgetJournals(db: Db, days: number): Promise<number> {
  const { numAffectedRows } = await sql`
    WITH old AS (
      SELECT run_id, number FROM attempt WHERE journal_sha256 IS NOT NULL AND ended_at < ${before(days)} LIMIT ${BATCH}
    ), forgotten AS (
      UPDATE run SET journal_sha256 = NULL FROM old WHERE run.id = old.run_id AND run.attempt = old.number
    )
    UPDATE attempt a SET journal_sha256 = NULL FROM old WHERE a.run_id = old.run_id AND a.number = old.number`.execute(db)
  return Number(numAffectedRows ?? 0)
}

async function forgetResults(db: Db, days: number): Promise<number> {
  const { numAffectedRows } = await sql`
    WITH old AS (
      SELECT a.run_id, a.number FROM attempt a JOIN run r ON r.id = a.run_id
      WHERE a.result_sha256 IS NOT NULL AND r.ended_at < ${before(days)} AND NOT ${isComeBackFor} LIMIT ${BATCH}
    ), forgotten AS (
      UPDATE run SET result_sha256 = NULL, result_bytes = NULL FROM old WHERE run.id = old.run_id AND run.attempt = old.number
    ), unnamed AS (
      DELETE FROM run_blob b USING old WHERE b.run_id = old.run_id AND b.attempt = old.number
    )
    UPDATE attempt a SET result_sha256 = NULL, result_bytes = NULL FROM old WHERE a.run_id = old.run_id AND a.number = old.number`.execute(db)
  return Number(numAffectedRows ?? 0)
}

/** Of r: its notebook's last good run, or its newest one. */
const isComeBackFor = sql`(
  NOT EXISTS (SELECT FROM run n WHERE n.notebook_id = r.notebook_id AND n.id > r.id)
  OR (r.state = 'succeeded' AND NOT EXISTS (SELECT FROM run n WHERE n.notebook_id = r.notebook_id AND n.id > r.id AND n.state = 'succeeded'))
)`

/** For doctor and metrics. */
export type WorkFacts = {
  readonly queued: number
  readonly running: number
  /** Milliseconds that the longest waiting run has been due. */
  readonly longestWaitMs: number
  /** Runs of the last day that were lost, and whose result could not be stored. */
  readonly lostToday: number
  readonly unstoredToday: number
  readonly keptArtifactBytes: number
  readonly keptResultBytes: number
  /** Of all workers, as they last said. */
  readonly spoolBytes: number
}

export async function workFacts({ db }: Pick<WorkWorld, "db">): Promise<WorkFacts> {
  const { rows } = await sql<WorkFacts>`
    SELECT (SELECT count(*) FROM run WHERE state = 'queued') AS queued, (SELECT count(*) FROM run WHERE state = 'running') AS running,
      (SELECT coalesce(max(extract(epoch FROM now() - greatest(queued_at, not_before)) * 1000), 0)::bigint FROM run
        WHERE state = 'queued' AND (not_before IS NULL OR not_before <= now())) AS "longestWaitMs",
      (SELECT count(*) FROM run WHERE ended_at > now() - interval '1 day' AND state = 'lost') AS "lostToday",
      (SELECT count(*) FROM run WHERE ended_at > now() - interval '1 day' AND reason = 'storage_failed') AS "unstoredToday",
      (SELECT coalesce(sum(size_bytes), 0)::bigint FROM artifact) AS "keptArtifactBytes",
      (SELECT coalesce(sum(result_bytes), 0)::bigint FROM attempt) AS "keptResultBytes",
      (SELECT coalesce(sum((facts->>'spoolBytes')::bigint), 0)::bigint FROM worker) AS "spoolBytes"`.execute(db)
  return rows[0]!
}
