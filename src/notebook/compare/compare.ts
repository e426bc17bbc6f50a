/**
 * Two executed notebooks, cell by cell: does the later one show what the earlier one shows?
 *
 * `same` and `same_but_volatile` pass; `differs` and `missing` do not; `unknown` is said where nothing is stored to compare with, or
 * where what is stored cannot be looked into. Only outputs are compared: what changed in the code is the diff's to say.
 */
import { isObject, type JsonObject, own } from "#base/json.ts"
import { type Compared, type CompareOptions, compareOutputs } from "#notebook/compare/outputs.ts"
import { type Said, type Sameness, unknown, worst } from "#notebook/compare/sameness.ts"
import { matchCells } from "#notebook/diff-match.ts"
import { type Cell, isCode, type Notebook, type Output, tagsOf } from "#notebook/document.ts"

export type CellComparison = Compared & {
  /** Of the later notebook, where it has the cell. */
  readonly cell: string
  /** From 1, among all cells of the later notebook; of the earlier one where it is only there. */
  readonly number: number
}

export type NotebookComparison = Said & {
  /** The cells that either side shows something of, in the order of the later one. */
  readonly cells: readonly CellComparison[]
  readonly counts: Readonly<Record<Sameness, number>>
}

/** Said of a cell that only the earlier notebook has. */
export const GONE = "The cell is no longer there."

export function compareNotebooks(before: Notebook, after: Notebook, options: CompareOptions = {}): NotebookComparison {
  const told = { ...options, ranAtMs: options.ranAtMs ?? startOf(after) }
  const partner = new Map(matchCells(before.cells, after.cells).map(([b, a]) => [a, b]))
  const cells = after.cells.flatMap((cell, at) => {
    const stored = partner.has(at) ? before.cells[partner.get(at)!] : undefined
    return isCode(cell) ? compareCell(stored, cell, { number: at + 1, options: told, isStored: isExecuted(before) }) : []
  })
  const kept = new Set(partner.values())
  const gone = before.cells.flatMap((cell, at) =>
    isCode(cell) && !kept.has(at) && shows(cell) ? [{ cell: cell.id, number: at + 1, parts: [], is: "missing", why: GONE } as const] : [],
  )
  const all: readonly CellComparison[] = [...cells, ...gone]
  return { ...worst(all), cells: all, counts: countsOf(all) }
}

type Around = { readonly number: number; readonly options: CompareOptions; readonly isStored: boolean }

function compareCell(stored: Cell | undefined, cell: Cell, { number, options, isStored }: Around): CellComparison[] {
  const place = { cell: cell.id, number }
  const [had, has] = [outputsOf(stored), outputsOf(cell)]
  if (had.length === 0 && has.length === 0) return []
  if (had.length === 0 && (!stored || !isStored || stored.execution_count == null)) {
    return [{ ...place, parts: [], ...unknown("No output is stored to compare with.") }]
  }
  if (has.length === 0 && tagsOf(cell).includes("skip-execution")) return [{ ...place, parts: [], ...unknown("The cell is not run.") }]
  if (has.length === 0 && cell.execution_count == null) return [{ ...place, parts: [], is: "missing", why: "The cell was not run." }]
  return [{ ...place, ...compareOutputs(had, has, options) }]
}

function outputsOf(cell: Cell | undefined): readonly Output[] {
  return cell?.outputs ?? []
}

function shows(cell: Cell): boolean {
  return outputsOf(cell).length > 0
}

/** A notebook without a single output and without a count was never run, or was emptied before it was stored. */
function isExecuted({ cells }: Notebook): boolean {
  return cells.some((cell) => isCode(cell) && (shows(cell) || cell.execution_count != null))
}

/** When the run began whose result this is; undefined for a notebook that does not say so. */
export function startOf({ metadata }: Notebook): number | undefined {
  const run = memberOf(memberOf(metadata, "stet"), "run")
  const said = own(run, "started_at") ?? own(memberOf(metadata, "papermill"), "start_time")
  const at = typeof said === "string" ? Date.parse(said) : Number.NaN
  return Number.isNaN(at) ? undefined : at
}

function memberOf(object: JsonObject, key: string): JsonObject {
  const member = own(object, key)
  return isObject(member) ? member : {}
}

function countsOf(cells: readonly Said[]): Readonly<Record<Sameness, number>> {
  const counts = { same: 0, same_but_volatile: 0, unknown: 0, missing: 0, differs: 0 }
  for (const { is } of cells) counts[is]++
  return counts
}
