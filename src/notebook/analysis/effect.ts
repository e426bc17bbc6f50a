/** What a cell does beyond computing, and which cells of a notebook do. */
import type { Span } from "#notebook/analysis/names.ts"
import type { Notebook } from "#notebook/document.ts"

/** "unknown": nobody can tell what it does. */
export type EffectKind = "file" | "sql" | "network" | "process" | "unknown"

export type Effect = Span & {
  /** Which runs it. */
  readonly cell: string
  /** Where it is written, and its span counts: another one where the cell runs a function or a method that is defined there. */
  readonly standsIn: string
  /** The function, or the class, that it is written in; "" for none. */
  readonly through: string
  readonly kind: EffectKind
  /** It changes something outside, or may; a download or a query only asks. */
  readonly writes: boolean
  /** As written: `df.to_csv`; the cell's first line where nothing of it is known. */
  readonly what: string
  /** It writes, and not only beside the notebook, where each run has a directory of its own; or it may. */
  readonly isOutside: boolean
}

/** Before it is known who runs it and where a file goes. */
export type FoundEffect = Omit<Effect, "isOutside" | "standsIn" | "through"> & {
  /** What it goes to was opened in another cell, and is told there. */
  readonly isIntoOpened?: true
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

/** As it is told outside: `file df.to_csv`, `network requests.post in send`. */
export type ToldWriting = {
  readonly cell: string
  /** Among all cells, from 1. */
  readonly number: number
  readonly what: readonly string[]
}

export function toldWriting({ cell, index, effects }: WritingCell): ToldWriting {
  return { cell, number: index + 1, what: [...new Set(effects.map(told))] }
}

/** `network requests.post in send` */
function told({ kind, what, through }: Effect): string {
  return `${kind} ${what}${through === "" ? "" : ` in ${through}`}`
}
