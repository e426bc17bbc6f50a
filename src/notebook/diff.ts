/**
 * What changed between two notebooks, cell by cell: enough to show one version beside another.
 *
 * What running alone changes (execution counts, timings) is told by `noise` and counts as no change. Cell ids serve to
 * find a cell again and are not compared.
 */
import { equal, isObject, type Json, type JsonObject, memberPath, own, write } from "#base/json.ts"
import { withoutAddresses } from "#notebook/compare/volatile.ts"
import { diffText, type Hunk } from "#notebook/diff-lines.ts"
import { type Match, matchCells, unmoved } from "#notebook/diff-match.ts"
import type { Cell, Notebook, Output } from "#notebook/document.ts"

export type { Hunk }

export type NotebookDiff = {
  /** Every cell of both sides: in the order of the later one, removed cells where they stood among those that stayed. */
  readonly cells: readonly CellDiff[]
  /** Changes of the notebook's metadata and of what a later format keeps beside the cells. */
  readonly members: readonly MemberChange[]
  readonly noise: boolean
  readonly summary: DiffSummary
}

export type CellDiff = {
  /** "moved" is a cell that only moved; one that changed as well is "changed" with `moved` true. */
  readonly kind: "same" | "changed" | "added" | "removed" | "moved"
  readonly moved: boolean
  readonly before: Place | undefined
  readonly after: Place | undefined
  readonly type: { readonly before: string; readonly after: string } | undefined
  readonly source: readonly Hunk[]
  /** Metadata by key, attachments, and whatever else the cell holds. */
  readonly members: readonly MemberChange[]
  readonly outputs: readonly OutputChange[]
  readonly noise: boolean
}

/** A cell and its index. */
export type Place = { readonly index: number; readonly cell: Cell }

/** A member that differs; undefined on the side that lacks it. `path` as in "metadata.tags". */
export type MemberChange = { readonly path: string; readonly before: Json | undefined; readonly after: Json | undefined }

/** An output that differs, by its index on each side. */
export type OutputChange = { readonly before: number | undefined; readonly after: number | undefined }

/** Cells by kind, and lines of their sources; `outputs` counts cells whose outputs changed. */
export type DiffSummary = {
  readonly same: number
  readonly changed: number
  readonly added: number
  readonly removed: number
  readonly moved: number
  readonly outputs: number
  readonly linesAdded: number
  readonly linesRemoved: number
}

export function diff(before: Notebook, after: Notebook): NotebookDiff {
  const matches = matchCells(before.cells, after.cells)
  const cells = inOrder(before.cells, after.cells, matches)
  const members = membersChanged(before, after, NOTEBOOK_PARTS)
  const noise = cells.some((cell) => cell.noise) || !equalMember(before.metadata, after.metadata, "papermill")
  return { cells, members, noise, summary: summarise(cells) }
}

function inOrder(before: readonly Cell[], after: readonly Cell[], matches: readonly Match[]): readonly CellDiff[] {
  const partner = new Map(matches.map(([b, a]) => [a, b]))
  const matched = new Set(partner.values())
  const found: CellDiff[] = []
  let [fromBefore, fromAfter] = [0, 0]
  for (const [nextBefore, nextAfter] of [...unmoved(matches), [before.length, after.length] as Match]) {
    for (let i = fromBefore; i < nextBefore; i++) if (!matched.has(i)) found.push(removed(before, i))
    for (let i = fromAfter; i < nextAfter; i++)
      found.push(partner.has(i) ? both([before, partner.get(i) as number], [after, i], true) : added(after, i))
    if (nextAfter < after.length) found.push(both([before, nextBefore], [after, nextAfter], false))
    ;[fromBefore, fromAfter] = [nextBefore + 1, nextAfter + 1]
  }
  return found
}

function removed(cells: readonly Cell[], index: number): CellDiff {
  const cell = cells[index] as Cell
  return { ...NOTHING, kind: "removed", before: { index, cell }, source: diffText(cell.source, "") }
}

function added(cells: readonly Cell[], index: number): CellDiff {
  const cell = cells[index] as Cell
  return { ...NOTHING, kind: "added", after: { index, cell }, source: diffText("", cell.source) }
}

const NOTHING = { moved: false, before: undefined, after: undefined, type: undefined, source: [], members: [], outputs: [], noise: false } as const

