/** Asking a run to stop. */
import { sql } from "kysely"
import { accepted, type Outcome } from "#base/outcome.ts"
import { type Db, retrying } from "#database/index.ts"
import { recordRun } from "#library/index.ts"
import { type Actor, audit, whyConsentEnded } from "#people/index.ts"
import { permitted } from "#work/permit.ts"
import type { RunRefusal } from "#work/refusal.ts"
import type { RunReason, RunRow } from "#work/row.ts"
import { isTerminal } from "#work/row.ts"
import { shownTo } from "#work/shown.ts"
import { appendEvents, tellWorkers } from "#work/sql/events.ts"
import { findRun } from "#work/sql/find-run.ts"
import { stateEvent } from "#work/state-event.ts"
import type { QueueWorld, WorkWorld } from "#work/world.ts"

export type Cancelling = { readonly id: string; readonly reason?: string | undefined; readonly graceSeconds?: number | undefined }

/** Harmless when it is asked twice, or comes too late: the answer says where the run stands. */
export async function cancel(world: WorkWorld, actor: Actor, { id, reason = "", graceSeconds }: Cancelling): Promise<Outcome<RunRow, RunRefusal>> {
  const run = await permitted(world, actor, { id, action: "run", as: "run.cancel" })
  if (!run.ok || isTerminal(run.value.state)) return run
  const graceMs = graceSeconds === undefined ? undefined : Math.round(Math.max(0, graceSeconds) * 1000)
  await askToCancel(world, actor, { id, reason, graceMs })
  return accepted(await shownTo(world.db, actor, (await findRun(world.db, id)) ?? run.value))
}

export type Asking = { readonly id: string; readonly reason: string; readonly graceMs?: number | undefined; readonly as?: RunReason }

const REASON_UNITS = 1_000

export function askToCancel(world: QueueWorld, actor: Actor, asking: Asking): Promise<void> {
  const reason = asking.reason.slice(0, REASON_UNITS).toWellFormed().replaceAll("\0", "")
  return retrying(() => world.db.transaction().execute((tx) => askIn(tx, { world, actor, ...asking, reason })))
}

async function askIn(
  tx: Db,
  { world, actor, id, reason, graceMs, as = "" }: Asking & { readonly world: QueueWorld; readonly actor: Actor },
): Promise<void> {
  const { rows } = await sql<{ state: RunRow["state"]; attempt: number; desired: string; notebook: string; space: string }>`
    SELECT state, attempt, desired, notebook_id AS notebook, space_id AS space FROM run WHERE id = ${id} FOR UPDATE`.execute(tx)
  const run = rows[0]
  if (!run || isTerminal(run.state) || run.desired === "cancel") return
  const at = world.clock.now()
  await sql`UPDATE run SET desired = 'cancel', cancel_reason = ${reason}, cancel_as = ${as}, cancel_grace_ms = ${graceMs ?? null} WHERE id = ${id}`.execute(
    tx,
  )
  if (run.state === "queued") await endQueued(tx, { world, id, attempt: run.attempt, notebook: run.notebook, reason, as, at })
  else {
    await appendEvents(tx, {
      run: id,
      attempt: run.attempt,
      rows: [stateEvent({ state: "running", reason: as, explanation: reason, attempt: run.attempt, desired: "cancel" }, at)],
    })
    await tellWorkers(tx, `cancel ${id}`)
  }
  await audit(tx, { actor, action: "run.cancel", thing: `run/${id}`, space: run.space as never, outcome: "done", detail: { state: run.state }, at })
}

type Queued = {
  readonly world: QueueWorld
  readonly id: string
  readonly attempt: number
  readonly notebook: string
  readonly reason: string
  readonly as: RunReason
  readonly at: number
}

/** Nobody drives it: it ends here. */
async function endQueued(tx: Db, { world, id, attempt, notebook, reason, as, at }: Queued): Promise<void> {
  const explanation = `The run was cancelled before it began.${reason === "" ? "" : ` Reason: ${reason}`}`
  await sql`
    UPDATE run SET state = 'cancelled', reason = ${as}, explanation = ${explanation}, ended_at = ${new Date(at)}, secrets = NULL, not_before = NULL
    WHERE id = ${id}`.execute(tx)
  await appendEvents(tx, { run: id, attempt, rows: [stateEvent({ state: "cancelled", reason: as, explanation, attempt }, at)] })
  await recordRun(tx, { notebook: notebook as never, state: "cancelled", at })
  await world.queue.remove(tx, [id])
}

/**
 * Runs that wait to go in somebody's name under a consent that counts no more: each would only fail when its turn comes. One that runs
 * goes on: what it may read it has read, and what it writes is better whole.
 * @param thing what was consented to: "template/<id>"
 */
export async function cancelUnconsented(world: WorkWorld, actor: Actor, thing: string): Promise<number> {
  const waiting = await sql<{ id: string; person: string; consent: string }>`
    SELECT r.id, r.ran_as AS person, r.consent_id AS consent FROM run r JOIN consent c ON c.id = r.consent_id
    WHERE r.state = 'queued' AND c.thing = ${thing} AND c.revoked_at IS NOT NULL ORDER BY r.id`.execute(world.db)
  for (const { id, ...under } of waiting.rows)
    await askToCancel(world, actor, { id, reason: (await whyConsentEnded(world.db, under)) ?? "", as: "not_permitted" })
  return waiting.rows.length
}

/** The caller is still there. Runs without a promised interval take it as no more than a look. */
export async function keepalive(world: WorkWorld, actor: Actor, id: string): Promise<Outcome<RunRow, RunRefusal>> {
  const run = await permitted(world, actor, { id, action: "run", as: "run.keepalive" })
  if (!run.ok || isTerminal(run.value.state)) return run
  await sql`UPDATE run SET keepalive_at = now() WHERE id = ${id} AND state IN ('queued', 'running')`.execute(world.db)
  return accepted(await shownTo(world.db, actor, (await findRun(world.db, id)) ?? run.value))
}
