/** What settling does to a text: characters are taken out wherever they have gone, and carried from one cell to another. */

import * as Y from "yjs"
import { type Id, type Ids, idsOf, isSeen, itemsOf, removeFrom, removeSpans, spansOf } from "#draft/characters.ts"
import { type Character, endsOf, type Moves, pairsIn, remembered } from "#draft/moves.ts"
import { cellMap, certainCell, type Move, sourceOf } from "#draft/schema.ts"

export type Settling = { readonly doc: Y.Doc; readonly moves: Moves; readonly carriedTo: Set<string> }

export type Stray = { readonly client: number; readonly clock: number; readonly text: string; readonly anchor: Anchor }
/** Where a text belongs: behind a character or before it. */
export type Anchor = { readonly at: Character; readonly isBehind: boolean }

/** Takes the characters out that were these in the old cell, wherever they have gone from the new one. */
export function removeImages({ doc, moves }: Settling, move: Move, which: (id: Id) => boolean): void {
  const wanted = new Map<string, Id[]>()
  const recordsOf = remembered(moves)
  for (const { was, is } of pairsIn(move)) {
    if (!is || !which(was)) continue
    for (const at of endsOf({ cell: move.to, ...is }, recordsOf)) {
      const gone = wanted.get(at.cell) ?? []
      wanted.set(at.cell, gone)
      gone.push(at)
    }
  }
  for (const [cell, gone] of wanted) removeCharacters(doc, cell, idsOf(gone))
}

function removeCharacters(doc: Y.Doc, cell: string, gone: Ids): void {
  const map = cellMap(doc, cell)
  if (map) removeFrom(sourceOf(map), gone)
}

/** Puts a text of the cell where it belongs, and says so. */
export function carry({ doc, moves, carriedTo }: Settling, cell: string, { client, clock, text, anchor: { at, isBehind } }: Stray): void {
  const target = sourceOf(certainCell(doc, at.cell))
  const next = Y.getState(doc.store, doc.clientID)
  carriedTo.add(at.cell)
  target.insert(indexAt(target, at, isBehind), text)
  removeSpans(sourceOf(certainCell(doc, cell)), spansOf([{ client, clock, length: text.length }]))
  const move: Move = { from: cell, to: at.cell, runs: [[client, clock, text.length, 1]], image: [doc.clientID, next, text.length], skip: 0 }
  const kind = cell === at.cell ? "again" : "carried"
  certainCell(doc, cell).set(`${kind}/${client.toString(36)}-${clock.toString(36)}`, move)
  moves.read([cell])
}

/** How many characters can be seen before that place; the end when it is not there. */
function indexAt(source: Y.Text, { client, clock }: Character, isBehind: boolean): number {
  for (const { item, index } of itemsOf(source)) {
    if (item.id.client !== client || clock < item.id.clock || clock >= item.id.clock + item.length) continue
    return isSeen(item) ? index + (clock - item.id.clock) + (isBehind ? 1 : 0) : index
  }
  return source.length
}
