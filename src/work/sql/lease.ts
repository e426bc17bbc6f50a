/** Leases: a worker's word that it lives, and what it is told in return. */
import { type RawBuilder, sql } from "kysely"
import type { Db } from "#database/index.ts"
import type { RunReason } from "#work/row.ts"

export type Mine = {
  readonly id: string
  readonly fence: number
  readonly desired: "run" | "cancel"
  readonly cancelReason: string
  readonly cancelAs: RunReason
  readonly cancelGraceMs: number | null
}

/**
 * Since when PostgreSQL has taken connections. Its own start comes before its recovery, which takes as long as it takes; and when
 * only one of its processes crashed, all sessions end but its start stays. These two are begun when it opens. Who may not see
 * them gets the start.
 */
export const OPEN_SINCE: RawBuilder<Date> = sql`greatest(pg_postmaster_start_time(),
  (SELECT max(backend_start) FROM pg_stat_activity WHERE backend_type IN ('autovacuum launcher', 'logical replication launcher')))`

/** Prolongs the leases of these runs; the ones that are not under this worker any more are missing in the answer. */
export async function prolong(
  db: Db,
  worker: string,
  { runs, leaseMs }: { readonly runs: readonly string[]; readonly leaseMs: number },
): Promise<readonly Mine[]> {
  if (runs.length === 0) return []
  const { rows } = await sql<Mine>`
    UPDATE run SET lease_until = clock_timestamp() + make_interval(secs => ${leaseMs / 1000})
    WHERE id = ANY(${runs}) AND worker_id = ${worker} AND state = 'running'
    RETURNING id, fence, desired, cancel_reason AS "cancelReason", cancel_as AS "cancelAs", cancel_grace_ms AS "cancelGraceMs"`.execute(db)
  return rows
}

export type WorkerRow = {
  readonly id: string
  readonly host: string
  readonly pid: number
  readonly address: string
  readonly isolation: string
  readonly slots: number
  readonly startedAt: number
  readonly seenAt: number
  readonly draining: boolean
  readonly facts: unknown
  /** Runs that are its own now. */
  readonly running: number
}

export type WorkerSaid = Pick<WorkerRow, "id" | "host" | "pid" | "address" | "isolation" | "slots" | "draining"> & { readonly facts: string }

/** The worker's own row: made when it starts, renewed with each heartbeat. */
export async function sayAlive(db: Db, said: WorkerSaid): Promise<void> {
  await sql`
    INSERT INTO worker (id, host, pid, address, isolation, slots, started_at, seen_at, draining, facts)
    VALUES (${said.id}, ${said.host}, ${said.pid}, ${said.address}, ${said.isolation}, ${said.slots}, clock_timestamp(), clock_timestamp(), ${said.draining}, ${said.facts}::jsonb)
    ON CONFLICT (id) DO UPDATE SET seen_at = clock_timestamp(), draining = excluded.draining, facts = excluded.facts`.execute(db)
}

export async function sayGone(db: Db, worker: string): Promise<void> {
  await sql`DELETE FROM worker WHERE id = ${worker}`.execute(db)
}

export async function listWorkers(db: Db): Promise<readonly WorkerRow[]> {
  const { rows } = await sql<WorkerRow>`
    SELECT w.id, w.host, w.pid, w.address, w.isolation, w.slots, w.started_at AS "startedAt", w.seen_at AS "seenAt", w.draining, w.facts,
      (SELECT count(*) FROM run r WHERE r.worker_id = w.id AND r.state = 'running') AS running
    FROM worker w ORDER BY w.started_at`.execute(db)
  return rows
}
