/** A place in a server's line, for which one may have to wait. */
import { ApiProblem, isFull } from "#api/client.ts"
import { accepted, type Outcome, refused } from "#base/outcome.ts"
import { toHuman } from "#base/time.ts"
import { lastValueOf, type Parsed } from "#cli/arguments.ts"
import { complain, type Edge, EXIT } from "#cli/edge.ts"
import { milliseconds } from "#cli/limits.ts"
import type { Refusal } from "#cli/prepare.ts"

/**
 * A line that moves has a place within seconds. One that does not, because nothing works it off, would hold the scheduler's own slot for
 * nothing: whoever schedules has retries for that, and hears of it by 75.
 */
const USUAL = "2m"

export function patienceOf(parsed: Parsed): Outcome<number, Refusal> {
  const text = lastValueOf(parsed, "--wait-for-place") ?? USUAL
  const ms = milliseconds(text)
  if (ms !== undefined) return accepted(ms)
  return refused({ messages: [`--wait-for-place takes seconds, or a duration such as 90s, 10m or 2h; got "${text}".`], remedy: "" })
}

export type Patience = { readonly edge: Edge; readonly patienceMs: number; readonly isQuiet: boolean }

const PAUSE_MS = 30_000

/** Asks again as often as the server likes, and says so once. @throws ApiProblem also when there is no place in time */
export async function whenThereIsPlace<Run>(launch: () => Promise<Run>, { edge, patienceMs, isQuiet }: Patience): Promise<Run> {
  const until = edge.clock.steady() + patienceMs
  for (let asked = 1; ; asked++) {
    try {
      return await launch()
    } catch (error) {
      if (!isFull(error)) throw error
      const left = until - edge.clock.steady()
      if (left <= 0) throw toldLate(error, asked, patienceMs)
      const tell = () => complain(edge, error.problem.detail, `Asking again for ${toHuman(patienceMs)} (--wait-for-place); Ctrl-C gives up.`)
      await pause(edge, Math.min(error.retryAfterMs ?? PAUSE_MS, left), asked === 1 && !isQuiet ? tell : undefined)
    }
  }
}

function toldLate({ problem, retryAfterMs }: ApiProblem, asked: number, patienceMs: number): ApiProblem {
  const told = asked === 1 ? "" : `There was no place in ${toHuman(patienceMs)}. `
  return new ApiProblem({ ...problem, remedy: `${told}Nothing was ordered. To wait longer: --wait-for-place 1h.` }, retryAfterMs)
}

/** What is told then invites to the signal, which is heard by then. */
function pause(edge: Edge, ms: number, tell?: () => void): Promise<void> {
  return new Promise((resolve) => {
    const ignore = edge.onSignal(() => {
      complain(edge, "Nothing was ordered.")
      edge.exit(EXIT.cancelled)
    })
    tell?.()
    edge.timers.after(ms, () => {
      ignore()
      resolve()
    })
  })
}
