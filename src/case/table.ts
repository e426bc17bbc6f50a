/**
 * The table that a cell shows, whoever wrote it: pandas' and frictionless data's JSON (`application/vnd.dataresource+json`), a JSON
 * list of objects, or the first HTML table, as pandas, polars and IRkernel write it. Long tables are shown shortened; then only the
 * rows that are shown are known, and how many there are.
 */
import { isList, isObject, type Json, type JsonObject, NumberLexeme, own } from "#base/json.ts"
import { asText, bundleOf } from "#case/output.ts"
import { isSame, numberIn } from "#case/value.ts"
import type { Cell } from "#notebook/index.ts"

export type Table = {
  readonly columns: readonly string[]
  /** As they are shown; from HTML, everything is text. */
  readonly rows: readonly (readonly Json[])[]
  /** How many there are. */
  readonly count: number
  /** How many of `rows` stand before what is left out; all of them when nothing is. */
  readonly upto: number
}

/** The last one that the cell shows: later outputs are what it came to. */
export function tableIn({ outputs = [] }: Cell): Table | undefined {
  return outputs.map((output) => tableOf(Object.fromEntries(bundleOf(output)))).findLast((table) => table !== undefined)
}

function tableOf(bundle: JsonObject): Table | undefined {
  const resource = own(bundle, "application/vnd.dataresource+json")
  const json = own(bundle, "application/json")
  const html = own(bundle, "text/html")
  return (isObject(resource) ? ofResource(resource) : undefined) ?? ofObjects(json) ?? (html === undefined ? undefined : ofHtml(asText(html)))
}

function ofResource(resource: JsonObject): Table | undefined {
  const schema = own(resource, "schema")
  const fields = isObject(schema) ? own(schema, "fields") : undefined
  const data = own(resource, "data")
  if (!isList(fields) || !isList(data)) return undefined
  const names = fields.flatMap((field) => (isObject(field) ? [String(own(field, "name"))] : []))
  // The index of a pandas frame has the name "index" when it has none.
  const columns = names[0] === "index" ? names.slice(1) : names
  return whole(columns, data.filter(isObject))
}

function ofObjects(json: Json | undefined): Table | undefined {
  if (!isList(json) || json.length === 0 || !json.every(isObject)) return undefined
  return whole([...new Set(json.flatMap((row) => Object.keys(row)))], json)
}

function whole(columns: readonly string[], objects: readonly JsonObject[]): Table {
  const rows = objects.map((row) => columns.map((name) => own(row, name) ?? null))
  return { columns, rows, count: rows.length, upto: rows.length }
}

type HtmlRow = { readonly isHead: boolean; readonly cells: readonly { readonly isHeader: boolean; readonly text: string }[] }

function ofHtml(html: string): Table | undefined {
  const begin = html.search(/<table\b/iu)
  if (begin < 0) return undefined
  const end = html.toLowerCase().indexOf("</table>", begin)
  const rows = rowsOf(html.slice(begin, end < 0 ? undefined : end))
  const head =
    rows.find(({ isHead, cells }) => isHead && cells.some(({ text }) => text !== "")) ??
    rows.find(({ cells }) => cells.every(({ isHeader }) => isHeader))
  if (!head) return undefined
  const body = rows.filter((row) => !row.isHead && row !== head && row.cells.length > 0)
  // What stands before the cells of a row names it; without a title of its own it is no column.
  const labels = body[0]?.cells.findIndex(({ isHeader }) => !isHeader) ?? 0
  const kept = head.cells.flatMap(({ text }, at) => (at < labels && text === "" ? [] : [at]))
  const isGap = ({ cells }: HtmlRow) =>
    cells.length > 0 && cells.every(({ text }) => /^(?:\.\.\.|…|⋮|⋱)?$/u.test(text)) && cells.some(({ text }) => text !== "")
  const gap = body.findIndex(isGap)
  const shown = body.filter((row) => !isGap(row)).map(({ cells }) => kept.map((at): Json => cells[at]?.text ?? ""))
  const count = countIn(html)
  return {
    columns: kept.map((at) => head.cells[at]?.text ?? ""),
    rows: shown,
    count: count === undefined || count < shown.length ? shown.length : count,
    upto: gap < 0 ? shown.length : gap,
  }
}

/** As pandas ("120 rows × 3 columns"), polars ("shape: (120, 3)") and R ("A data.frame: 120 × 3") say it. */
function countIn(html: string): number | undefined {
  const found =
    /([\d,]+) rows (?:×|x|&times;) [\d,]+ columns|shape: \(([\d,_]+), [\d,_]+\)|(?:data\.frame|tibble|matrix|data\.table)[^<]{0,40}?: ([\d,]+) (?:×|x|&times;) \d/u.exec(
      html,
    )
  const text = found?.[1] ?? found?.[2] ?? found?.[3]
  return text === undefined ? undefined : Number(text.replaceAll(/[,_]/gu, ""))
}

const TAG = /<(\/?)(thead|tbody|tr|th|td)\b[^>]*>/giu

function rowsOf(table: string): readonly HtmlRow[] {
  const rows: { isHead: boolean; cells: { isHeader: boolean; text: string }[] }[] = []
  let isHead = false
  let open: { readonly isHeader: boolean; readonly from: number } | undefined
  const close = (upto: number) => {
    if (open) rows.at(-1)?.cells.push({ isHeader: open.isHeader, text: textIn(table.slice(open.from, upto)) })
    open = undefined
  }
  for (const { 0: whole, 1: slash, 2: name = "", index } of table.matchAll(TAG)) {
    const tag = name.toLowerCase()
    close(index)
    if (tag === "thead" || tag === "tbody") isHead = tag === "thead" && slash === ""
    else if (tag === "tr" && slash === "") rows.push({ isHead, cells: [] })
    else if (slash === "") open = { isHeader: tag === "th", from: index + whole.length }
  }
  close(table.length)
  return rows
}

const ENTITIES: { readonly [name: string]: string } = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'", nbsp: " ", times: "×" }

function textIn(html: string): string {
  return html
    .replaceAll(/<[^>]*>/gu, "")
    .replaceAll(/&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|([a-z]+));/giu, (all, decimal?: string, hex?: string, name?: string) =>
      name === undefined ? character(decimal === undefined ? Number.parseInt(hex ?? "", 16) : Number(decimal), all) : (ENTITIES[name] ?? all),
    )
    .trim()
}

function character(code: number, otherwise: string): string {
  return code <= 0x10ffff ? String.fromCodePoint(code) : otherwise
}

// How the libraries that write tables spell that nothing is there.
const NOTHING = new Set(["", "nan", "none", "null", "na", "<na>", "nat"])

export function isNothing(value: Json): boolean {
  return value === null || (value instanceof NumberLexeme && value.text === "NaN") || (typeof value === "string" && NOTHING.has(value.toLowerCase()))
}

/** Whether a cell of a table, which may be text, is this value. */
export function holds(shown: Json, value: Json): boolean {
  if (value === null) return isNothing(shown)
  if (typeof shown !== "string" || typeof value === "string") return isSame(shown, value)
  if (typeof value === "boolean") return shown.toLowerCase() === String(value)
  const number = numberIn(value)
  return number !== undefined && shown !== "" && Number(shown.replaceAll(/(?<=\d),(?=\d{3}\b)/gu, "")) === number
}
