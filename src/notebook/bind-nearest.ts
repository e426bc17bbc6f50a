/** The name that was probably meant. */
import { slipsBetween } from "#base/nearest.ts"

/** The known name fewest slips away, when that is at most a third of its length (at least one); case counts as half a slip. */
export function nearest(name: string, known: readonly string[]): string | undefined {
  const given = name.slice(0, LONGEST)
  const scored = known
    .filter((one) => one.length <= LONGEST && Math.abs(one.length - given.length) <= LONGEST / 4)
    .map((one) => ({ one, slips: slipsBetween(given, one) }))
    .filter(({ one, slips }) => slips <= Math.max(1, Math.floor(Math.max(one.length, given.length) / 3)))
    .toSorted((a, b) => a.slips - b.slips)
  return scored[0]?.one
}

const LONGEST = 100
