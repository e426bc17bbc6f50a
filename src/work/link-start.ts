/** How a server starts a notebook's session: with the one that lives, or on the first worker that has room. */
import { toError } from "#base/fault.ts"
import { newId } from "#base/id.ts"
import { fromPlain, type JsonObject } from "#base/json.ts"
import { accepted, type Outcome } from "#base/outcome.ts"
import { type Actor, audit, type NotebookId, type SpaceId } from "#people/index.ts"
import { pause } from "#run/index.ts"
import type { Following, LineWorld } from "#work/link-follow.ts"
import { gone } from "#work/link-worker.ts"
import type { SessionAsk } from "#work/session-asks.ts"
import type { StartOptions } from "#work/session-line.ts"
import { refuseSession, type SessionRefusal } from "#work/session-refusal.ts"
import { isOverState, type SessionView, type Someone } from "#work/session-view.ts"
import { insertSession, latestSession, loseSession, tellSession, workersForSessions } from "#work/sql/session-row.ts"

export type Starting = {
  readonly link: LineWorld
  readonly notebook: NotebookId
  readonly space: SpaceId
  readonly following: Following
  readonly actor: Actor
  readonly options: StartOptions
}

type Started = Outcome<SessionView, SessionRefusal>

const TRIES = 20
const PAUSE_MS = 50
const LONGEST_PAUSE_MS = 1_000
/** Within that its worker must have taken it over. */
const BEGIN_MS = 10_000

/** The one that lives, one that died started again, or a new one. Whether the actor may, the caller has asked. */
export async function startSession(starting: Starting): Promise<Started> {
  const { world, timers } = starting.link.options
  for (let tries = 1; tries <= TRIES; tries++) {
    const row = await latestSession(world.db, starting.notebook)
    if (row && !isOverState(row.state)) {
      const there = await startAgain(starting)
      if (there) return there
      await pause(timers, Math.min(LONGEST_PAUSE_MS, PAUSE_MS * tries))
    } else {
      const begun = await startNew(starting)
      if (begun) return begun
    }
  }
  throw gone("could not be reached")
}

/** One whose kernel died gets a new one. Undefined when it cannot be reached just now. */
async function startAgain({ following, actor }: Starting): Promise<Started | undefined> {
  const followed = await following.living()
  if (!followed || !following.view) return undefined
  if (following.view.state === "dead") await followed.worker.ask(followed.id, { do: "restart", by: someone(actor) })
  return accepted(following.view)
}

type Place = { readonly id: string; readonly host: string; readonly address: string }

/** Undefined when somebody else was faster. */
async function startNew(starting: Starting): Promise<Started | undefined> {
  const { link, options } = starting
  const { world, leaseMs } = link.options
  const { adopts } = options
  // A kernel that stands already is where it is.
  const workers = adopts ? [{ id: adopts.worker, host: adopts.host, address: adopts.address }] : await workersForSessions(world.db, leaseMs)
  for (const worker of workers) {
    const answer = await startAt(starting, worker)
    if (answer === "somebody_was_faster") return undefined
    if (answer?.ok) return answer
    if (adopts)
      return (
        answer ?? refuseSession("kernel_gone", "The worker that kept the run's kernel cannot be reached.", "Replay the run up to its failing cell.")
      )
  }
  return refuseSession(
    "no_room",
    workers.length === 0 ? "No worker takes live sessions at the moment." : "No worker could begin the session.",
    "Try again in a moment; if it stays so, tell whoever runs this server.",
  )
}

/** Undefined when that worker cannot be reached. */
async function startAt(starting: Starting, worker: Place): Promise<Started | "somebody_was_faster" | undefined> {
  const { link, notebook, space, following, actor, options } = starting
  const { world, leaseMs } = link.options
  const id = newId(world.clock.now(), world.random)
  const row = {
    id,
    space,
    notebook,
    worker: worker.id,
    host: worker.host,
    startedBy: actor.id,
    environmentAsked: options.environment,
    leaseMs: Math.max(leaseMs, BEGIN_MS),
  }
  if (!(await insertSession(world.db, row))) return "somebody_was_faster"
  const answer = await begun(starting, id, worker)
  if (!answer?.ok) {
    await loseSession(world.db, id)
    return answer
  }
  await audit(world.db, { actor, action: "session.start", thing: `session/${id}`, space, outcome: "done", at: world.clock.now() })
  await tellSession(world.db, notebook)
  await following.lookNow()
  return answer
}

async function begun({ link, notebook, actor, options }: Starting, id: string, worker: Place): Promise<Started | undefined> {
  const { environment, metadata, lists, adopts, secrets } = options
  const ask: SessionAsk = {
    do: "start",
    notebook,
    by: someone(actor),
    environment,
    metadata: metadata && (fromPlain(metadata) as JsonObject),
    lists,
    adopts: adopts?.run,
    secrets,
  }
  try {
    return (await link.to({ worker: worker.id, address: worker.address }).ask(id, ask)) as Started
  } catch (error) {
    link.options.tell(`session ${id}: ${toError(error).message}`)
    return undefined
  }
}

export function someone({ id, name }: Actor): Someone {
  return { id, name }
}
