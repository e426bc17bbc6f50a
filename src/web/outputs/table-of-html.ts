/** Reads the HTML that pandas and its like give for a data frame into plain rows: what is shown then is data, not markup. */
import { readDocument } from "#web/outputs/trusted.ts"

export type Column = { readonly name: string; readonly isIndex: boolean; readonly isNumeric: boolean }

export type Table = {
  readonly columns: readonly Column[]
  readonly rows: readonly (readonly string[])[]
  /** How many there are of which these are a part; undefined when these are all. */
  readonly totalRows?: number
  readonly totalColumns?: number
  /** So many rows stand before those that were left out. */
  readonly cutAfter?: number
}

const LARGEST = 4_000_000
// Nothing but the table, the style that pandas and polars bring along, and the line that says how large it is.
const SHAPE =
  /^\s*(?:<div[^>]*>\s*)?(?:<style(?:\s+scoped(?:="")?)?>[^<]*<\/style>\s*)?(?:<small>shape: \([^<]*<\/small>)?\s*<table\b[^>]*\bclass="[^"]*\bdataframe\b[^"]*"[^>]*>[\s\S]*<\/table>\s*(?:<p>[^<]*<\/p>\s*)?(?:<\/div>\s*)?$/i
const ANYTHING_ELSE =
  /<(?:script|img|svg|iframe|input|button|form|video|audio|canvas|object|embed|link|meta|math|a)\b|\sstyle="(?!text-align: (?:right|left|center);")/i

/** Undefined when the HTML is anything but such a table, or says more than a grid could show (links, pictures, colours). */
export function tableOf(html: string): Table | undefined {
  if (html.length > LARGEST || !SHAPE.test(html) || ANYTHING_ELSE.test(html)) return undefined
  // Styles are refused by the app's policy even where nothing is shown, and said so once for each.
  const document = readDocument(html.replace(/<style[\s\S]*?<\/style>/gi, "").replace(/\sstyle="[^"]*"/g, ""))
  const tables = document.querySelectorAll("table")
  const [table] = tables
  if (!table || tables.length !== 1 || !table.tHead) return undefined
  const head = headOf(spread(table.tHead.rows))
  const body = spread([...table.tBodies].flatMap((part) => [...part.rows]))
  const width = Math.max(head.names.length, ...body.map((row) => row.length))
  if (width === 0 || width > 5000) return undefined
  // How many rows there are is said beside the table: the digits of its last cell do not belong to that.
  table.remove()
  return trimmed({ names: head.names, body, width, said: document.body.textContent ?? "" })
}

type CellText = { readonly text: string; readonly isHead: boolean }

/** Cells that span several rows or columns stand in each of them. */
function spread(rows: Iterable<HTMLTableRowElement>): readonly (readonly CellText[])[] {
  const made: CellText[][] = []
  let index = 0
  for (const row of rows) {
    made[index] ??= []
    let at = 0
    for (const cell of row.cells) {
      while (made[index]![at]) at++
      const found = { text: (cell.textContent ?? "").trim(), isHead: cell.localName === "th" }
      for (let down = 0; down < Math.min(cell.rowSpan || 1, 10_000); down++) {
        made[index + down] ??= []
        for (let right = 0; right < Math.min(cell.colSpan || 1, 1000); right++) made[index + down]![at + right] = found
      }
      at += cell.colSpan || 1
    }
    index++
  }
  return made.slice(0, index)
}

/** Several header rows are one: "price / mean". The names of an index stand in a row of their own below. */
function headOf(rows: readonly (readonly CellText[])[]): { readonly names: readonly string[] } {
  const width = Math.max(0, ...rows.map((row) => row.length))
  const isIndexNames =
    rows.length > 1 &&
    rows
      .at(-1)!
      .slice(1)
      .every(({ text }, at) => text === "" || rows[0]![at + 1]?.text === "")
  const used = isIndexNames ? rows.slice(0, -1) : rows
  const names = Array.from({ length: width }, (_, at) => {
    const parts = used.map((row) => row[at]?.text ?? "").filter((text, level, all) => text !== "" && all.indexOf(text) === level)
    const index = isIndexNames ? (rows.at(-1)![at]?.text ?? "") : ""
    return index !== "" ? index : parts.join(" / ")
  })
  return { names }
}

type Raw = { readonly names: readonly string[]; readonly body: readonly (readonly CellText[])[]; readonly width: number; readonly said: string }

const DOTS = new Set(["...", "…", "⋮"])

/** pandas and polars leave a row and a column of dots where they left something out. */
function trimmed({ names, body, width, said }: Raw): Table {
  const isDots = (row: readonly CellText[]): boolean => row.length > 0 && row.every(({ text }) => DOTS.has(text))
  const kept = body.filter((row) => !isDots(row))
  const shape = /([\d,_]+) rows [×x] ([\d,_]+) columns/.exec(said) ?? /shape: \(([\d,_]+), ([\d,_]+)\)/.exec(said)
  const total = (at: number): number | undefined => (shape ? Number(shape[at]!.replace(/[,_]/g, "")) : undefined)
  const rows = kept.map((row) => Array.from({ length: width }, (_, at) => row[at]?.text ?? ""))
  const columns = Array.from({ length: width }, (_, at) => ({
    name: names[at] ?? "",
    isIndex: kept.length > 0 && kept.every((row) => row[at]?.isHead === true),
    isNumeric: isNumeric(rows, at),
  }))
  const totalRows = total(1) ?? (kept.length < body.length ? Number.NaN : undefined)
  const totalColumns = total(2)
  const cutAfter = body.findIndex(isDots)
  const shownColumns = columns.filter(({ name, isIndex }) => !isIndex && !DOTS.has(name)).length
  return {
    columns,
    rows,
    ...(totalRows !== undefined && totalRows !== rows.length ? { totalRows } : {}),
    ...(totalColumns !== undefined && totalColumns > shownColumns ? { totalColumns } : {}),
    ...(cutAfter > 0 ? { cutAfter } : {}),
  }
}

function isNumeric(rows: readonly (readonly string[])[], at: number): boolean {
  const said = rows.map((row) => row[at] ?? "").filter((text) => text !== "" && !/^(?:nan|none|null|<na>|nat|\.\.\.|…)$/i.test(text))
  return said.length > 0 && said.every((text) => /^[-+−]?[\d,_]*\.?\d+(?:e[-+]?\d+)?%?$/i.test(text))
}
