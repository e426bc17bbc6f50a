/** Doing something again while what stands in the way passes. */
import { isRetryable } from "#database/index.ts"
import { pause, type Timers } from "#run/index.ts"

export type Patience = {
  readonly timers: Timers
  /** Attempts at most; a database that is away does not count. Without it there is no end. */
  readonly tries?: number
  /** Asked before each further try. */
  readonly isPassing?: () => boolean
}

const FIRST_MS = 100
const LONGEST_MS = 5_000

/** @throws what cannot pass, and with `tries` the last fault */
export async function patiently<Value>(act: () => Promise<Value>, { timers, tries, isPassing = () => true }: Patience): Promise<Value> {
  let failed = 0
  for (let pauseMs = FIRST_MS; ; pauseMs = Math.min(pauseMs * 2, LONGEST_MS)) {
    try {
      return await act()
    } catch (error) {
      if (!isRetryable(error)) failed++
      if ((tries === undefined && !mayPass(error)) || failed === tries || !isPassing()) throw error
      await pause(timers, pauseMs)
    }
  }
}

/** A database or a store that is away, full or busy: later it may not be. */
export function mayPass(error: unknown): boolean {
  return isRetryable(error) || (error as { readonly retry?: unknown } | null)?.retry === "later"
}
