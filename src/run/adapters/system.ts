import { randomBytes } from "node:crypto"
import type { Random } from "#base/id.ts"
import type { Clock } from "#base/time.ts"
import type { Timers } from "#run/ports.ts"

export const systemClock: Clock = { now: () => Date.now(), steady: () => performance.now() }

export const systemRandom: Random = { bytes: (count) => randomBytes(count) }

export const systemTimers: Timers = {
  after(ms, then) {
    // setTimeout fires at once for anything above 2^31-1; a limit of 24 days is as good as none.
    const timer = setTimeout(then, Math.min(ms, 2_147_483_647))
    return () => clearTimeout(timer)
  },
}
