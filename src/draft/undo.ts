/** A person's own undo. */

import * as Y from "yjs"
import { type CellMap, cellMap, cellsOf, type Life, PERSON } from "#draft/schema.ts"

/** What it takes back: what is done by the functions of this room, and what an editor bound to a source adds to its origins. */
export function undoOf(doc: Y.Doc): Y.UndoManager {
  const manager = new Y.UndoManager([doc.getMap("cells"), doc.getMap("meta")], { trackedOrigins: new Set([PERSON]), captureTimeout: 500 })
  const [undo, redo] = [manager.undo.bind(manager), manager.redo.bind(manager)]
  manager.undo = () => stepped(manager, undo, "undoing")
  manager.redo = () => stepped(manager, redo, "redoing")
  return manager
}

type StackItem = ReturnType<Y.UndoManager["undo"]>

/** All of a step is one transaction, so that nobody sees half of it. */
function stepped(manager: Y.UndoManager, step: () => StackItem, flag: "undoing" | "redoing"): StackItem {
  const { doc } = manager
  let item: StackItem = null
  try {
    doc.transact(() => {
      const before = placesOf(doc)
      item = step()
      if (item) for (const [id, place] of before) keepWhole(cellMap(doc, id), place)
      // The manager looks at this when the transaction is over, and has taken it back by now.
      manager[flag] = true
    }, manager)
  } finally {
    manager[flag] = false
  }
  return item
}

type Placed = { readonly order: unknown; readonly type: unknown }

function placesOf(doc: Y.Doc): ReadonlyMap<string, Placed> {
  const places = new Map<string, Placed>()
  for (const [id, map] of cellsOf(doc)) places.set(id, { order: map.get("order"), type: map.get("type") })
  return places
}

/**
 * Where two people have set the same, Yjs takes back what one has set and does not find what was before, so that nothing is left: a cell
 * that both had deleted would be nowhere. It is there then; its place and its type stay as they were.
 */
function keepWhole(map: CellMap | undefined, { order, type }: Placed): void {
  if (!map) return
  if (!map.has("life")) map.set("life", "alive" satisfies Life)
  if (!map.has("order")) map.set("order", order)
  if (!map.has("type")) map.set("type", type)
}
