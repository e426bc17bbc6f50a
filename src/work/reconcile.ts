/**
 * What is set right without anybody asking, by every server and worker: runs whose worker does not live any more are lost
 * (or tried again), callers who fell silent, queued runs whose job went missing. Two who do it at once come to the same.
 */
import { sql } from "kysely"
import { toError } from "#base/fault.ts"
import type { Db } from "#database/index.ts"
import { SYSTEM } from "#people/index.ts"
import type { Timers } from "#run/index.ts"
import { chanceOf, endingOf } from "#work/attempt.ts"
import { askToCancel } from "#work/cancel.ts"
import { endAttempt, NOTHING_KEPT } from "#work/sql/end.ts"
import { tellWorkers } from "#work/sql/events.ts"
import { OPEN_SINCE } from "#work/sql/lease.ts"
import type { QueueWorld } from "#work/world.ts"

export type Reconciled = { readonly lost: readonly string[]; readonly orphaned: readonly string[]; readonly enqueued: readonly string[] }

/** A worker that was not seen for so many leases is forgotten. */
const FORGOTTEN_LEASES = 30

export async function reconcile(world: QueueWorld, { leaseMs }: { readonly leaseMs: number }): Promise<Reconciled> {
  const lost = await loseExpired(world, leaseMs)
  const orphaned = await cancelOrphans(world)
  const enqueued = await enqueueMissing(world)
  await sql`DELETE FROM worker WHERE seen_at < now() - make_interval(secs => ${(leaseMs * FORGOTTEN_LEASES) / 1000})`.execute(world.db)
  return { lost, orphaned, enqueued }
}

export type Reconciling = { readonly leaseMs: number; readonly timers: Timers; readonly tell: (line: string) => void }

/** A server does it as well: when no worker is left, somebody must say that runs are lost. Gives the function that stops it. */
export function startReconciling(world: QueueWorld, { leaseMs, timers, tell }: Reconciling): () => void {
  let stopTimer = () => {}
  let isStopped = false
  const next = () => {
    if (isStopped) return
    stopTimer = timers.after(leaseMs / 3, () => {
      reconcile(world, { leaseMs })
        .catch((error: unknown) => tell(`reconciling failed: ${toError(error).message}`))
        .finally(next)
    })
  }
  next()
  return () => {
    isStopped = true
    stopTimer()
  }
}

type Expired = { readonly id: string; readonly attempt: number; readonly fence: number }

/**
 * By the database's clock alone. When PostgreSQL itself was away nobody could renew a lease: it counts from then on that it
 * takes connections again.
 */
async function selectExpired(db: Db, leaseMs: number): Promise<readonly Expired[]> {
  const { rows } = await sql<Expired>`
    SELECT id, attempt, fence FROM run
    WHERE state = 'running' AND coalesce(lease_until, started_at, created_at) < clock_timestamp()
      AND ${OPEN_SINCE} + make_interval(secs => ${leaseMs / 1000}) < clock_timestamp()`.execute(db)
  return rows
}

async function loseExpired(world: QueueWorld, leaseMs: number): Promise<readonly string[]> {
  const lost: string[] = []
  for (const { id, attempt, fence } of await selectExpired(world.db, leaseMs)) {
    const explanation = "The worker that drove this run died, or could not be reached any more."
    const end = { state: "lost", reason: "owner_died", explanation } as const
    const next = await endAttempt(
      world.db,
      endingOf(world, { run: id, attempt, fence, end, kept: NOTHING_KEPT, chance: chanceOf(world.random), ifExpired: true }),
    )
    if (next) lost.push(id)
  }
  return lost
}

async function cancelOrphans(world: QueueWorld): Promise<readonly string[]> {
  const { rows } = await sql<{ id: string; seconds: number }>`
    SELECT id, (keepalive_ms / 1000)::int AS seconds FROM run
    WHERE state IN ('queued', 'running') AND desired = 'run' AND keepalive_ms IS NOT NULL
      AND keepalive_at + keepalive_ms * interval '1 millisecond' < now()`.execute(world.db)
  for (const { id, seconds } of rows)
    await askToCancel(world, SYSTEM, { id, reason: `Its caller promised to be heard every ${seconds} s and fell silent.`, as: "orphaned" })
  return rows.map(({ id }) => id)
}

async function enqueueMissing(world: QueueWorld): Promise<readonly string[]> {
  const { rows } = await sql<{ id: string; notBefore: number | null }>`
    SELECT id, not_before AS "notBefore" FROM run WHERE state = 'queued' AND queued_at < now() - interval '2 seconds' ORDER BY id LIMIT 1000`.execute(
    world.db,
  )
  if (rows.length === 0) return []
  const missing = new Set(
    await world.queue.missing(
      world.db,
      rows.map(({ id }) => id),
    ),
  )
  const again = rows.filter(({ id }) => missing.has(id))
  if (again.length === 0) return []
  await world.db.transaction().execute(async (tx) => {
    for (const { id, notBefore } of again) await world.queue.put(tx, id, notBefore ?? undefined)
    await tellWorkers(tx)
  })
  return again.map(({ id }) => id)
}
