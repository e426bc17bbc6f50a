/** What changed between the outputs of a cell, as lines: by their text, and by kind where there is none. */
import type { Json } from "#base/json.ts"
import { type CellDiff, diffText, type Hunk, type Output, type OutputChange } from "#notebook/index.ts"

/** Of one output no more lines are shown: a table that came out otherwise is to be seen, not read to its end here. */
const LINES_MAX = 20

export type Line = { readonly sign: " " | "-" | "+"; readonly text: string }

export function outputLines(cell: CellDiff): readonly Line[] {
  return cell.outputs.flatMap((change) => [
    { sign: " ", text: `output ${(change.after ?? change.before ?? 0) + 1}: ${kindOf(cell, change)}` } as const,
    ...changedLines(cell, change),
  ])
}

function sides(cell: CellDiff, { before, after }: OutputChange): readonly [Output | undefined, Output | undefined] {
  const at = (place: CellDiff["before"], index: number | undefined) => (index === undefined ? undefined : place?.cell.outputs?.[index])
  return [at(cell.before, before), at(cell.after, after)]
}

function kindOf(cell: CellDiff, change: OutputChange): string {
  const [before, after] = sides(cell, change).map((output) => (output === undefined ? undefined : nameOf(output)))
  if (before === undefined) return `added, ${after}`
  if (after === undefined) return `removed, ${before}`
  return before === after ? `changed, ${before}` : `changed, ${before} → ${after}`
}

function nameOf(output: Output): string {
  if (output.output_type === "stream") return String(output["name"] ?? "stream")
  if (output.output_type === "error") return "error"
  return Object.keys((output["data"] ?? {}) as { [type: string]: Json }).join(", ") || output.output_type
}

function changedLines(cell: CellDiff, change: OutputChange): readonly Line[] {
  const [before = "", after = ""] = sides(cell, change).map((output) => (output === undefined ? "" : textOf(output)))
  const lines = diffText(before, after).flatMap(hunkLines)
  const left = lines.length - LINES_MAX
  return left > 1 ? [...lines.slice(0, LINES_MAX), { sign: " ", text: `… ${left} more lines` }] : lines
}

function hunkLines({ before, after }: Hunk): readonly Line[] {
  const signed = (sign: "-" | "+", lines: readonly string[]) => lines.map((text) => ({ sign, text: text.replace(/\r?\n$/, "") }))
  return [...signed("-", before.lines), ...signed("+", after.lines)]
}

/** As a console shows it; pictures and pages have none, and their kinds are told. */
function textOf(output: Output): string {
  if (output.output_type === "error") return `${joined(output["ename"])}: ${joined(output["evalue"])}`
  if (output.output_type === "stream") return joined(output["text"])
  return joined(((output["data"] ?? {}) as { [type: string]: Json })["text/plain"])
}

function joined(value: Json | undefined): string {
  return Array.isArray(value) ? value.join("") : typeof value === "string" ? value : ""
}
