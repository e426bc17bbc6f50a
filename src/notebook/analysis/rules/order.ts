/** What the execution counts tell of the order in which the cells were run. */
import { type Finding, finding, type Rule, type SubjectCell } from "#notebook/analysis/findings.ts"

export const executionOrder: Rule = ({ cells }) => {
  const counted = cells.filter(({ names }) => !names.isEmpty)
  const run = counted.filter((cell) => countOf(cell) !== undefined)
  // A notebook without any counts was cleaned, or is new.
  if (run.length === 0) return []
  const highest = { count: 0, number: 0 }
  const late = run.flatMap((cell): Finding[] => {
    const count = countOf(cell) ?? 0
    if (count > highest.count) {
      Object.assign(highest, { count, number: cell.number })
      return []
    }
    return [finding("out_of_order", cell, { why: `It was run as number ${count}, before cell ${highest.number} above it (${highest.count}).` })]
  })
  const missing = counted.filter((cell) => countOf(cell) === undefined)
  return [
    ...late,
    ...missing.map((cell) => finding("not_run", cell, { why: "It was not run, while others were: what it does is not in the stored outputs." })),
  ]
}

function countOf({ cell }: SubjectCell): number | undefined {
  return typeof cell.execution_count === "number" ? cell.execution_count : undefined
}
