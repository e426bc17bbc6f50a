/**
 * What is forgotten in time, and of what takes more than it may the oldest. A result is kept for ever unless a policy says otherwise,
 * and even then never the one of a notebook's last good run, nor that of its newest run: those are what people come back for. Nor does
 * anything go of what stands as evidence of a template, or is shown by a public link. Only the pointers go here; bytes that nothing
 * points at any more are swept by the library.
 */
import { type RawBuilder, sql } from "kysely"
import type { Db } from "#database/index.ts"
import { audit, SYSTEM } from "#people/index.ts"
import type { WorkWorld } from "#work/world.ts"

/** Days after the end of a run; 0 = for ever. Bytes that all of them may take together; 0 = as many as there are. */
export type RetentionPolicy = {
  readonly eventDays: number
  readonly artifactDays: number
  readonly journalDays: number
  readonly resultDays: number
  readonly journalBytes: number
  readonly resultBytes: number
}

/** How many of each were let go. */
export type Retained = { readonly events: number; readonly artifacts: number; readonly journals: number; readonly results: number }

const BATCH = 5_000

type RetainWorld = Pick<WorkWorld, "db" | "clock">

export async function retain(world: RetainWorld, policy: RetentionPolicy): Promise<Retained> {
  const { eventDays, artifactDays, journalDays, resultDays, journalBytes, resultBytes } = policy
  const journalsFirst = await inBatches(world, {
    noun: "journals",
    bound: { days: journalDays },
    forget: (tx) => forgetJournals(tx, oldJournals(journalDays)),
  })
  const resultsFirst = await inBatches(world, {
    noun: "results",
    bound: { days: resultDays },
    forget: (tx) => forgetResults(tx, oldResults(resultDays)),
  })
  const bulky = { journals: tooMuch(JOURNALS, journalBytes), results: tooMuch(RESULTS, resultBytes) }
  return {
    events: await inBatches(world, { noun: "events", bound: { days: eventDays }, forget: (tx) => forgetEvents(tx, eventDays) }),
    artifacts: await inBatches(world, { noun: "artifacts", bound: { days: artifactDays }, forget: (tx) => forgetArtifacts(tx, artifactDays) }),
    journals:
      journalsFirst +
      (await inBatches(world, { noun: "journals", bound: { bytes: journalBytes }, forget: (tx) => forgetJournals(tx, bulky.journals) })),
    results:
      resultsFirst + (await inBatches(world, { noun: "results", bound: { bytes: resultBytes }, forget: (tx) => forgetResults(tx, bulky.results) })),
  }
}

type Forgetting = {
  readonly noun: keyof Retained
  /** 0 = nothing is forgotten. */
  readonly bound: { readonly days: number } | { readonly bytes: number }
  readonly forget: (tx: Db) => Promise<number>
}

/** What goes is recorded in the transaction in which it goes: a sweep that is killed has recorded what it did. */
async function inBatches({ db, clock }: RetainWorld, { noun, bound, forget }: Forgetting): Promise<number> {
  if (Object.values(bound).includes(0)) return 0
  for (let total = 0; ; ) {
    const count = await db.transaction().execute(async (tx) => {
      const gone = await forget(tx)
      const entry = { actor: SYSTEM, action: `${noun}.forget`, thing: noun, outcome: "done", detail: { count: gone, ...bound } } as const
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

/** Attempts, by run_id and number. */
type Which = RawBuilder<unknown>

const oldJournals = (days: number): Which =>
  sql`SELECT a.run_id, a.number FROM attempt a JOIN run r ON r.id = a.run_id
    WHERE a.journal_sha256 IS NOT NULL AND a.ended_at < ${before(days)} AND NOT ${isHeld} LIMIT ${BATCH}`

const oldResults = (days: number): Which =>
  sql`SELECT a.run_id, a.number FROM attempt a JOIN run r ON r.id = a.run_id
    WHERE a.result_sha256 IS NOT NULL AND r.ended_at < ${before(days)} AND NOT ${isComeBackFor} AND NOT ${isHeld} LIMIT ${BATCH}`

type Bulk = { readonly sha256: RawBuilder<unknown>; readonly stays: RawBuilder<unknown> }

/** What stays whatever it takes comes first, then the newest: what does not fit any more goes. A journal takes what is stored of it, packed. */
function tooMuch({ sha256, stays }: Bulk, bytes: number): Which {
  return sql`SELECT run_id, number FROM (
      SELECT s.run_id, s.number, s.ended_at, s.stays, sum(s.size_bytes) OVER (ORDER BY s.stays DESC, s.ended_at DESC, s.run_id DESC, s.number DESC) AS up_to
      FROM (
        SELECT a.run_id, a.number, r.ended_at, b.size_bytes, ${stays} AS stays
        FROM attempt a JOIN run r ON r.id = a.run_id JOIN blob b ON b.sha256 = ${sha256} WHERE r.ended_at IS NOT NULL
      ) s
    ) t WHERE up_to > ${bytes} AND NOT stays ORDER BY ended_at, run_id, number LIMIT ${BATCH}`
}

async function forgetJournals(db: Db, which: Which): Promise<number> {
  const { numAffectedRows } = await sql`
    WITH old AS (${which}), forgotten AS (
      UPDATE run SET journal_sha256 = NULL FROM old WHERE run.id = old.run_id AND run.attempt = old.number
    )
    UPDATE attempt a SET journal_sha256 = NULL FROM old WHERE a.run_id = old.run_id AND a.number = old.number`.execute(db)
  return Number(numAffectedRows ?? 0)
}

async function forgetResults(db: Db, which: Which): Promise<number> {
  const { numAffectedRows } = await sql`
    WITH old AS (${which}), forgotten AS (
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

/** Of r: it proves a template that stands, or is asked for, or whoever has a public link reads it. */
const isHeld = sql`(
  EXISTS (SELECT FROM proposal_check c JOIN proposal p ON p.id = c.proposal_id WHERE c.run_id = r.id AND p.state IN ('open', 'promoted'))
  OR EXISTS (SELECT FROM public_result l WHERE l.run_id = r.id AND l.withdrawn_at IS NULL)
)`

const JOURNALS: Bulk = { sha256: sql`a.journal_sha256`, stays: isHeld }
const RESULTS: Bulk = { sha256: sql`a.result_sha256`, stays: sql`(${isComeBackFor} OR ${isHeld})` }

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
  readonly keptJournalBytes: number
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
      (SELECT coalesce(sum(b.size_bytes), 0)::bigint FROM attempt a JOIN blob b ON b.sha256 = a.result_sha256) AS "keptResultBytes",
      (SELECT coalesce(sum(b.size_bytes), 0)::bigint FROM attempt a JOIN blob b ON b.sha256 = a.journal_sha256) AS "keptJournalBytes",
      (SELECT coalesce(sum((facts->>'spoolBytes')::bigint), 0)::bigint FROM worker) AS "spoolBytes"`.execute(db)
  return rows[0]!
}
