/** Moving in a grid, what is copied, and in which order its rows stand. Pure. */
import type { Column } from "#web/outputs/table-of-html.ts"

export type Place = { readonly row: number; readonly column: number }
export type Area = { readonly top: number; readonly bottom: number; readonly left: number; readonly right: number }
export type Sorting = { readonly column: number; readonly isDown: boolean }
type Key = { readonly key: string; readonly ctrlKey: boolean; readonly metaKey: boolean }
type Size = { readonly rows: number; readonly columns: number; readonly page: number }

export function corners(from: Place, to: Place): Area {
  return {
    top: Math.min(from.row, to.row),
    bottom: Math.max(from.row, to.row),
    left: Math.min(from.column, to.column),
    right: Math.max(from.column, to.column),
  }
}

/** Where a key leads; undefined for a key that does not move. Ctrl/Cmd goes to the edge. */
export function moved(at: Place | undefined, { key, ctrlKey, metaKey }: Key, size: Size): Place | undefined {
  const toEdge = ctrlKey || metaKey
  const { row, column } = at ?? { row: 0, column: 0 }
  const far = (step: number, end: number): number => (toEdge ? end * step : step)
  const next: Place | undefined = {
    ArrowDown: { row: row + far(1, size.rows), column },
    ArrowUp: { row: row - far(1, size.rows), column },
    ArrowRight: { row, column: column + far(1, size.columns) },
    ArrowLeft: { row, column: column - far(1, size.columns) },
    PageDown: { row: row + size.page, column },
    PageUp: { row: row - size.page, column },
    Home: { row: toEdge ? 0 : row, column: 0 },
    End: { row: toEdge ? size.rows : row, column: size.columns },
  }[key]
  if (!next) return undefined
  if (!at) return { row: 0, column: 0 }
  return { row: within(next.row, size.rows), column: within(next.column, size.columns) }
}

function within(at: number, count: number): number {
  return Math.min(Math.max(at, 0), Math.max(count - 1, 0))
}

/** As spreadsheets take it: tabs between, a line a row. */
export function tabbed(rows: readonly (readonly string[])[], { top, bottom, left, right }: Area): string {
  const bare = (text: string): string => text.replace(/[\t\r\n]+/g, " ")
  return rows
    .slice(top, bottom + 1)
    .map((row) =>
      row
        .slice(left, right + 1)
        .map(bare)
        .join("\t"),
    )
    .join("\n")
}

/** Numbers by size, texts by the reader's alphabet; what has no value comes last either way. */
export function sorted(
  rows: readonly (readonly string[])[],
  columns: readonly Column[],
  { column, isDown }: Sorting,
): readonly (readonly string[])[] {
  const direction = isDown ? -1 : 1
  const number = columns[column]?.isNumeric === true
  const value = (row: readonly string[]): number => Number.parseFloat((row[column] ?? "").replace(/[,_]/g, "").replace("−", "-"))
  const compare = new Intl.Collator(undefined, { numeric: true }).compare
  return [...rows].sort((a, b) => {
    const [left, right] = [a[column] ?? "", b[column] ?? ""]
    const [leftNone, rightNone] = [isNone(left), isNone(right)]
    if (leftNone || rightNone) return Number(leftNone) - Number(rightNone)
    return direction * (number ? value(a) - value(b) : compare(left, right))
  })
}

function isNone(text: string): boolean {
  return text === "" || /^(?:nan|none|null|<na>|nat)$/i.test(text)
}
