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
  readonly run: (target: Target, tier: Tier) => Promise<Tally>
  /** The same attack with a hole that was made for it: how many it did not find, or which. */
  readonly check?: (target: Target, tier: Tier) => Promise<Tally>
}
