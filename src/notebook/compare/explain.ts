/**
 * What differs between two outputs, to be shown to people: lines of a text, rows and values of a table, places in a JSON value. Whether
 * it is the same is said by the comparison; this says where it is not.
 */
import { type Json, own, StringSpan, write } from "#base/json.ts"
import { type CellComparison, compareNotebooks, GONE, startOf } from "#notebook/compare/compare.ts"
import { type ExplainedLine, linesApart } from "#notebook/compare/explain-lines.ts"
import { type ExplainedTable, tablesApart } from "#notebook/compare/explain-table.ts"
import {
  type CompareOptions,
  compareOutputs,
  dataOf,
  errorText,
  isShown,
  type Part,
  type ShownKind,
  STREAMS,
  streamName,
  streamText,
  textIn,
  typesOf,
} from "#notebook/compare/outputs.ts"
import { type Terms, TOLERANCE } from "#notebook/compare/sameness.ts"
import { placesApart } from "#notebook/compare/structure.ts"
import { tableOfHtml, tableOfText } from "#notebook/compare/table.ts"
import { matchCells } from "#notebook/diff-match.ts"
import type { Notebook, Output } from "#notebook/document.ts"

export type Detail =
  | { readonly as: "lines"; readonly lines: readonly ExplainedLine[] }
  | { readonly as: "table"; readonly table: ExplainedTable }
  | { readonly as: "places"; readonly places: readonly ExplainedPlace[]; readonly more: boolean }
  /** Both are to be looked at whole: pictures, what is drawn, what is only on one side. */
  | { readonly as: "whole" }

/** Values as JSON, cut where they get long; undefined on the side that has none. */
export type ExplainedPlace = { readonly path: string; readonly before: string | undefined; readonly after: string | undefined }

/** `before` and `after`: which of the cell's outputs on either side, from 0. */
export type Explained = Part & {
  readonly name: string
  readonly before: readonly number[]
  readonly after: readonly number[]
  readonly detail: Detail
}

export type ExplainedCell = CellComparison & {
  /** Among all cells of either side, from 0; undefined where it is not there. */
  readonly at: { readonly before: number | undefined; readonly after: number | undefined }
  readonly explained: readonly Explained[]
}

const MOST_PLACES = 50
const LONGEST_VALUE = 300

/** Cells that show the same are told without what they show. */
export function explainNotebooks(before: Notebook, after: Notebook, options: CompareOptions = {}): readonly ExplainedCell[] {
  const partner = new Map(matchCells(before.cells, after.cells).map(([b, a]) => [a, b]))
  return compareNotebooks(before, after, options).cells.map((cell) => {
    const here = cell.number - 1
    const at = cell.why === GONE ? { before: here, after: undefined } : { before: partner.get(here), after: here }
    return { ...cell, at, explained: cell.is === "same" ? [] : explainCell(before, after, at, options) }
  })
}

/** What the cells at these places show, from 0. */
export function explainCell(before: Notebook, after: Notebook, at: ExplainedCell["at"], options: CompareOptions = {}): readonly Explained[] {
  return explainOutputs(outputsAt(before, at.before), outputsAt(after, at.after), { ...options, ranAtMs: options.ranAtMs ?? startOf(after) })
}

function outputsAt({ cells }: Notebook, at: number | undefined): readonly Output[] {
  return at === undefined ? [] : (cells[at]?.outputs ?? [])
}

export function explainOutputs(before: readonly Output[], after: readonly Output[], options: CompareOptions = {}): readonly Explained[] {
  const terms: Terms = { tolerance: { ...TOLERANCE, ...options.tolerance }, ranAtMs: options.ranAtMs, tables: options.tables ?? "values" }
  const names = [...new Set([...before, ...after].filter((output) => !isShown(output)).map(streamName))]
  const streams = names.map((name) => {
    const of = (outputs: readonly Output[]) => indexesOf(outputs, (output) => !isShown(output) && streamName(output) === name)
    return explainPair({
      before,
      after,
      at: [of(before), of(after)],
      name: Object.hasOwn(STREAMS, name) ? STREAMS[name as keyof typeof STREAMS] : name,
      options,
      terms,
    })
  })
  const [had, has] = [indexesOf(before, isShown), indexesOf(after, isShown)]
  const shown = Array.from({ length: Math.max(had.length, has.length) }, (_, i) =>
    explainPair({ before, after, at: [had.slice(i, i + 1), has.slice(i, i + 1)], name: "", options, terms }),
  )
  return [...streams, ...shown].flat()
}

