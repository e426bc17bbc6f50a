/** A new attempt of a run that did not succeed. */

import { sql } from "kysely"
import { write } from "#base/json.ts"
import { accepted, type Outcome, refused } from "#base/outcome.ts"
import { type Db, retrying } from "#database/index.ts"
import { type Actor, audit } from "#people/index.ts"
import type { Launch } from "#work/launch.ts"
import { permitted } from "#work/permit.ts"
import type { RunRefusal } from "#work/refusal.ts"
import type { RunRow } from "#work/row.ts"
import { shownTo } from "#work/shown.ts"
import { requeue } from "#work/sql/end.ts"
import { appendEvents } from "#work/sql/events.ts"
import { findRun } from "#work/sql/find-run.ts"
import { stateEvent } from "#work/state-event.ts"
import type { WorkWorld } from "#work/world.ts"

/** Runs it once more; what succeeded, or is not over, is refused. */
export async function retry(world: WorkWorld, actor: Actor, id: string): Promise<Outcome<RunRow, RunRefusal>> {
  const run = await permitted(world, actor, { id, action: "run", as: "run.retry" })
  if (!run.ok) return run
  if (run.value.secretNames.length > 0) return wrongState(run.value, secretsAreGone(run.value))
  return openAttempt(world, actor, { run: run.value })
}

export type Opening = {
  readonly run: RunRow
  /** The launch that asks for it: brings the secrets again, and who asks now. */
  readonly launch?: Launch
}

/** Attempt n+1. Two who ask at once get the same one. */
export async function openAttempt(world: WorkWorld, actor: Actor, opening: Opening): Promise<Outcome<RunRow, RunRefusal>> {
  const { run } = opening
  if (run.state === "succeeded") return wrongState(run, `The run ${run.id} succeeded: what has a result is not run again. Order a new run.`)
  if (run.state === "queued" || run.state === "running") return accepted(await shownTo(world.db, actor, run))
  await retrying(() => world.db.transaction().execute((tx) => openIn(tx, { world, actor, ...opening })))
  return accepted(await shownTo(world.db, actor, (await findRun(world.db, run.id)) ?? run))
}

async function openIn(tx: Db, { world, actor, run, launch }: Opening & { readonly world: WorkWorld; readonly actor: Actor }): Promise<void> {
  const at = world.clock.now()
  const { rows } = await sql<{ attempt: number }>`
    SELECT attempt FROM run WHERE id = ${run.id} AND state IN ('failed', 'lost', 'cancelled') AND attempt = ${run.attempt} FOR UPDATE`.execute(tx)
  if (rows.length === 0) return
  const attempt = run.attempt + 1
  const secrets = secretsOf(world, run, launch)
  await sql`
    UPDATE run SET first_attempt = ${attempt}, desired = 'run', cancel_reason = '', cancel_as = '', cancel_grace_ms = NULL, secrets = ${secrets},
      orchestrator = coalesce(${launch?.orchestrator ? write(launch.orchestrator as never) : null}::jsonb, orchestrator),
      keepalive_at = CASE WHEN keepalive_ms IS NULL THEN NULL ELSE now() END, result_sha256 = NULL, result_bytes = NULL, journal_sha256 = NULL
    WHERE id = ${run.id}`.execute(tx)
  await requeue(tx, run.id, { attempt })
  await appendEvents(tx, { run: run.id, attempt, rows: [stateEvent({ state: "queued", attempt }, at)] })
  await world.queue.put(tx, run.id)
  await audit(tx, { actor, action: "run.retry", thing: `run/${run.id}`, space: run.space, outcome: "done", detail: { attempt }, at })
}

/** They were deleted when the run ended; a launch that comes again brings them again. */
function secretsOf(world: WorkWorld, run: RunRow, launch: Launch | undefined): Uint8Array | null {
  const given = Object.entries(launch?.parameters ?? {}).filter(([name]) => run.secretNames.includes(name))
  return given.length > 0 ? world.seal.close(write(Object.fromEntries(given)), run.id) : null
}

function secretsAreGone(run: RunRow): string {
  return `The run ${run.id} had secret parameters (${run.secretNames.join(", ")}), which are not kept once a run is over. Order a new run, or launch it again with its idempotency key.`
}

function wrongState(run: RunRow, message: string): { readonly ok: false; readonly refusal: RunRefusal } {
  return refused({ refused: "wrong_state", message, state: run.state })
}
