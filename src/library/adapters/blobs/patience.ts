/** Asking a server again: pauses that grow and are cut by chance, and one brake for all when it asks to slow down. */
import { setTimeout as pause } from "node:timers/promises"
import { answerOf } from "#library/adapters/blobs/s3-fault.ts"

export type PatienceOptions = {
  /** Attempts in all. Default 8: about half a minute with the pauses. */
  readonly tries?: number
  /** Of the first pause at most; each next one is twice as long, up to a hundred times that. Default 100. */
  readonly pauseMs?: number
  /** Default Math.random. */
  readonly chance?: () => number
}

export type Patience = <Value>(work: () => Promise<Value>) => Promise<Value>

/** Work that fails for a passing reason is done again. The last error is thrown. */
export function patience({ tries = 8, pauseMs = 100, chance = Math.random }: PatienceOptions = {}): Patience {
  // Whoever was told to slow down has learnt it for everybody: nobody asks before this moment.
  let quietUntil = 0
  return async (work) => {
    for (let failed = 1; ; failed++) {
      const quietMs = quietUntil - performance.now()
      if (quietMs > 0) await pause(quietMs * (1 + chance()))
      try {
        return await work()
      } catch (error) {
        const answer = answerOf(error)
        if (failed >= tries || (answer !== "passing" && answer !== "throttled")) throw error
        const longest = pauseMs * Math.min(2 ** (failed - 1), 100)
        if (answer === "throttled") quietUntil = Math.max(quietUntil, performance.now() + longest)
        await pause(longest * chance())
      }
    }
  }
}