function both([cellsBefore, i]: [readonly Cell[], number], [cellsAfter, j]: [readonly Cell[], number], moved: boolean): CellDiff {
  const [before, after] = [cellsBefore[i] as Cell, cellsAfter[j] as Cell]
  const changes = {
    type: before.cell_type === after.cell_type ? undefined : { before: before.cell_type, after: after.cell_type },
    source: diffText(before.source, after.source),
    members: membersChanged(before, after, CELL_PARTS),
    outputs: outputsChanged(before.outputs ?? [], after.outputs ?? []),
  }
  const changed = changes.type !== undefined || changes.source.length + changes.members.length + changes.outputs.length > 0
  const kind = changed ? "changed" : moved ? "moved" : "same"
  return { kind, moved, before: { index: i, cell: before }, after: { index: j, cell: after }, ...changes, noise: isNoisy(before, after) }
}

// What is compared in other ways, or not at all.
const NOTEBOOK_PARTS = new Set(["cells", "nbformat", "nbformat_minor"])
const CELL_PARTS = new Set(["id", "cell_type", "source", "outputs", "execution_count"])
// Metadata that an execution writes: nbclient's timings, papermill's record, the ExecuteTime extension.
const TIMINGS = ["execution", "papermill", "ExecuteTime"]

function membersChanged(before: JsonObject, after: JsonObject, parts: ReadonlySet<string>): readonly MemberChange[] {
  const others = (object: JsonObject) => Object.fromEntries(Object.entries(object).filter(([key]) => key !== "metadata" && !parts.has(key)))
  const metadata = (object: JsonObject) => (isObject(object["metadata"]) ? object["metadata"] : {})
  const inMetadata = changedKeys(metadata(before), metadata(after), "metadata").filter(
    ({ path }) => !TIMINGS.some((key) => path === `metadata.${key}`),
  )
  return [...inMetadata, ...changedKeys(others(before), others(after), "")]
}

function changedKeys(before: JsonObject, after: JsonObject, path: string): readonly MemberChange[] {
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])].filter((key) => !equalMember(before, after, key))
  return keys.map((key) => ({ path: memberPath(path, key), before: own(before, key), after: own(after, key) }))
}

function equalMember(before: JsonObject, after: JsonObject, key: string): boolean {
  const [left, right] = [own(before, key), own(after, key)]
  return left === undefined || right === undefined ? left === right : equal(left, right)
}

function isNoisy(before: Cell, after: Cell): boolean {
  if (!equalMember(before, after, "execution_count")) return true
  if (TIMINGS.some((key) => !equalMember(before.metadata, after.metadata, key))) return true
  const counts = (cell: Cell) => (cell.outputs ?? []).map((output) => own(output, "execution_count") ?? null)
  return !equal(counts(before), counts(after))
}

/** Outputs that stay at both ends are left out; the rest is taken pairwise, as what one execution made of the other. */
function outputsChanged(before: readonly Output[], after: readonly Output[]): readonly OutputChange[] {
  const same = (i: number, j: number) => isSameOutput(timeless(before[i] as Output), timeless(after[j] as Output))
  const shorter = Math.min(before.length, after.length)
  let head = 0
  while (head < shorter && same(head, head)) head++
  let tail = 0
  while (tail < shorter - head && same(before.length - 1 - tail, after.length - 1 - tail)) tail++
  const [left, right] = [before.length - tail, after.length - tail]
  const rows = Array.from({ length: Math.max(left, right) - head }, (_, i) => head + i)
  return rows
    .filter((i) => i >= left || i >= right || !same(i, i))
    .map((i) => ({ before: i < left ? i : undefined, after: i < right ? i : undefined }))
}

/** Where an object lay in memory is no part of what it showed. */
function isSameOutput(before: JsonObject, after: JsonObject): boolean {
  if (equal(before, after)) return true
  const [was, is] = [write(before), write(after)]
  return was.includes("0x") && is.includes("0x") && withoutAddresses(was) === withoutAddresses(is)
}

function timeless(output: Output): JsonObject {
  if (!Object.hasOwn(output, "execution_count")) return output
  const { execution_count: _, ...kept } = output
  return kept
}

function summarise(cells: readonly CellDiff[]): DiffSummary {
  const count = (kind: CellDiff["kind"]) => cells.filter((cell) => cell.kind === kind).length
  const hunks = cells.flatMap((cell) => cell.source)
  return {
    same: count("same"),
    changed: count("changed"),
    added: count("added"),
    removed: count("removed"),
    moved: cells.filter((cell) => cell.moved).length,
    outputs: cells.filter((cell) => cell.outputs.length > 0).length,
    linesAdded: hunks.reduce((sum, hunk) => sum + hunk.after.lines.length, 0),
    linesRemoved: hunks.reduce((sum, hunk) => sum + hunk.before.lines.length, 0),
  }
}