function indexesOf(outputs: readonly Output[], which: (output: Output) => boolean): readonly number[] {
  return outputs.flatMap((output, at) => (which(output) ? [at] : []))
}

type Explaining = {
  readonly before: readonly Output[]
  readonly after: readonly Output[]
  readonly at: readonly [before: readonly number[], after: readonly number[]]
  readonly name: string
  readonly options: CompareOptions
  readonly terms: Terms
}

function explainPair({ before, after, at, name, options, terms }: Explaining): readonly Explained[] {
  const [had, has] = [at[0].map((one) => before[one]!), at[1].map((one) => after[one]!)]
  const [part] = compareOutputs(had, has, options).parts
  if (!part) return []
  const detail: Detail = part.is === "same" || part.is === "unknown" ? { as: "whole" } : detailOf(had, has, { kind: part.kind, terms })
  return [{ ...part, name: name || NAMES[part.kind], before: at[0], after: at[1], detail }]
}

const NAMES: Readonly<Record<ShownKind, string>> = {
  text: "text",
  table: "table",
  picture: "picture",
  json: "JSON",
  chart: "chart",
  html: "HTML",
  widget: "widget",
  error: "error",
  other: "file",
}

type As = { readonly kind: ShownKind; readonly terms: Terms }

function detailOf(before: readonly Output[], after: readonly Output[], as: As): Detail {
  const [had, has] = [before[0], after[0]]
  if (had && !isShown(had)) return textsApart(streamOf(before), streamOf(after))
  if (has && !isShown(has)) return textsApart(streamOf(before), streamOf(after))
  if (!had || !has) return { as: "whole" }
  if (had.output_type === "error" && has.output_type === "error") return textsApart(errorText(had), errorText(has))
  if (had.output_type === "error" || has.output_type === "error") return { as: "whole" }
  const [left, right] = [dataOf(had), dataOf(has)]
  const { isShared, typeBefore, typeAfter } = typesOf(left, right)
  return isShared ? dataApart(own(left, typeBefore) ?? "", own(right, typeAfter) ?? "", { ...as, type: typeBefore }) : { as: "whole" }
}

function streamOf(outputs: readonly Output[]): string {
  const [first] = outputs
  return first ? (streamText(outputs, streamName(first)) ?? "") : ""
}

function dataApart(before: Json, after: Json, { kind, type, terms }: As & { readonly type: string }): Detail {
  if (before instanceof StringSpan || after instanceof StringSpan) return { as: "whole" }
  if (kind === "json" || kind === "chart") {
    const places = placesApart(before, after, { terms, isChart: kind === "chart", most: MOST_PLACES + 1 })
    const told = places.slice(0, MOST_PLACES).map(({ path, before: was, after: is }) => ({ path, before: briefly(was), after: briefly(is) }))
    return { as: "places", places: told, more: places.length > MOST_PLACES }
  }
  const [had, has] = [textIn(before), textIn(after)]
  if (kind === "table") {
    const read = type === "text/html" ? tableOfHtml : tableOfText
    const [left, right] = [read(had), read(has)]
    if (left && right) return { as: "table", table: tablesApart(left, right, terms) }
  }
  return kind === "text" || (kind === "table" && type === "text/plain") ? textsApart(had, has) : { as: "whole" }
}

function briefly(value: Json | undefined): string | undefined {
  const text = value === undefined ? undefined : write(value)
  return text !== undefined && text.length > LONGEST_VALUE ? `${text.slice(0, LONGEST_VALUE)}…` : text
}

function textsApart(before: string, after: string): Detail {
  return { as: "lines", lines: linesApart(before, after) }
}
