/** What settling does to a text: characters are taken out wherever they have gone, and carried from one cell to another. */

import * as Y from "yjs"
import { type Id, isSeen, itemsOf, type Looked, removeSpans, type Span, type Spans, spansOf } from "#draft/characters.ts"
import { type Character, endsOf, type Moves, remembered } from "#draft/moves.ts"
import { type Row, rowsIn } from "#draft/same.ts"
import { cellMap, certainCell, type Move, sourceOf } from "#draft/schema.ts"

export type Settling = { readonly doc: Y.Doc; readonly moves: Moves; readonly carriedTo: Set<string> }

export type Stray = { readonly client: number; readonly clock: number; readonly text: string; readonly anchor: Anchor }
/** Where a text belongs: behind a character or before it. */
export type Anchor = { readonly at: Character; readonly isBehind: boolean }

type Which = { readonly among?: Spans; readonly isMeant?: (id: Id) => boolean }

/** Takes the characters out that were these in the old cell, wherever they have gone from the new one. */
export function removeImages({ doc, moves }: Settling, move: Move, { among, isMeant }: Which): void {
  const wanted = new Map<string, Span[]>()
  const recordsOf = remembered(moves)
  for (const row of rowsIn(move, moves.same()))
    for (const { was, is } of among ? partsIn(row, among) : [row]) {
      if (!is || isMeant?.(was) === false) continue
      for (const { cell, client, clock } of endsOf({ cell: move.to, ...is }, recordsOf)) {
        const gone = wanted.get(cell) ?? []
        wanted.set(cell, gone)
        gone.push({ client, clock, length: is.length })
      }
    }
  for (const [cell, gone] of wanted) {
    const map = cellMap(doc, cell)
    if (map) removeSpans(sourceOf(map), spansOf(gone), moves.looked)
  }
}

function partsIn({ was, is }: Row, among: Spans): Row[] {
  return among.within(was).map((part) => ({ was: part, is: is && { ...is, clock: is.clock + part.clock - was.clock, length: part.length } }))
}

/** Puts a text of the cell where it belongs, and says so. */
export function carry({ doc, moves, carriedTo }: Settling, cell: string, { client, clock, text, anchor }: Stray): void {
  const { at } = anchor
  moves.looked(moves.in(cell).length)
  const target = sourceOf(certainCell(doc, at.cell))
  const next = Y.getState(doc.store, doc.clientID)
  carriedTo.add(at.cell)
  target.insert(indexAt(target, anchor, moves.looked), text)
  removeSpans(sourceOf(certainCell(doc, cell)), spansOf([{ client, clock, length: text.length }]))
  const move: Move = { from: cell, to: at.cell, runs: [[client, clock, text.length, 1]], image: [doc.clientID, next, text.length], skip: 0 }
  const kind = cell === at.cell ? "again" : "carried"
  certainCell(doc, cell).set(`${kind}/${client.toString(36)}-${clock.toString(36)}`, move)
  moves.read([cell])
}

/** How many characters can be seen before that place; the end when it is not there. */
function indexAt(source: Y.Text, { at: { client, clock }, isBehind }: Anchor, looked: Looked): number {
  for (const { item, index } of itemsOf(source, looked)) {
    if (item.id.client !== client || clock < item.id.clock || clock >= item.id.clock + item.length) continue
    return isSeen(item) ? index + (clock - item.id.clock) + (isBehind ? 1 : 0) : index
  }
  return source.length
}
