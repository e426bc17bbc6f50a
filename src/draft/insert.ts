/** Cells that come to be: typed, pasted, or filled in. */

import * as Y from "yjs"
import type { JsonObject } from "#base/json.ts"
import { ordersIn } from "#draft/order.ts"
import { BIRTH, type CellMap, cellsOf, certainCell, type Life, livingIds, orderOf, PERSON, type Place } from "#draft/schema.ts"
import { toShared } from "#draft/value.ts"

export type NewCell = {
  readonly type: string
  readonly source?: string
  readonly metadata?: JsonObject
  readonly attachments?: JsonObject
}

/** The new cell's id. One step of undo. */
export function insertCell(doc: Y.Doc, cell: NewCell & Place): string {
  return pasteCells(doc, [cell], cell)[0] as string
}

/** Copies of cells, in this order; their ids are new. One step of undo. */
export function pasteCells(doc: Y.Doc, cells: readonly NewCell[], place: Place): string[] {
  const orders = ordersAt(doc, place, cells.length)
  const ids: string[] = []
  doc.transact(() => {
    for (const [i, cell] of cells.entries()) {
      const id = newCellId(doc)
      ids.push(id)
      bear(doc, id, { ...cell, order: orders[i] as string, life: "unborn" })
    }
  }, BIRTH)
  doc.transact(() => {
    for (const id of ids) certainCell(doc, id).set("life", "alive" satisfies Life)
  }, PERSON)
  return ids
}

export type Born = NewCell & { readonly order: string; readonly life: Life; readonly extra?: JsonObject; readonly shows?: string }

/** Within a transaction. */
export function bear(doc: Y.Doc, id: string, { type, source = "", metadata = {}, attachments, extra, order, life, shows }: Born): CellMap {
  const map: CellMap = new Y.Map()
  const told = new Y.Map<unknown>(Object.entries(metadata).map(([key, value]) => [key, toShared(value)]))
  map.set("type", type)
  map.set("source", new Y.Text(source))
  map.set("order", order)
  map.set("metadata", told)
  map.set("life", life)
  if (attachments) map.set("attachments", toShared(attachments))
  if (extra) map.set("extra", toShared(extra))
  if (shows) map.set("shows", shows)
  cellsOf(doc).set(id, map)
  return map
}

/** Nobody else makes the same one: it is made of this writer's number and of how much they have written. */
export function newCellId(doc: Y.Doc): string {
  const cells = cellsOf(doc)
  for (let written = Y.getState(doc.store, doc.clientID); ; written++) {
    const id = `${doc.clientID.toString(36)}-${written.toString(36)}`
    if (!cells.has(id)) return id
  }
}

/** Ascending orders for cells at the place, `moving` being left out of account. Cells are spread anew where there is no room. */
export function ordersAt(doc: Y.Doc, place: Place, count: number, moving: ReadonlySet<string> = new Set()): string[] {
  const ids = livingIds(doc).filter((id) => !moving.has(id))
  const at = positionOf(ids, place)
  const order = (i: number) => (ids[i] === undefined ? undefined : orderOf(certainCell(doc, ids[i])))
  const found = ordersIn({ after: order(at - 1), before: order(at) }, count, doc.clientID)
  if (found) return found
  spread(doc, ids)
  return ordersIn({ after: order(at - 1), before: order(at) }, count, doc.clientID) as string[]
}

function positionOf(ids: readonly string[], place: Place): number {
  if ("at" in place) return Math.max(0, Math.min(place.at, ids.length))
  const found = ids.indexOf("after" in place ? place.after : place.before)
  if (found < 0) return ids.length
  return "after" in place ? found + 1 : found
}

function spread(doc: Y.Doc, ids: readonly string[]): void {
  const orders = ordersIn({ after: undefined, before: undefined }, ids.length, doc.clientID) as string[]
  doc.transact(() => {
    for (const [i, id] of ids.entries()) certainCell(doc, id).set("order", orders[i] as string)
  }, BIRTH)
}
