/** A result or a version without its outputs: what a page needs to lay itself out before it shows them. Pure. */

import type { LiveOutput } from "#api/live.ts"
import { isList, isObject, type Json, own, plain } from "#base/json.ts"
import { type Cell, type CellDiff, diff, type Hunk, languageOf, type MemberChange, type Notebook, tagsOf } from "#notebook/index.ts"
import { type DrawnWith, drawnWith } from "#web/outputs/drawn-with.ts"
import type { CellShown } from "#web/outputs/stage/shown.ts"

export type OutlineCell = {
  readonly index: number
  readonly id: string
  readonly type: string
  readonly source: string
  readonly tags: readonly string[]
  readonly executionCount: number | null
  /** What a run says became of it; "" where none did. */
  readonly state: string
  readonly durationMs: number | undefined
  readonly outputs: number
  /** How many characters its outputs have, to guess how much room they take. */
  readonly outputSize: number
  readonly isError: boolean
  readonly attachments: Readonly<Record<string, unknown>>
}

export type Outline = {
  readonly cells: readonly OutlineCell[]
  readonly language: string
  readonly title: string | undefined
} & DrawnWith

export function outlineOf(notebook: Notebook): Outline {
  return { cells: notebook.cells.map(cellOutline), language: languageOf(notebook), title: titleOf(notebook), ...drawnWith(notebook.metadata) }
}

function cellOutline(cell: Cell, index: number): OutlineCell {
  const stet = own(cell.metadata, "stet")
  const facts = isObject(stet) ? stet : {}
  const [state, duration] = [own(facts, "state"), own(facts, "duration_ms")]
  const outputs = cell.outputs ?? []
  const attachments = own(cell, "attachments")
  return {
    index,
    id: cell.id,
    type: cell.cell_type,
    source: cell.source,
    tags: tagsOf(cell),
    executionCount: typeof cell.execution_count === "number" ? cell.execution_count : null,
    state: typeof state === "string" ? state : "",
    durationMs: typeof duration === "number" ? duration : undefined,
    outputs: outputs.length,
    outputSize: outputs.reduce((sum, output) => sum + sizeOf(output), 0),
    isError: outputs.some(({ output_type }) => output_type === "error"),
    attachments: isObject(attachments) ? (plain(attachments) as Record<string, unknown>) : {},
  }
}

function sizeOf(value: Json): number {
  if (typeof value === "string") return value.length
  if (isList(value)) return value.reduce((sum: number, item) => sum + sizeOf(item), 0)
  return isObject(value) ? Object.values(value).reduce((sum: number, item) => sum + sizeOf(item), 0) : 8
}

function titleOf({ cells }: Notebook): string | undefined {
  const first = cells.find((cell) => cell.cell_type === "markdown")
  return first && /^#\s+(.+)$/mu.exec(first.source)?.[1]
}

export function outputsOf(notebook: Notebook, index: number): readonly LiveOutput[] {
  return (notebook.cells[index]?.outputs ?? []).map((output) => plain(output) as LiveOutput)
}

const MARKUP = ["text/html", "application/javascript", "text/javascript"]

/** The outputs of all cells of which others may need something: markup and scripts, each at its place among what its cell shows. */
export function markupOf(notebook: Notebook): readonly CellShown[] {
  return notebook.cells.flatMap(({ id, outputs = [] }) => {
    if (!outputs.some(hasMarkup)) return []
    return [{ cell: id, outputs: outputs.map((output) => plain(hasMarkup(output) ? output : emptied(output)) as LiveOutput) }]
  })
}

type Output = NonNullable<Cell["outputs"]>[number]

function hasMarkup(output: Output): boolean {
  const data = own(output, "data")
  return isObject(data) && MARKUP.some((mediaType) => Object.hasOwn(data, mediaType))
}

/** Streams that follow each other are one output, so what they are is kept. */
function emptied(output: Output): Json {
  return { output_type: output.output_type, name: own(output, "name") ?? null, data: {}, metadata: {} }
}

/** What changed between two notebooks, without their outputs. */
export type Changes = {
  readonly cells: readonly CellChange[]
  readonly members: readonly PlainChange[]
  readonly summary: ReturnType<typeof diff>["summary"]
  readonly language: string
}

export type CellChange = {
  readonly kind: CellDiff["kind"]
  readonly moved: boolean
  readonly before: OutlineCell | undefined
  readonly after: OutlineCell | undefined
  readonly source: readonly Hunk[]
  readonly type: CellDiff["type"]
  readonly members: readonly PlainChange[]
  readonly outputs: CellDiff["outputs"]
}

export type PlainChange = { readonly path: string; readonly before: unknown; readonly after: unknown }

/** `between`: two results, of which what a run itself writes (its parameters, its record) is no difference of the notebook. */
export function changesOf(before: Notebook, after: Notebook, between: "versions" | "results"): Changes {
  const [left, right] = between === "results" ? [withoutRun(before), withoutRun(after)] : [before, after]
  const found = diff(left, right)
  const places = between === "results" ? { before: placesOf(before), after: placesOf(after) } : undefined
  return {
    cells: found.cells.map((cell) => cellChange(cell, places)),
    members: found.members.map(plainChange),
    summary: found.summary,
    language: languageOf(after),
  }
}

type Places = { readonly before: readonly number[]; readonly after: readonly number[] }

/** `places`: where the cells that were compared stand in the notebooks that they were taken from. */
function cellChange({ kind, moved, before, after, source, type, members, outputs }: CellDiff, places: Places | undefined): CellChange {
  return {
    kind,
    moved,
    before: before && cellOutline(before.cell, places?.before[before.index] ?? before.index),
    after: after && cellOutline(after.cell, places?.after[after.index] ?? after.index),
    source,
    type,
    members: members.map(plainChange),
    outputs,
  }
}

function plainChange({ path, before, after }: MemberChange): PlainChange {
  return { path, before: before === undefined ? undefined : plain(before), after: after === undefined ? undefined : plain(after) }
}

function isOfRun(cell: Cell): boolean {
  return tagsOf(cell).some((tag) => tag === "injected-parameters" || tag === "papermill-error-cell-tag")
}

function placesOf({ cells }: Notebook): readonly number[] {
  return cells.flatMap((cell, at) => (isOfRun(cell) ? [] : [at]))
}

function withoutRun(notebook: Notebook): Notebook {
  const cells = notebook.cells.filter((cell) => !isOfRun(cell))
  return {
    ...notebook,
    metadata: without(notebook.metadata, "stet"),
    cells: cells.map((cell) => ({ ...cell, metadata: without(cell.metadata, "stet") })),
  }
}

function without<Value extends Notebook["metadata"]>(object: Value, key: string): Value {
  const { [key]: _, ...rest } = object
  return rest as Value
}
