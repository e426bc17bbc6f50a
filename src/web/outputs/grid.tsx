/** A table as a grid: only the rows in view are drawn; arrows move, Shift extends, Ctrl/Cmd+C copies; a click on a name sorts what is whole. */
import { IconArrowDown, IconArrowUp } from "@tabler/icons-react"
import { type KeyboardEvent, type ReactNode, useMemo, useRef, useState } from "react"
import { useIsPrinting } from "#web/app/printing.ts"
import styles from "#web/outputs/grid.module.css"
import { corners, moved, type Place, type Sorting, sorted, tabbed } from "#web/outputs/grid-moves.ts"
import type { Table } from "#web/outputs/table-of-html.ts"

/** CSS pixels, as the style sheet has them. */
const ROW = 28
const TALLEST = 420
const BEYOND = 10

export type GridProps = { readonly table: Table; readonly label: string }

export function Grid({ table, label }: GridProps): ReactNode {
  const isWhole = table.totalRows === undefined
  const [sorting, setSorting] = useState<Sorting>()
  const rows = useMemo(() => (isWhole && sorting ? sorted(table.rows, table.columns, sorting) : table.rows), [table, sorting, isWhole])
  const [from, setFrom] = useState<Place>()
  const [to, setTo] = useState<Place>()
  const [top, setTop] = useState(0)
  const place = useRef<HTMLDivElement>(null)
  const area = from && to ? corners(from, to) : undefined
  const go = (next: Place, extend: boolean): void => {
    setTo(next)
    if (!extend || !from) setFrom(next)
    bring(place.current, next.row)
  }
  const onKeyDown = (event: KeyboardEvent): void => {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "c" && area) {
      event.preventDefault()
      void navigator.clipboard.writeText(tabbed(rows, area))
      return
    }
    const size = { rows: rows.length, columns: table.columns.length, page: Math.floor(TALLEST / ROW) - 2 }
    const next = moved(to, event, size)
    if (!next) return
    event.preventDefault()
    event.stopPropagation()
    go(next, event.shiftKey)
  }
  const isPrinting = useIsPrinting()
  const first = isPrinting ? 0 : Math.max(0, Math.floor(top / ROW) - BEYOND)
  const last = isPrinting ? rows.length : Math.min(rows.length, Math.ceil((top + TALLEST) / ROW) + BEYOND)
  return (
    <div className={styles["grid"]}>
      <div ref={place} className={styles["view"]} onScroll={(event) => setTop(event.currentTarget.scrollTop)}>
        <table
          // biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: its cells can be walked through with the arrows
          role="grid"
          aria-label={label}
          aria-rowcount={rows.length + 1}
          aria-colcount={table.columns.length}
          tabIndex={0}
          onKeyDown={onKeyDown}
        >
          <Head table={table} sorting={sorting} onSort={isWhole ? (column) => setSorting(nextSorting(sorting, column)) : undefined} />
          <tbody>
            <Space rows={first} />
            {rows.slice(first, last).map((row, offset) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: a row is its place
              <Row key={first + offset} row={row} index={first + offset} table={table} area={area} to={to} onPick={go} />
            ))}
            <Space rows={rows.length - last} />
          </tbody>
        </table>
      </div>
      <p className={styles["size"]}>{sizeOf(table)}</p>
    </div>
  )
}

function bring(view: HTMLElement | null, row: number): void {
  if (!view) return
  const y = row * ROW
  if (y < view.scrollTop) view.scrollTop = y
  if (y + 2 * ROW > view.scrollTop + view.clientHeight) view.scrollTop = y + 2 * ROW - view.clientHeight
}

function nextSorting(now: Sorting | undefined, column: number): Sorting | undefined {
  if (now?.column !== column) return { column, isDown: false }
  return now.isDown ? undefined : { column, isDown: true }
}

/** "60 of 1,000,000 rows × 12 columns". */
function sizeOf({ rows, columns, totalRows, totalColumns }: Table): string {
  const shown = columns.filter(({ isIndex, name }) => !isIndex && name !== "..." && name !== "…").length
  const number = (count: number): string => count.toLocaleString("en")
  const down =
    totalRows === undefined
      ? number(rows.length)
      : Number.isNaN(totalRows)
        ? `the first and last ${number(rows.length)}`
        : `${number(rows.length)} of ${number(totalRows)}`
  const across = totalColumns === undefined ? number(shown) : `${number(shown)} of ${number(totalColumns)}`
  return `${down} ${down === "1" ? "row" : "rows"} × ${across} ${across === "1" ? "column" : "columns"}`
}

type HeadProps = { readonly table: Table; readonly sorting: Sorting | undefined; readonly onSort: ((column: number) => void) | undefined }

function Head({ table, sorting, onSort }: HeadProps): ReactNode {
  return (
    <thead>
      <tr>
        {table.columns.map(({ name, isNumeric }, at) => {
          if (name === "") {
            // biome-ignore lint/suspicious/noArrayIndexKey: two columns may have one name
            return <td key={at} />
          }
          const direction = sorting?.column !== at ? undefined : sorting.isDown ? "descending" : "ascending"
          return (
            // biome-ignore lint/suspicious/noArrayIndexKey: two columns may have one name
            <th key={at} scope="col" aria-sort={onSort ? (direction ?? "none") : undefined} className={isNumeric ? styles["numeric"] : undefined}>
              {onSort ? (
                <button type="button" tabIndex={-1} onClick={() => onSort(at)} title={`Sort by ${name || "this column"}`}>
                  {name}
                  {direction && (direction === "ascending" ? <IconArrowUp size={12} /> : <IconArrowDown size={12} />)}
                </button>
              ) : (
                name
              )}
            </th>
          )
        })}
      </tr>
    </thead>
  )
}

function Space({ rows }: { readonly rows: number }): ReactNode {
  return rows <= 0 ? null : (
    <tr>
      <td className={styles["space"]} style={{ height: rows * ROW }} />
    </tr>
  )
}

type RowProps = {
  readonly row: readonly string[]
  readonly index: number
  readonly table: Table
  readonly area: ReturnType<typeof corners> | undefined
  readonly to: Place | undefined
  readonly onPick: (place: Place, extend: boolean) => void
}

function Row({ row, index, table, area, to, onPick }: RowProps): ReactNode {
  const isIn = area !== undefined && index >= area.top && index <= area.bottom
  return (
    <tr aria-rowindex={index + 2} className={index + 1 === table.cutAfter ? styles["cut"] : undefined}>
      {row.map((text, at) => {
        const column = table.columns[at]
        const isPicked = isIn && at >= area.left && at <= area.right
        const names = [
          column?.isIndex && "index",
          column?.isNumeric && "numeric",
          isPicked && "picked",
          to?.row === index && to.column === at && "current",
        ]
        const className = names.map((name) => (name ? (styles[name] ?? "") : "")).join(" ")
        const Cell = column?.isIndex ? "th" : "td"
        return (
          <Cell
            // biome-ignore lint/suspicious/noArrayIndexKey: a cell is its place
            key={at}
            className={className}
            aria-selected={isPicked}
            title={text.length > 40 ? text : undefined}
            onMouseDown={(event) => onPick({ row: index, column: at }, event.shiftKey)}
          >
            {text}
          </Cell>
        )
      })}
    </tr>
  )
}
