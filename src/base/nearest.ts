/**
 * How far one word is from another: letters changed, left out, put in, or swapped with their neighbour (optimal string
 * alignment); another case of the same letter counts half. Here, because three rooms suggest the name that was meant.
 */
export function slipsBetween(a: string, b: string): number {
  let beforeLast: number[] = []
  let last = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const change = last[j - 1]! + costOf(a.charAt(i - 1), b.charAt(j - 1))
      const isSwapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
      row.push(Math.min(change, last[j]! + 1, row[j - 1]! + 1, isSwapped ? beforeLast[j - 2]! + 1 : Number.POSITIVE_INFINITY))
    }
    beforeLast = last
    last = row
  }
  return last[b.length]!
}

function costOf(a: string, b: string): number {
  if (a === b) return 0
  return a.toLowerCase() === b.toLowerCase() ? 0.5 : 1
}
