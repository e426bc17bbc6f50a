/** What a run's record says of how it went. */
import type { Json } from "#base/json.ts"
import { type Cell, tagsOf } from "#notebook/index.ts"
import type { Run } from "#run/index.ts"
import type { AttemptEnd } from "#work/after.ts"
import type { CellTime, RunError } from "#work/row.ts"
import type { Course } from "#work/sql/end.ts"

/** @throws Error when the run is not over */
export function endOf({ status, reason, explanation }: Run): AttemptEnd {
  if (status === "queued" || status === "running") throw new Error("the run is not over")
  return { state: status, reason, explanation: explanation.toWellFormed().replaceAll("\0", "") }
}

export function courseOf(run: Run, named: ReadonlyMap<string, Json>): Course {
  const failed = run.cells.findIndex(({ state }) => state === "failed" || state === "timed_out" || state === "kernel_died" || state === "lost")
  return {
    cells: run.order.plan.map((index) => timeOf(run, index)),
    cellsDone: run.current,
    cellsTotal: run.order.plan.length,
    failedCell: failed < 0 ? null : failed,
    error: failed < 0 ? null : errorOf(run, failed),
    outputs: named.size > 0 ? Object.fromEntries(named) : null,
  }
}

function timeOf(run: Run, index: number): CellTime {
  const cell = run.cells[index]!
  const end = Math.max(cell.replyAt, cell.idleAt)
  return {
    index,
    id: run.order.notebook.cells[index]!.id,
    state: cell.state,
    startedAt: cell.busyAt > 0 ? Math.round(cell.busyAt) : null,
    endedAt: cell.busyAt > 0 && end > 0 ? Math.round(end) : null,
    executionCount: cell.executionCount,
  }
}

/** A traceback for the list of runs: the result has it whole. */
const LINES = 50
const LINE_UNITS = 4_000

function errorOf(run: Run, index: number): RunError {
  const { error } = run.cells[index]!
  const short = (text: string) => (text.length > LINE_UNITS ? `${text.slice(0, LINE_UNITS)}…` : text).toWellFormed().replaceAll("\0", "")
  return {
    ename: short(error?.ename ?? run.reason),
    evalue: short(error?.evalue ?? run.explanation),
    traceback: (error?.traceback ?? []).slice(-LINES).map(short),
    ...(error && isForUser(error.ename, run.order.notebook.cells[index]) ? { forUser: true } : {}),
  }
}

/** The author says so by the class of the error, or, in languages whose errors have none, by a tag of the cell. */
function isForUser(ename: string, cell: Cell | undefined): boolean {
  return /(?:^|\.)UserMessage$/u.test(ename) || (cell !== undefined && tagsOf(cell).includes("user-message"))
}
