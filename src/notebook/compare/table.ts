/** Tables as data frames are shown: read from pandas' and R's HTML or from their text, compared by columns, rows and values. */
import { differs, isNear, isVolatile, quoted, SAME, type Said, type Terms, type Tolerance, worst } from "#notebook/compare/sameness.ts"
import { compareTexts } from "#notebook/compare/text.ts"

/** What is shown of a table; the first name is that of the index where there is one. */
export type Table = {
  readonly columns: readonly string[]
  readonly rows: readonly (readonly string[])[]
  /** As the table itself says it: more than is shown when rows are left out. */
  readonly size: { readonly rows: number; readonly columns: number } | undefined
  /** What stands around it: a caption. */
  readonly around: string
}

/** The only table of an HTML output; undefined when there is none, or more than one. */
export function tableOfHtml(html: string): Table | undefined {
  const start = html.search(/<table\b/i)
  const end = html.search(/<\/table\s*>/i)
  if (start < 0 || end < start || /<table\b/i.test(html.slice(start + 6))) return undefined
  const rows = html
    .slice(start, end)
    .split(/<tr(?=[\s>])/i)
    .slice(1)
    .map(cellsOf)
  const heads = rows.filter((row) => row.isHead)
  const body = rows.filter((row) => !row.isHead).map((row) => row.texts)
  if (body.length === 0 && heads.length === 0) return undefined
  const outside = textOf(html.slice(0, start).replace(/<style\b[\s\S]*?<\/style>/gi, "") + html.slice(end))
  const said = /([\d,]+) rows × ([\d,]+) columns/.exec(outside)
  const size = said ? { rows: numeral(said[1]!), columns: numeral(said[2]!) } : undefined
  return { columns: namesOf(heads.map((row) => row.texts)), rows: body, size, around: said ? outside.replace(said[0], "").trim() : outside }
}

function numeral(text: string): number {
  return Number(text.replaceAll(",", ""))
}

function cellsOf(row: string): { readonly texts: readonly string[]; readonly isHead: boolean } {
  const cells = row.split(/<t(?=[hd][\s>])/i).slice(1)
  return { texts: cells.map((cell) => textOf(`<${cell}`)), isHead: cells.length > 0 && cells.every((cell) => /^h/i.test(cell)) }
}

/** Several header rows are one name each column: pandas puts the index's name below, and levels above one another. */
function namesOf(heads: readonly (readonly string[])[]): readonly string[] {
  const widest = Math.max(0, ...heads.map((row) => row.length))
  return Array.from({ length: widest }, (_, at) => [...new Set(heads.map((row) => row[at] ?? "").filter((text) => text !== ""))].join(" / "))
}

const ENTITIES: Readonly<Record<string, string>> = { lt: "<", gt: ">", amp: "&", quot: '"', apos: "'", nbsp: " ", times: "×" }

