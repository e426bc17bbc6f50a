/** Which cells run: positions count all cells of the notebook as it was given, from 1. */
import { accepted, type Outcome, refused } from "#base/outcome.ts"
import { type Cell, type Notebook, tagsOf } from "#notebook/index.ts"

export type Selection = {
  /** Comma-separated: `3`, `3-7`, `5-`, `-4`, a cell id, `tag:NAME`. */
  readonly cells?: string
  /** First and last one, inclusive: a position, a cell id or `tag:NAME` (its first for `from`, its last for `until`). */
  readonly from?: string
  readonly until?: string
}

export type NoSuchCell = { readonly refused: "no_such_cell"; readonly message: string }

/** Ids of the selected cells. Cells tagged `parameters` always belong: without them nothing else could run. */
export function selected(notebook: Notebook, selection: Selection): Outcome<ReadonlySet<string>, NoSuchCell> {
  const { cells } = notebook
  const first = selection.from === undefined ? [0] : placesOf(cells, selection.from)
  const last = selection.until === undefined ? [cells.length - 1] : placesOf(cells, selection.until)
  const named = (selection.cells ?? "1-").split(",").map((word) => ({ word, places: placesOf(cells, word.trim()) }))
  const missing = [{ word: selection.from ?? "", places: first }, { word: selection.until ?? "", places: last }, ...named].find(
    ({ word, places }) => word !== "" && places.length === 0,
  )
  if (missing && cells.length > 0)
    return refused({ refused: "no_such_cell", message: `No cell is meant by "${missing.word}": ${whatThereIs(cells)}` })
  const low = first[0] ?? 0
  const high = last.at(-1) ?? -1
  if (low > high && cells.length > 0)
    return refused({ refused: "no_such_cell", message: `The selection is empty: cell ${low + 1} (from) comes after cell ${high + 1} (until).` })
  const chosen = new Set(named.flatMap(({ places }) => places))
  return accepted(
    new Set(cells.flatMap((cell, index) => (isParameters(cell) || (index >= low && index <= high && chosen.has(index)) ? [cell.id] : []))),
  )
}

function isParameters(cell: Cell): boolean {
  return tagsOf(cell).some((tag) => tag === "parameters" || tag === "injected-parameters")
}

function placesOf(cells: readonly Cell[], word: string): number[] {
  const tag = /^tag:(.+)$/.exec(word)?.[1]
  if (tag !== undefined) return cells.flatMap((cell, index) => (tagsOf(cell).includes(tag) ? [index] : []))
  const range = /^(\d*)-(\d*)$/.exec(word)
  if (range && word !== "-") return span(cells.length, { low: Number(range[1] || 1), high: Number(range[2] || cells.length) })
  if (/^\d+$/.test(word)) return span(cells.length, { low: Number(word), high: Number(word) })
  const index = cells.findIndex((cell) => cell.id === word)
  return index < 0 ? [] : [index]
}

function span(count: number, { low, high }: { low: number; high: number }): number[] {
  if (low < 1 || high > count || low > high) return []
  return Array.from({ length: high - low + 1 }, (_, offset) => low - 1 + offset)
}

function whatThereIs(cells: readonly Cell[]): string {
  const tags = [...new Set(cells.flatMap(tagsOf))]
  return `the notebook has cells 1 to ${cells.length}${tags.length > 0 ? ` and the tags ${tags.join(", ")}` : ""}.`
}
