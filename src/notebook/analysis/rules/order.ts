/** What the execution counts tell of the order in which the cells were run. */
import { type Finding, finding, type Rule, type SubjectCell } from "#notebook/analysis/findings.ts"

type Counted = { readonly cell: SubjectCell; readonly count: number }

export const executionOrder: Rule = ({ cells }) => {
  const counted = cells.filter(({ names }) => !names.isEmpty)
  const run = counted.flatMap((cell): Counted[] => {
    const count = countOf(cell)
    return count === undefined ? [] : [{ cell, count }]
  })
  // A notebook without any counts was cleaned, or is new.
  if (run.length === 0) return []
  const missing = counted.filter((cell) => countOf(cell) === undefined)
  return [
    ...outOfOrder(run),
    ...missing.map((cell) => finding("not_run", cell, { why: "It was not run, while others were: what it does is not in the stored outputs." })),
  ]
}

/** One cell that was run again is told of, and not all those around it: whatever does not belong to the longest row that is in order. */
function outOfOrder(run: readonly Counted[]): readonly Finding[] {
  const straight = longestRising(run.map(({ count }) => count))
  return run.flatMap(({ cell, count }, at): Finding[] => {
    if (straight.has(at)) return []
    const above = run.find((other, place) => place < at && straight.has(place) && other.count >= count)
    const below = run.findLast((other, place) => place > at && straight.has(place) && other.count <= count)
    const than = above
      ? `before cell ${above.cell.number} above it (${above.count})`
      : below && `after cell ${below.cell.number} below it (${below.count})`
    return than === undefined ? [] : [finding("out_of_order", cell, { why: `It was run as number ${count}, ${than}.` })]
  })
}

/** The places of the longest part of a list that rises from each to the next; of several, the one that stands further up. */
function longestRising(values: readonly number[]): ReadonlySet<number> {
  /** By length: the place at which the part of that length, read from the end, begins highest. */
  const begins: number[] = []
  const after: (number | undefined)[] = []
  for (let at = values.length - 1; at >= 0; at--) {
    const found = begins.findIndex((place) => (values[place] ?? 0) <= (values[at] ?? 0))
    const length = found < 0 ? begins.length : found
    after[at] = begins[length - 1]
    begins[length] = at
  }
  const places = new Set<number>()
  for (let at = begins.at(-1); at !== undefined; at = after[at]) places.add(at)
  return places
}

/** Counts begin with 1: what has none of its own is given a 0 by some. */
function countOf({ cell }: SubjectCell): number | undefined {
  return typeof cell.execution_count === "number" && cell.execution_count > 0 ? cell.execution_count : undefined
}
