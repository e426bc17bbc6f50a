/** What is done to cells that are there. Each is one step of undo. */

import * as Y from "yjs"
import { equal, type Json, type JsonObject } from "#base/json.ts"
import { ordersAt } from "#draft/insert.ts"
import { type CellMap, cellMap, certainCell, isAlive, type Life, metaOf, PERSON, type Place, revive, sourceOf } from "#draft/schema.ts"
import { textEdits } from "#draft/text.ts"
import { fromShared, toShared } from "#draft/value.ts"

export function deleteCells(doc: Y.Doc, ids: readonly string[]): void {
  doc.transact(() => {
    for (const cell of living(doc, ids)) cell.set("life", "deleted" satisfies Life)
  }, PERSON)
}

/**
 * Cells that were deleted are there again, at the place, in this order, with all that hangs on them: what they show, what is said of them.
 * False, and nothing is done, unless each is deleted and says what is expected.
 */
export function bringBackCells(doc: Y.Doc, cells: readonly { readonly id: string; readonly source: string }[], to: Place): boolean {
  const maps = cells.flatMap(({ id, source }) => {
    const map = cellMap(doc, id)
    return map?.get("life") === ("deleted" satisfies Life) && sourceOf(map).toString() === source ? [map] : []
  })
  if (maps.length < cells.length || new Set(maps).size < maps.length) return false
  const orders = ordersAt(doc, to, maps.length)
  doc.transact(() => {
    for (const [i, map] of maps.entries()) {
      revive(map)
      map.set("order", orders[i])
    }
  }, PERSON)
  return true
}

/** The cells stand together afterwards, in the order in which they are named. */
export function moveCells(doc: Y.Doc, ids: readonly string[], to: Place): void {
  const orders = ordersAt(doc, to, ids.length, new Set(ids))
  doc.transact(() => {
    for (const [i, id] of ids.entries()) certainCell(doc, id).set("order", orders[i])
  }, PERSON)
}

export function setType(doc: Y.Doc, ids: readonly string[], type: "code" | "markdown" | "raw"): void {
  doc.transact(() => {
    for (const cell of living(doc, ids)) if (cell.get("type") !== type) cell.set("type", type)
  }, PERSON)
}

/** Changes only what differs, so that what others type meanwhile stays where it belongs. */
export function setSource(doc: Y.Doc, id: string, text: string): void {
  doc.transact(() => writeSource(sourceOf(certainCell(doc, id)), text), PERSON)
}

/** Within a transaction. */
export function writeSource(source: Y.Text, text: string): void {
  for (const { at, remove, insert } of textEdits(source.toString(), text).toReversed()) {
    if (remove > 0) source.delete(at, remove)
    if (insert !== "") source.insert(at, insert)
  }
}

/** Undefined removes the key. */
export function setCellMetadata(doc: Y.Doc, id: string, key: string, value: Json | undefined): void {
  doc.transact(() => setIn(certainCell(doc, id).get("metadata"), key, value), PERSON)
}

export function setCellTags(doc: Y.Doc, id: string, tags: readonly string[]): void {
  setCellMetadata(doc, id, "tags", tags.length > 0 ? [...new Set(tags)] : undefined)
}

/** Files of a markdown cell, by name and media type; undefined for none. */
export function setAttachments(doc: Y.Doc, id: string, attachments: JsonObject | undefined): void {
  const cell = certainCell(doc, id)
  doc.transact(() => (attachments ? cell.set("attachments", toShared(attachments)) : cell.delete("attachments")), PERSON)
}

/** Undefined removes the key. */
export function setNotebookMetadata(doc: Y.Doc, key: string, value: Json | undefined): void {
  doc.transact(() => setIn(metaOf(doc).get("metadata"), key, value), PERSON)
}

/** Nothing is written where nothing changes. */
export function setIn(map: unknown, key: string, value: Json | undefined): void {
  if (!(map instanceof Y.Map)) return
  if (value === undefined) {
    if (map.has(key)) map.delete(key)
  } else if (!map.has(key) || !equal(fromShared(map.get(key)), value)) map.set(key, toShared(value))
}

function living(doc: Y.Doc, ids: readonly string[]): CellMap[] {
  return ids.flatMap((id) => {
    const cell = cellMap(doc, id)
    return cell && isAlive(cell) ? [cell] : []
  })
}
