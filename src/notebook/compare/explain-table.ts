/** Two tables laid over one another: columns by name, rows by what they hold, and the values that are others. */

import { passes, type Terms } from "#notebook/compare/sameness.ts"
import { isNearText, type Table } from "#notebook/compare/table.ts"
import { compareTexts } from "#notebook/compare/text.ts"
import { keptLines } from "#notebook/diff-lines.ts"

type Change = "same" | "gone" | "come"

export type ExplainedColumn = { readonly name: string; readonly is: Change }
/** `before`: what it was, where it is another now. */
export type ExplainedValue = { readonly text: string; readonly before?: string }
/** `at`: which row of the later side, from 1; of the earlier one where it is gone. */
export type ExplainedRow = { readonly is: Change | "changed"; readonly at: number; readonly values: readonly ExplainedValue[] }

export type ExplainedTable = {
  readonly columns: readonly ExplainedColumn[]
  /** Those that are not the same, as far as there is room. */
  readonly rows: readonly ExplainedRow[]
  readonly counts: { readonly same: number; readonly changed: number; readonly gone: number; readonly come: number; readonly values: number }
  /** How many rows more are not the same. */
  readonly more: number
  /** Rows that the outputs themselves leave out are not looked at. */
  readonly isShortened: boolean
}

const MOST_ROWS = 50

export function tablesApart(before: Table, after: Table, terms: Terms): ExplainedTable {
  const columns = columnsOf(before, after)
  const rows = pairsOf(before, after, columns).map((pair) => rowOf(pair, { before, after, columns, terms }))
  const apart = rows.filter(({ is }) => is !== "same")
  const count = (what: ExplainedRow["is"]) => rows.filter(({ is }) => is === what).length
  const values = rows.reduce((sum, row) => sum + row.values.filter((value) => value.before !== undefined).length, 0)
  return {
    columns: columns.map(({ name, is }) => ({ name, is })),
    rows: apart.slice(0, MOST_ROWS),
    counts: { same: count("same"), changed: count("changed"), gone: count("gone"), come: count("come"), values },
    more: Math.max(0, apart.length - MOST_ROWS),
    isShortened: [before, after].some(({ size, rows: shown }) => size !== undefined && size.rows > shown.length),
  }
}

type Column = ExplainedColumn & { readonly before: number; readonly after: number }

/** As they stand now, each that is gone behind the one that it stood behind; -1 where a side has none. */
function columnsOf(before: Table, after: Table): readonly Column[] {
  const free = new Set(before.columns.keys())
  const columns: Column[] = after.columns.map((name, at) => {
    const old = [...free].find((one) => before.columns[one] === name) ?? -1
    free.delete(old)
    return { name, is: old < 0 ? "come" : "same", before: old, after: at }
  })
  for (const at of free) {
    const behind = columns.findIndex((column) => column.before === at - 1)
    columns.splice(at === 0 ? 0 : behind < 0 ? columns.length : behind + 1, 0, { name: before.columns[at]!, is: "gone", before: at, after: -1 })
  }
  return columns
}

type Pair = { readonly before: number; readonly after: number }

/** As many rows are laid one over the other; else they are found again by what they hold in the columns that both have. */
function pairsOf(before: Table, after: Table, columns: readonly Column[]): readonly Pair[] {
  if (before.rows.length === after.rows.length) return before.rows.map((_, at) => ({ before: at, after: at }))
  // A counted index belongs to the place and not to the row.
  const shared = columns.filter(({ is, name }, at) => is === "same" && !(at === 0 && name === ""))
  const keys = (table: Table, side: "before" | "after") => table.rows.map((row) => JSON.stringify(shared.map((column) => row[column[side]] ?? "")))
  const pairs: Pair[] = []
  let [left, right] = [0, 0]
  const upTo = (toLeft: number, toRight: number) => {
    // Between two that stayed, one that went and one that came are one that changed.
    while (left < toLeft && right < toRight) pairs.push({ before: left++, after: right++ })
    while (left < toLeft) pairs.push({ before: left++, after: -1 })
    while (right < toRight) pairs.push({ before: -1, after: right++ })
  }
  for (const [b, a] of keptLines(keys(before, "before"), keys(after, "after"))) {
    upTo(b, a)
    pairs.push({ before: left++, after: right++ })
  }
  upTo(before.rows.length, after.rows.length)
  return pairs
}

type Around = { readonly before: Table; readonly after: Table; readonly columns: readonly Column[]; readonly terms: Terms }

function rowOf({ before, after }: Pair, around: Around): ExplainedRow {
  const [had, has] = [around.before.rows[before], around.after.rows[after]]
  if (!had || !has) {
    const [row, side] = has ? ([has, "after"] as const) : ([had ?? [], "before"] as const)
    return { is: has ? "come" : "gone", at: (has ? after : before) + 1, values: around.columns.map((column) => ({ text: row[column[side]] ?? "" })) }
  }
  const isCounted = before !== after
  const values = around.columns.map((column, at): ExplainedValue => {
    const [was, is] = [had[column.before] ?? "", has[column.after] ?? ""]
    if (column.is === "gone") return { text: was }
    const isIndex = isCounted && at === 0 && column.name === ""
    return column.is === "come" || isIndex || isAlike(was, is, around.terms) ? { text: is } : { text: is, before: was }
  })
  return { is: values.some((value) => value.before !== undefined) ? "changed" : "same", at: after + 1, values }
}

function isAlike(was: string, is: string, terms: Terms): boolean {
  return was === is || isNearText(was, is, terms.tolerance) || passes(compareTexts(was, is, { name: "value", terms }))
}