function textOf(html: string): string {
  return html
    .replace(/<[^>]{0,4000}>/g, " ")
    .replace(/&(?:#(\d{1,7})|(\w{2,6}));/g, (whole, code: string | undefined, name: string | undefined) =>
      code === undefined ? (ENTITIES[name ?? ""] ?? whole) : Number(code) < 0x110000 ? String.fromCodePoint(Number(code)) : whole,
    )
    .replace(/\s+/g, " ")
    .trim()
}

/** A data frame's own text: a line of names, and below it lines with one value more, the index. Wrapped frames are not read. */
export function tableOfText(text: string): Table | undefined {
  const lines = text.split("\n").map((line) => line.trimEnd())
  const said = /^\[(\d+) rows x (\d+) columns\]$/.exec(lines.at(-1) ?? "")
  const shown = (said ? lines.slice(0, -1) : lines).filter((line) => line !== "")
  const [head = "", ...rest] = shown.map((line) => line.trim().split(/\s{2,}/))
  if (!/^\s/.test(shown[0] ?? "") || head.length === 0 || rest.length === 0) return undefined
  // A line that has only the index's name, when it has one.
  const isNamed = rest.length > 1 && rest[0]?.length === 1 && head.length > 0
  const rows = isNamed ? rest.slice(1) : rest
  if (rows.some((row) => row.length !== head.length + 1)) return undefined
  const size = said ? { rows: Number(said[1]), columns: Number(said[2]) } : undefined
  return { columns: [isNamed ? rest[0]![0]! : "", ...head], rows, size, around: "" }
}

export function compareTables(before: Table, after: Table, terms: Terms): Said {
  const columns = columnsApart(before, after)
  if (columns !== undefined) return differs(columns)
  const around = compareTexts(before.around, after.around, { name: "text around the table", terms })
  return worst([terms.tables === "statistics" ? compareStatistics(before, after, terms.tolerance) : compareValues(before, after, terms), around])
}

function columnsApart(before: Table, after: Table): string | undefined {
  const gone = before.columns.find((name) => !after.columns.includes(name))
  const come = after.columns.find((name) => !before.columns.includes(name))
  if (gone !== undefined && come !== undefined && before.columns.length === after.columns.length) {
    return `Column ${quoted(gone)} is no longer there, ${quoted(come)} is new.`
  }
  if (gone !== undefined) return `Column ${quoted(gone)} is no longer there.`
  if (come !== undefined) return `Column ${quoted(come)} is new.`
  if (before.columns.length !== after.columns.length || widthOf(before) !== widthOf(after)) {
    return `The table had ${widthOf(before)} columns and has ${widthOf(after)}.`
  }
  return before.columns.some((name, at) => name !== after.columns[at]) ? "The columns are the same in another order." : undefined
}

function widthOf({ size, columns }: Table): number {
  return size?.columns ?? columns.length
}

function countOf({ size, rows }: Table): number {
  return size?.rows ?? rows.length
}

function compareValues(before: Table, after: Table, terms: Terms): Said {
  const [had, has] = [countOf(before), countOf(after)]
  if (had !== has || before.rows.length !== after.rows.length) return differs(`The table had ${had} rows and has ${has}.`)
  const values = before.rows.flatMap((row, r) => row.map((text, c) => ({ r, c, text, other: after.rows[r]?.[c] ?? "" })))
  const said = values.map((value) => ({ ...value, said: compareTexts(value.text, value.other, { name: "value", terms: terms }) }))
  const changed = said.filter((value) => value.said.is === "differs" && !isNearText(value.text, value.other, terms.tolerance))
  const [first] = changed
  if (first === undefined) return worst(said.map((value) => (value.said.is === "differs" ? isVolatile("It differs only in rounding.") : value.said)))
  if (isReordered(before, after)) return differs("The rows are the same in another order.")
  const place = `Row ${first.r + 1} of ${before.columns[first.c] ? quoted(before.columns[first.c]!, 30) : `column ${first.c + 1}`}`
  const more = changed.length > 1 ? `; ${changed.length} of ${values.length} values differ` : ""
  return differs(`${place} was ${quoted(first.text, 30)} and is ${quoted(first.other, 30)}${more}.`)
}

function isReordered(before: Table, after: Table): boolean {
  // The first value may be a counted index, which belongs to the place and not to the row.
  const keys = ({ rows }: Table, from: number) => JSON.stringify(rows.map((row) => JSON.stringify(row.slice(from))).toSorted())
  return keys(before, 0) === keys(after, 0) || (before.columns[0] === "" && keys(before, 1) === keys(after, 1))
}

function numberIn(text: string): number | undefined {
  const bare = text.replaceAll(",", "").replace(/\s?%$/, "")
  return /^[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?$/.test(bare) ? Number(bare) : undefined
}

export function isNearText(a: string, b: string, tolerance: Tolerance): boolean {
  const [left, right] = [numberIn(a), numberIn(b)]
  return left !== undefined && right !== undefined && isNear(left, right, tolerance)
}

/** For tables whose rows are drawn by chance: as many of them, and columns whose values lie alike. */
function compareStatistics(before: Table, after: Table, tolerance: Tolerance): Said {
  const [had, has] = [countOf(before), countOf(after)]
  if (!isNear(had, has, tolerance)) return differs(`The table had ${had} rows and has ${has}.`)
  for (const [at, name] of before.columns.entries()) {
    const apart = statisticsApart(statisticsOf(before, at), statisticsOf(after, at), tolerance)
    if (apart !== undefined) return differs(`In ${name === "" ? `column ${at + 1}` : quoted(name, 30)}, ${apart}.`)
  }
  return JSON.stringify(before.rows) === JSON.stringify(after.rows) ? SAME : isVolatile("The values differ, their statistics do not.")
}

type Statistics = Readonly<Record<"numbers" | "mean" | "deviation" | "least" | "most", number>>

function statisticsOf({ rows }: Table, at: number): Statistics {
  const numbers = rows.flatMap((row) => numberIn(row[at] ?? "") ?? [])
  const mean = numbers.reduce((sum, value) => sum + value, 0) / Math.max(1, numbers.length)
  const variance = numbers.reduce((sum, value) => sum + (value - mean) ** 2, 0) / Math.max(1, numbers.length - 1)
  const [least, most] = [numbers.reduce((a, b) => Math.min(a, b), Infinity), numbers.reduce((a, b) => Math.max(a, b), -Infinity)]
  return { numbers: numbers.length, mean, deviation: Math.sqrt(variance), least, most }
}

const STATISTIC_WORDS = {
  numbers: "the count of numbers",
  mean: "the mean",
  deviation: "the standard deviation",
  least: "the least",
  most: "the most",
}

function statisticsApart(before: Statistics, after: Statistics, tolerance: Tolerance): string | undefined {
  const names = Object.keys(STATISTIC_WORDS) as (keyof Statistics)[]
  const name = names.find((each) => !isNear(before[each], after[each], tolerance))
  return name && `${STATISTIC_WORDS[name]} was ${digits(before[name])} and is ${digits(after[name])}`
}

function digits(value: number): string {
  return String(Number(value.toPrecision(6)))
}
