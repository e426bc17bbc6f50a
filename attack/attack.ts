/** What every attack is, and what it counts. */
import type { Target } from "./target.ts"

export type Tier = "short" | "full"

export type Tally = {
  readonly tried: number
  /** Each a sentence of what got through; the attack failed when there is none. */
  readonly holes: readonly string[]
  /** What was counted beside. */
  readonly notes?: readonly string[]
}

export type Attack = {
  readonly name: string
  /** It takes as long as it takes, and costs next to nothing. */
  readonly waits?: boolean
  /** It breaks what others need. */
  readonly isLast?: boolean
  readonly run: (target: Target, tier: Tier) => Promise<Tally>
}
