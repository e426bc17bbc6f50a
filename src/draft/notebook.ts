/** From a notebook to the draft and back. A draft that nobody edited gives the notebook that it was filled with, to the last digit. */

import * as Y from "yjs"
import { isObject, type JsonObject, own, write } from "#base/json.ts"
import { setIn, writeSource } from "#draft/change.ts"
import { bear, type NewCell } from "#draft/insert.ts"
import { metadataOf, readCell } from "#draft/open-draft.ts"
import { firstOrders } from "#draft/order.ts"
import {
  BIRTH,
  type CellMap,
  cellMap,
  cellsOf,
  certainCell,
  type DraftCell,
  isAlive,
  type Life,
  livingIds,
  metaOf,
  PERSON,
  revive,
  SERVER,
  sourceOf,
} from "#draft/schema.ts"
import { fromShared, toShared } from "#draft/value.ts"
import type { Cell, Notebook, Output } from "#notebook/index.ts"

/** What a code cell shows. */
export type Shown = { readonly outputs: readonly Output[]; readonly executionCount: number | null }

const NOTEBOOK_PARTS = new Set(["cells", "metadata", "nbformat", "nbformat_minor"])
const CELL_PARTS = new Set(["id", "cell_type", "source", "metadata", "attachments", "outputs", "execution_count"])

/** Fills an empty document; code cells show what the version holds for them. */
export function fillDraft(doc: Y.Doc, notebook: Notebook, version: number): void {
  doc.transact(() => {
    const meta = metaOf(doc)
    meta.set("metadata", new Y.Map(Object.entries(notebook.metadata).map(([key, value]) => [key, toShared(value)])))
    setBase(doc, notebook, version)
    const orders = firstOrders(notebook.cells.length)
    for (const [i, cell] of notebook.cells.entries()) {
      const extra = restOf(cell, CELL_PARTS)
      const born = { ...newCellOf(cell), order: orders[i] as string, life: "alive", shows: shownIn(cell, version) } as const
      bear(doc, cell.id, extra ? { ...born, extra } : born)
    }
  }, SERVER)
}

/** Within a transaction of the server: what the version is of which the draft is an edit now. */
export function setBase(doc: Y.Doc, notebook: Notebook, version: number): void {
  const meta = metaOf(doc)
  meta.set("base", version)
  const extra = restOf(notebook, NOTEBOOK_PARTS)
  if (meta.get("minor") !== Math.max(5, notebook.nbformat_minor)) meta.set("minor", Math.max(5, notebook.nbformat_minor))
  if (extra) meta.set("extra", toShared(extra))
  else if (meta.has("extra")) meta.delete("extra")
}

export function shownIn(cell: Cell, version: number): string {
  const has = cell.cell_type === "code" && ((cell.outputs?.length ?? 0) > 0 || (cell.execution_count ?? null) !== null)
  return has ? `version:${version}` : ""
}

export function newCellOf(cell: Cell): NewCell {
  const { cell_type: type, source, metadata } = cell
  const attachments = own(cell, "attachments")
  return isObject(attachments) ? { type, source, metadata, attachments } : { type, source, metadata }
}

/** Keys that the draft does not know. */
function restOf(object: JsonObject, parts: ReadonlySet<string>): JsonObject | undefined {
  const rest = Object.entries(object).filter(([key]) => !parts.has(key))
  return rest.length > 0 ? Object.fromEntries(rest) : undefined
}

/** The draft as a notebook; `shownBy` gives what a code cell shows, nothing where it shows nothing. */
export function toNotebook(doc: Y.Doc, shownBy: (cell: DraftCell) => Shown | undefined): Notebook {
  const meta = metaOf(doc)
  const extra = fromShared(meta.get("extra"))
  const cells = livingIds(doc).map((id) => {
    const map = certainCell(doc, id)
    return toCell(map, readCell(id, map), shownBy)
  })
  return {
    ...(isObject(extra) ? extra : {}),
    nbformat: 4,
    nbformat_minor: Number(meta.get("minor") ?? 5),
    metadata: metadataOf(meta.get("metadata")),
    cells,
  } as Notebook
}

