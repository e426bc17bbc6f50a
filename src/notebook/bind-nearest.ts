/** The name that was probably meant. */

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

/** Letters changed, left out, put in, or swapped with their neighbour. */
function slipsBetween(a: string, b: string): number {
  let beforeLast: number[] = []
  let last = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const change = (last[j - 1] ?? 0) + costOf(a.charAt(i - 1), b.charAt(j - 1))
      let best = Math.min(change, (last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1)
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
      if (swapped) best = Math.min(best, (beforeLast[j - 2] ?? 0) + 1)
      row.push(best)
    }
    beforeLast = last
    last = row
  }
  return last[b.length] ?? 0
}

function costOf(a: string, b: string): number {
  if (a === b) return 0
  return a.toLowerCase() === b.toLowerCase() ? 0.5 : 1
}
