/** Which cells a replay runs again, and which of them do more than compute. Pure. */
import { accepted, type Outcome } from "#base/outcome.ts"
import { type Analyst, type Effect, type Notebook, type Sources, writingCells } from "#notebook/index.ts"
import { skipReason } from "#run/index.ts"
import { type RunRefusal, refuse } from "#work/refusal.ts"

export type ReplayPlan = {
  /** Ids, in their order. */
  readonly cells: readonly string[]
  /** Before which it ends; undefined: it goes to the end. */
  readonly until: { readonly id: string; readonly index: number } | undefined
}

/** What a cell changes outside, or may change. */
export type ReplayedWrite = {
  readonly cell: string
  /** Among all cells, from 0. */
  readonly index: number
  readonly kind: Effect["kind"]
  /** As written: `df.to_csv`, `df.to_csv in keep` where it calls a function that does; the cell's first line where it is not known. */
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

type Replayed = { readonly notebook: Notebook; readonly sources: Sources; readonly cells: readonly string[] }

export function replayedWrites(analyst: Analyst, { notebook, sources, cells }: Replayed): readonly ReplayedWrite[] {
  const among = new Set(cells)
  return writingCells(notebook, analyst.readiness(notebook, { sources }).effects)
    .filter(({ cell }) => among.has(cell))
    .flatMap(({ cell, index, effects }) =>
      effects.map(({ kind, what, through }) => ({ cell, index, kind, what: through === "" ? what : `${what} in ${through}` })),
    )
}