function toCell(map: CellMap, cell: DraftCell, shownBy: (cell: DraftCell) => Shown | undefined): Cell {
  const extra = fromShared(map.get("extra"))
  const { id, type, text: source, metadata, attachments } = cell
  const shown = type === "code" ? (shownBy(cell) ?? { outputs: [], executionCount: null }) : undefined
  return {
    ...(isObject(extra) ? extra : {}),
    id,
    cell_type: type,
    metadata,
    source,
    // A code cell has none in nbformat 4; they are there again when it becomes text again.
    ...(attachments && type !== "code" ? { attachments } : {}),
    ...(shown ? { outputs: shown.outputs, execution_count: shown.executionCount } : {}),
  } as Cell
}

/**
 * Edits the draft so that it says what the notebook says: cells by their ids, only what differs, deleted ones live again. One step
 * of a person's undo, or the server's own with that origin. Nothing is said about outputs.
 */
export function applyNotebook(doc: Y.Doc, notebook: Notebook, origin: string = PERSON): void {
  const missing = notebook.cells.filter(({ id }) => !cellMap(doc, id))
  doc.transact(() => {
    for (const cell of missing) bear(doc, cell.id, { ...newCellOf(cell), order: "V", life: "unborn" })
  }, BIRTH)
  doc.transact(() => {
    const wanted = new Set(notebook.cells.map(({ id }) => id))
    for (const [id, map] of cellsOf(doc)) if (isAlive(map) && !wanted.has(id)) map.set("life", "deleted" satisfies Life)
    for (const cell of notebook.cells) applyCell(certainCell(doc, cell.id), cell)
    applyOrder(doc, notebook)
    applyMetadata(metaOf(doc).get("metadata"), notebook.metadata)
  }, origin)
}

function applyCell(map: CellMap, cell: Cell): void {
  revive(map)
  if (map.get("type") !== cell.cell_type) map.set("type", cell.cell_type)
  writeSource(sourceOf(map), cell.source)
  applyMetadata(map.get("metadata"), cell.metadata)
  const attachments = own(cell, "attachments")
  if (isObject(attachments)) setIn(map, "attachments", attachments)
  else if (map.has("attachments")) map.delete("attachments")
}

function applyOrder(doc: Y.Doc, { cells }: Notebook): void {
  const now = livingIds(doc)
  if (now.every((id, i) => id === cells[i]?.id)) return
  const orders = firstOrders(cells.length)
  for (const [i, { id }] of cells.entries()) certainCell(doc, id).set("order", orders[i])
}

function applyMetadata(map: unknown, wanted: JsonObject): void {
  if (!(map instanceof Y.Map)) return
  for (const key of [...map.keys()]) if (!Object.hasOwn(wanted, key)) map.delete(key)
  for (const [key, value] of Object.entries(wanted)) setIn(map, key, value)
}

/** Written by whoever executes, not by an author. */
const OF_EXECUTION = new Set(["execution", "ExecuteTime", "papermill", "collapsed", "scrolled", "trusted"])
const OF_KERNEL = new Set(["language_info", "widgets", "papermill"])

/**
 * A text that is the same for two notebooks whose authors wrote the same: cells with their types, sources, attachments and
 * metadata, in order. Outputs, counts and what a kernel says about itself are not in it.
 */
export function authoredText(notebook: Notebook): string {
  const cells = notebook.cells.map(
    (cell) => [cell.id, cell.cell_type, cell.source, without(cell.metadata, OF_EXECUTION), own(cell, "attachments") ?? null] as const,
  )
  return write([without(notebook.metadata, OF_KERNEL), ...cells])
}

function without(object: JsonObject, keys: ReadonlySet<string>): JsonObject {
  return Object.fromEntries(Object.entries(object).filter(([key]) => !keys.has(key)))
}
