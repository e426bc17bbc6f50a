/** What becomes of a run when one attempt of it is over. Pure: the only place that decides on retries. */
import type { RetryPolicy } from "#work/launch.ts"
import type { RunReason, RunState } from "#work/row.ts"

export type AttemptEnd = { readonly state: "succeeded" | "failed" | "cancelled" | "lost"; readonly reason: RunReason; readonly explanation: string }

export type Standing = {
  readonly attempt: number
  /** The attempt with which counting began: a retry by hand begins anew. */
  readonly firstAttempt: number
  readonly desired: "run" | "cancel"
  readonly retry: RetryPolicy
}

export type Next =
  | { readonly is: "over"; readonly end: AttemptEnd }
  /** `inMs` from now. */
  | { readonly is: "again"; readonly inMs: number }

/** Another try would come to the same: what is asked for is not there. */
const HOPELESS: ReadonlySet<RunReason> = new Set(["environment_missing", "version_missing", "not_permitted", "asked_for_input"])

/**
 * Nothing ran, and what was away comes back by itself: tried again a few times, minutes apart, also where no other failure would be.
 */
const PASSING: ReadonlySet<RunReason> = new Set(["index_unreachable"])
const PASSING_TRIES = 3
const PASSING_PAUSE_MS = 60_000

/** @param chance 0 … 1, so that many that failed together do not come back together */
export function afterAttempt(end: AttemptEnd, standing: Standing, chance: number): Next {
  const tries = standing.attempt - standing.firstAttempt + 1
  const mayTry = (end.state === "failed" || end.state === "lost") && !HOPELESS.has(end.reason)
  if (standing.desired === "cancel" && end.state === "lost")
    return {
      is: "over",
      end: { state: "cancelled", reason: end.reason, explanation: `The run was cancelled; its worker died before it could say so.` },
    }
  const isPassing = PASSING.has(end.reason)
  const most = isPassing ? Math.max(PASSING_TRIES, standing.retry.maxAttempts) : standing.retry.maxAttempts
  if (!mayTry || standing.desired === "cancel" || tries >= most) return { is: "over", end }
  const pauseMs = backoffMs(standing.retry, tries, chance)
  return { is: "again", inMs: isPassing ? Math.max(PASSING_PAUSE_MS, pauseMs) : pauseMs }
}

/** Before try `tries + 1`: grows by the factor up to the longest pause, and is shortened by up to a fifth. */
export function backoffMs(policy: RetryPolicy, tries: number, chance: number): number {
  const grown = Math.min(policy.backoffMs * policy.backoffFactor ** (tries - 1), policy.maxBackoffMs)
  return Math.round(grown * (1 - 0.2 * chance))
}

/** What a launch with a known key comes to. */
export function onKnownKey(
  known: { readonly state: RunState; readonly orchestratorAttempt: number },
  asked: { readonly onExisting: "attach" | "new-attempt" | "reject"; readonly orchestratorAttempt: number },
): "return" | "new attempt" | "reject" {
  if (asked.onExisting === "reject") return "reject"
  const hasFailed = known.state === "failed" || known.state === "lost" || known.state === "cancelled"
  if (!hasFailed) return "return"
  // The same delivery twice must not run twice; a later try of the same task is what a retry means.
  return asked.onExisting === "new-attempt" || asked.orchestratorAttempt > known.orchestratorAttempt ? "new attempt" : "return"
}
