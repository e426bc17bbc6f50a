/** A version that was saved elsewhere while the draft was edited: what it changed becomes edits of the draft, and nothing of either is lost. */

import type * as Y from "yjs"
import { equal, type Json, type JsonObject, own } from "#base/json.ts"
import { setIn } from "#draft/change.ts"
import { bear, ordersAt } from "#draft/insert.ts"
import { newCellOf, setBase, shownIn } from "#draft/notebook.ts"
import { metadataOf } from "#draft/open-draft.ts"
import { type CellMap, cellMap, certainCell, isAlive, type Life, livingIds, metaOf, revive, SERVER, sourceOf } from "#draft/schema.ts"
import { mergeEdits } from "#draft/text.ts"
import type { Cell, Notebook } from "#notebook/index.ts"

export type Sides = {
  /** What the draft was made from. */
  readonly base: Notebook
  readonly theirs: Notebook
  /** The number of theirs. */
  readonly version: number
}

/** One transaction of the server. Where both changed the same lines, both stay. */
export function mergeNotebook(doc: Y.Doc, { base, theirs, version }: Sides): void {
  const before = new Map(base.cells.map((cell) => [cell.id, cell]))
  const after = new Map(theirs.cells.map((cell) => [cell.id, cell]))
  doc.transact(() => {
    for (const cell of base.cells) if (!after.has(cell.id)) removeUnlessEdited(doc, cell)
    for (const [i, cell] of theirs.cells.entries()) {
      const was = before.get(cell.id)
      if (was) mergeCell(doc, was, { cell, version })
      else put(doc, cell, { after: theirs.cells[i - 1]?.id, version })
    }
    mergeOrder(doc, base, theirs)
    mergeMetadata(metaOf(doc).get("metadata"), base.metadata, theirs.metadata)
    setBase(doc, theirs, version)
  }, SERVER)
}

function removeUnlessEdited(doc: Y.Doc, cell: Cell): void {
  const map = cellMap(doc, cell.id)
  if (map && isAlive(map) && sourceOf(map).toString() === cell.source) map.set("life", "deleted" satisfies Life)
}

type Theirs = { readonly cell: Cell; readonly version: number }

function mergeCell(doc: Y.Doc, was: Cell, { cell, version }: Theirs): void {
  const map = cellMap(doc, cell.id)
  if (!map) return
  const isEdited = was.source !== cell.source
  // Who deleted a cell that somebody else was writing in gets it back.
  if (isEdited && map.get("life") === "deleted") revive(map)
  if (was.cell_type !== cell.cell_type) map.set("type", cell.cell_type)
  const source = sourceOf(map)
  if (isEdited)
    for (const { at, remove, insert } of mergeEdits(was.source, source.toString(), cell.source).toReversed()) {
      if (remove > 0) source.delete(at, remove)
      if (insert !== "") source.insert(at, insert)
    }
  mergeMetadata(map.get("metadata"), was.metadata, cell.metadata)
  const attachments = own(cell, "attachments")
  if (attachments !== undefined && !equal(attachments, own(was, "attachments") ?? null)) setIn(map, "attachments", attachments)
  showTheirs(map, was, { cell, version })
}

/** Their outputs, unless somebody has run the cell here. */
function showTheirs(map: CellMap, was: Cell, { cell, version }: Theirs): void {
  if (String(map.get("shows") ?? "").startsWith("execution:")) return
  if (equal((was.outputs ?? []) as Json, (cell.outputs ?? []) as Json)) return
  map.set("shows", shownIn(cell, version))
}

type Putting = { readonly after: string | undefined; readonly version: number }

function put(doc: Y.Doc, cell: Cell, { after, version }: Putting): void {
  const known = cellMap(doc, cell.id)
  if (known) {
    // Made here and there, as by a copy of the draft that was saved: it is that cell.
    revive(known)
    if (sourceOf(known).toString() === "") sourceOf(known).insert(0, cell.source)
    return
  }
  const place = after === undefined ? { at: 0 } : { after }
  const order = ordersAt(doc, place, 1)[0] as string
  bear(doc, cell.id, { ...newCellOf(cell), order, life: "alive", shows: shownIn(cell, version) })
}

/** Theirs, when only they moved cells; where both did, ours stays. */
function mergeOrder(doc: Y.Doc, base: Notebook, theirs: Notebook): void {
  const common = new Set(base.cells.map(({ id }) => id))
  const living = livingIds(doc).filter((id) => common.has(id))
  const kept = new Set(living)
  const order = (notebook: Notebook) => notebook.cells.map(({ id }) => id).filter((id) => kept.has(id))
  const [was, wanted] = [order(base), order(theirs)]
  const same = (a: readonly string[], b: readonly string[]) => a.length === b.length && a.every((id, i) => id === b[i])
  if (same(was, wanted) || !same(was, living)) return
  const places = living.map((id) => String(certainCell(doc, id).get("order")))
  for (const [i, id] of wanted.entries()) certainCell(doc, id).set("order", places[i])
}

function mergeMetadata(map: unknown, base: JsonObject, theirs: JsonObject): void {
  const ours = metadataOf(map)
  for (const key of new Set([...Object.keys(base), ...Object.keys(theirs)])) {
    const [was, now, here] = [own(base, key), own(theirs, key), own(ours, key)]
    const changed = !(was === undefined || now === undefined ? was === now : equal(was, now))
    const isOurs = was === undefined || here === undefined ? was === here : equal(was, here)
    if (changed && isOurs) setIn(map, key, now)
  }
}
