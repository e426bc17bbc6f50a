/** The draft as it is read: cells in order, plain values, and what changed. A cell that did not change stays the same object. */

import * as Y from "yjs"
import { isObject, type Json, type JsonObject } from "#base/json.ts"
import { type CellMap, cellMap, cellsOf, type DraftCell, isAlive, livingIds, metaOf, sourceOf } from "#draft/schema.ts"
import { fromShared } from "#draft/value.ts"

export type DraftChange = {
  /** Cells that changed in anything. */
  readonly cells: ReadonlySet<string>
  /** Whether cells came, went or moved. */
  readonly isReordered: boolean
  /** Whether anything but text changed. */
  readonly isOnlyText: boolean
  /** Whether the notebook's own metadata changed, or the version it is based on. */
  readonly isMeta: boolean
}

export type Draft = {
  readonly doc: Y.Doc
  /** The cells that are there, in order. The same list until something changes. */
  cells(): readonly DraftCell[]
  cell(id: string): DraftCell | undefined
  /** The notebook's metadata. */
  metadata(): JsonObject
  /** The version that the draft began as or was last saved as. */
  base(): number
  /** Called once for each transaction that changed something; gives what ends it. */
  observe(listener: (change: DraftChange) => void): () => void
  /** Lets go of the document. */
  close(): void
}

export function openDraft(doc: Y.Doc): Draft {
  const known = new Map<string, DraftCell>()
  const listeners = new Set<(change: DraftChange) => void>()
  let order: readonly string[] | undefined
  let list: readonly DraftCell[] | undefined
  const heard = (transaction: Y.Transaction) => {
    const change = changeOf(doc, transaction)
    if (!change) return
    for (const id of change.cells) known.delete(id)
    if (change.cells.size > 0) list = undefined
    if (change.isReordered) order = undefined
    for (const listener of listeners) listener(change)
  }
  const cell = (id: string): DraftCell | undefined => {
    const map = cellMap(doc, id)
    if (!map || !isAlive(map)) return undefined
    const found = known.get(id) ?? readCell(id, map)
    known.set(id, found)
    return found
  }
  doc.on("afterTransaction", heard)
  return {
    doc,
    cell,
    cells() {
      order ??= livingIds(doc)
      list ??= order.map(cell).filter((found) => found !== undefined)
      return list
    },
    metadata: () => metadataOf(metaOf(doc).get("metadata")),
    base: () => Number(metaOf(doc).get("base") ?? 0),
    observe(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    close: () => doc.off("afterTransaction", heard),
  }
}

const MOVING = new Set<string | null>(["life", "order"])

function changeOf(doc: Y.Doc, { changed }: Y.Transaction): DraftChange | undefined {
  if (changed.size === 0) return undefined
  const [cells, meta] = [cellsOf(doc) as unknown, metaOf(doc) as unknown]
  const touched = new Set<string>()
  let [isReordered, isOnlyText, isMeta] = [false, true, false]
  for (const [type, keys] of changed) {
    if (type === meta || type.parent === meta) isMeta = true
    else if (type === cells) {
      for (const key of keys) if (key !== null) touched.add(key)
      isReordered = true
    } else {
      const id = cellIdOf(type, cells)
      if (id !== undefined) touched.add(id)
      if (type.parent === cells && [...keys].some((key) => MOVING.has(key))) isReordered = true
    }
    if (!(type instanceof Y.Text)) isOnlyText = false
  }
  return { cells: touched, isReordered, isOnlyText, isMeta }
}

type SharedType = Y.Transaction["changedParentTypes"] extends Map<infer Type, unknown> ? Type : never

/** Of a cell's map, or of something in it. */
function cellIdOf(type: SharedType, cells: unknown): string | undefined {
  for (let at: SharedType | null = type; at?._item; at = at.parent) if (at.parent === cells) return at._item.parentSub ?? undefined
  return undefined
}

/** Cells of which a transaction changed anything. */
export function cellsChanged(doc: Y.Doc, { changed }: Y.Transaction): ReadonlySet<string> {
  const cells = cellsOf(doc) as unknown
  const found = new Set<string>()
  for (const [type, keys] of changed) {
    if (type === cells) for (const key of keys) found.add(key ?? "")
    const id = cellIdOf(type, cells)
    if (id !== undefined) found.add(id)
  }
  return found
}

export function readCell(id: string, map: CellMap): DraftCell {
  const source = sourceOf(map)
  const metadata = metadataOf(map.get("metadata"))
  const attachments = map.has("attachments") ? fromShared(map.get("attachments")) : undefined
  return {
    id,
    type: String(map.get("type") ?? "code"),
    source,
    text: source.toString(),
    metadata,
    attachments: isObject(attachments) ? attachments : undefined,
    tags: tagsIn(metadata["tags"]),
    shows: String(map.get("shows") ?? ""),
  }
}

function tagsIn(tags: Json | undefined): readonly string[] {
  return Array.isArray(tags) ? tags.filter((tag: Json): tag is string => typeof tag === "string") : []
}

export function metadataOf(map: unknown): JsonObject {
  if (!(map instanceof Y.Map)) return {}
  return Object.fromEntries([...map].sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, held]): [string, Json] => [key, fromShared(held)]))
}
