import { expect, test } from "vitest"
import { cellLines } from "#cli/server/cell-lines.ts"

const at = (ms: number) => new Date(ms).toISOString()
const cell = (index: number, state: string, tookMs: number | undefined, attempt = 1) => ({
  type: "cell",
  attempt,
  what: { index, state, startedAt: at(0), endedAt: tookMs === undefined ? null : at(tookMs) },
})
const progress = (total: number, attempt = 1) => ({ type: "progress", attempt, what: { done: 0, total, current: null } })

test("a cell that ended is a line: which of how many, how it ended, how long it took, and where it stands", () => {
  const line = cellLines()
  const events = [progress(10), cell(1, "running", undefined), cell(1, "succeeded", 1200), progress(10), cell(4, "timed_out", 90_000)]
  expect(events.map(line).join("")).toBe("[ 1/10] ok        1.2 s  cell 2\n[ 2/10] timed out 1 m 30 s  cell 5\n")
})

test("a run that is tried again counts from its first cell", () => {
  const line = cellLines()
  expect([progress(2), cell(0, "succeeded", 5), cell(1, "failed", 5), progress(2, 2), cell(0, "succeeded", 5, 2)].map(line).at(-1)).toBe(
    "[1/2] ok         5 ms  cell 1\n",
  )
})
