/** What a cell does beyond computing, and which cells of a notebook do. */
import type { Span } from "#notebook/analysis/names.ts"
import type { Notebook } from "#notebook/document.ts"

/** "unknown": nobody can tell what it does. */
export type EffectKind = "file" | "sql" | "network" | "process" | "unknown"

export type Effect = Span & {
  readonly cell: string
  readonly kind: EffectKind
  /** It changes something outside, or may; a download or a query only asks. */
  readonly writes: boolean
  /** As written: `df.to_csv`; the cell's first line where nothing of it is known. */
  readonly what: string
}

/** A cell that writes, or of which that cannot be told: nobody runs it again without having been asked. */
export type WritingCell = {
  readonly cell: string
  /** Among all cells, from 0. */
  readonly index: number
  readonly effects: readonly Effect[]
}

/** In the order of the notebook: the one answer for whoever wants to run cells again. */
export function writingCells({ cells }: Notebook, effects: readonly Effect[]): readonly WritingCell[] {
  return cells.flatMap(({ id }, index) => {
    const own = effects.filter(({ cell, writes }) => writes && cell === id)
    return own.length === 0 ? [] : [{ cell: id, index, effects: own }]
  })
}
