/** What a fix would change, said before it is made. Pure. */
import { type Cell, type Fix, fixed, keptLines, type Notebook } from "#notebook/index.ts"
import { numberOf } from "#web/readiness/look.ts"

export type PreviewLine = { readonly kind: "same" | "removed" | "added"; readonly text: string }
/** One cell that comes, goes, moves or says something else. */
export type Change = { readonly cell: string; readonly words: string; readonly lines: readonly PreviewLine[] }

const MOST_LINES = 12

export function changesOf(notebook: Notebook, fix: Fix): readonly Change[] {
  const after = fixed(notebook, fix.edits)
  const touched = [...new Set(fix.edits.map((edit) => (edit.kind === "insert_cell" ? edit.id : edit.cell)))]
  return touched.flatMap((id) => {
    const [was, is] = [notebook.cells.find((cell) => cell.id === id), after.cells.find((cell) => cell.id === id)]
    const words = wordsFor({ id, was, is, fix, before: notebook, after })
    return words === "" ? [] : [{ cell: id, words, lines: shortened(linesBetween(was?.source, is?.source)) }]
  })
}

type Around = {
  readonly id: string
  readonly was: Cell | undefined
  readonly is: Cell | undefined
  readonly fix: Fix
  readonly before: Notebook
  readonly after: Notebook
}

function wordsFor({ id, was, is, fix, before, after }: Around): string {
  const cell = `Cell ${numberOf(before, id)}`
  if (was && !is) return `${cell} is deleted`
  if (!was && is) return `A new cell ${placeOf(after, before, id)}`
  if (!was) return ""
  const edits = fix.edits.filter((edit) => edit.kind !== "insert_cell" && edit.cell === id)
  const said = edits.map((edit) => {
    if (edit.kind === "move_cell") return `moves ${placeOf(after, before, id)}`
    if (edit.kind === "tag_cell") return `is tagged ${edit.tag}`
    return edit.kind === "clear_outputs" ? "loses its outputs" : "changes"
  })
  return said.length === 0 ? "" : `${cell} ${[...new Set(said)].join(", ")}`
}

/** Beside a cell that is called by the number that it has now. */
function placeOf(after: Notebook, before: Notebook, id: string): string {
  const at = after.cells.findIndex((cell) => cell.id === id)
  const below = after.cells.slice(at + 1).find((cell) => numberOf(before, cell.id) !== undefined)
  return below ? `above cell ${numberOf(before, below.id)}` : "to the end"
}

/** A cell that stays as it is shows its first lines, for one to know it by. */
function linesBetween(was: string | undefined, is: string | undefined): readonly PreviewLine[] {
  const [left, right] = [linesOf(was), linesOf(is)]
  const lines: PreviewLine[] = []
  let [i, j] = [0, 0]
  for (const [x, y] of [...keptLines(left, right), [left.length, right.length] as const]) {
    for (; i < x; i++) lines.push({ kind: "removed", text: left[i] as string })
    for (; j < y; j++) lines.push({ kind: "added", text: right[j] as string })
    if (x < left.length) lines.push({ kind: "same", text: left[x] as string })
    ;[i, j] = [x + 1, y + 1]
  }
  return withoutFar(lines)
}

/** Unchanged lines further than one from a change say nothing. */
function withoutFar(lines: readonly PreviewLine[]): readonly PreviewLine[] {
  const changed = lines.flatMap(({ kind }, at) => (kind === "same" ? [] : [at]))
  if (changed.length === 0) return lines.slice(0, 3)
  return lines.filter((line, at) => line.kind !== "same" || changed.some((one) => Math.abs(one - at) <= 1))
}

function shortened(lines: readonly PreviewLine[]): readonly PreviewLine[] {
  if (lines.length <= MOST_LINES) return lines
  return [...lines.slice(0, MOST_LINES), { kind: "same", text: `… ${lines.length - MOST_LINES} more lines` }]
}

function linesOf(text: string | undefined): readonly string[] {
  return text === undefined ? [] : text.split("\n")
}
