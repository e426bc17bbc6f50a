/** Which cells a replay runs again, and which of them do more than compute. Pure. */
import { accepted, type Outcome } from "#base/outcome.ts"
import { type Analyst, type Effect, isCode, type Notebook } from "#notebook/index.ts"
import { skipReason } from "#run/index.ts"
import { type RunRefusal, refuse } from "#work/refusal.ts"

export type ReplayPlan = {
  /** Ids, in their order. */
  readonly cells: readonly string[]
  /** Before which it ends; undefined: it goes to the end. */
  readonly until: { readonly id: string; readonly index: number } | undefined
}

/** A cell that writes, or of which that cannot be told: nobody runs it again without having been asked. */
export type WritingCell = {
  readonly cell: string
  /** Among all cells, from 0. */
  readonly index: number
  readonly kind: Effect["kind"] | "unknown"
  /** As written: `df.to_csv`; the cell's first line where it is not known. */
  readonly what: string
}

/** @param cell an id, or a place among all cells from 1; "" for the end */
export function replayPlan({ cells }: Notebook, cell: string): Outcome<ReplayPlan, RunRefusal> {
  const byId = cells.findIndex(({ id }) => id === cell)
  const index = byId >= 0 ? byId : /^\d{1,6}$/.test(cell) ? Number(cell) - 1 : -1
  const until = cells[index]
  if (cell !== "" && !until)
    return refuse("no_such_cell", `There is no cell ${JSON.stringify(cell.slice(0, 60))}: the notebook has cells 1 to ${cells.length}.`)
  const before = until ? cells.slice(0, index) : cells
  return accepted({ cells: before.filter((each) => skipReason(each) === undefined).map(({ id }) => id), until: until && { id: until.id, index } })
}

export function writingCells(analyst: Analyst, notebook: Notebook, replayed: readonly string[]): readonly WritingCell[] {
  const among = new Set(replayed)
  const places = new Map(notebook.cells.map(({ id }, index) => [id, index]))
  const { effects, isRead } = analyst.readiness(notebook)
  if (isRead)
    return effects.flatMap(({ cell, kind, what, writes }) => (writes && among.has(cell) ? [{ cell, index: places.get(cell) ?? -1, kind, what }] : []))
  return notebook.cells.flatMap((cell, index) =>
    isCode(cell) && among.has(cell.id) && !isOurs(cell.id) ? [{ cell: cell.id, index, kind: "unknown" as const, what: firstLine(cell.source) }] : [],
  )
}

/** The cell of parameters assigns literals, in every language. */
function isOurs(id: string): boolean {
  return /^injected-parameters(-\d+)?$/.test(id)
}

function firstLine(source: string): string {
  const line = source.trim().split("\n")[0] ?? ""
  return line.length > 80 ? `${line.slice(0, 79)}…` : line
}
