/** How a draft stood before an undo. It is kept at hand from the first undo on, so that a step looks only at what it touches. */

import * as Y from "yjs"
import { type Id, isGone } from "#draft/characters.ts"
import { type Character, exactImageOf, type Moves, movesOf, remembered } from "#draft/moves.ts"
import { cellsChanged } from "#draft/open-draft.ts"
import { cellMap, cellsOf, type Life } from "#draft/schema.ts"

export type Fixed = { readonly life: Life; readonly order: unknown; readonly type: unknown }

export type Before = {
  readonly cells: ReadonlyMap<string, Fixed>
  readonly moves: Moves
  /** Looks at these cells again. */
  learn(ids: Iterable<string>): void
}

/** Follows the document after each transaction, from the time on at which it is asked for. */
export function beforeOf(doc: Y.Doc): { readonly before: () => Before; readonly close: () => void } {
  let known: Before | undefined
  const heard = (transaction: Y.Transaction) => known?.learn(cellsChanged(doc, transaction))
  doc.on("afterTransaction", heard)
  return { before: () => (known ??= lookAt(doc)), close: () => doc.off("afterTransaction", heard) }
}

function lookAt(doc: Y.Doc): Before {
  const cells = new Map<string, Fixed>()
  const look = (ids: Iterable<string>) => {
    for (const id of ids) {
      const map = cellMap(doc, id)
      if (map) cells.set(id, { life: map.get("life") as Life, order: map.get("order"), type: map.get("type") })
    }
  }
  look(cellsOf(doc).keys())
  const moves = movesOf(doc, { lifeIn: (cell) => cells.get(cell)?.life })
  const learn = (ids: ReadonlySet<string>) => {
    look(ids)
    moves.read(ids)
  }
  return { cells, moves, learn }
}

/** Whether a character could be seen before the transaction. */
export function seenBefore({ doc, beforeState, deleteSet }: Y.Transaction): (id: Id) => boolean {
  const taken = new Map([...deleteSet.clients].map(([client, ranges]) => [client, ranges.toSorted((a, b) => a.clock - b.clock)]))
  return ({ client, clock }) => {
    if (clock >= (beforeState.get(client) ?? 0)) return false
    return !isGone(doc, client, clock) || isIn(taken.get(client) ?? [], clock)
  }
}

function isIn(ranges: readonly { readonly clock: number; readonly len: number }[], clock: number): boolean {
  let [low, high] = [0, ranges.length]
  while (low < high) {
    const middle = (low + high) >> 1
    const { clock: start, len } = ranges[middle] as { readonly clock: number; readonly len: number }
    if (start + len <= clock) low = middle + 1
    else high = middle
  }
  return low < ranges.length && (ranges[low]?.clock ?? clock) <= clock
}

/**
 * The character itself, or what it became when it was moved, or deleted and back. A cell that was merged away keeps its text, of which
 * only that stands there which the merge did not know of.
 */
export function asItIs(doc: Y.Doc, { cells, moves }: Before, isSeen: (id: Id) => boolean): (character: Character) => Character | undefined {
  const recordsOf = remembered(moves)
  const isShown = (cell: string) => cells.get(cell)?.life === "alive" || cells.get(cell)?.life === "deleted"
  return (character) => {
    if (isSeen(character) && isShown(character.cell)) return character
    let hidden: Character | undefined
    const passed = new Set<string>()
    for (const waiting = [character]; waiting.length > 0; ) {
      const at = waiting.shift() as Character
      if (isSeen(at)) {
        if (isShown(at.cell)) return at
        hidden ??= at
      }
      if (passed.size === passed.add(`${at.client} ${at.clock}`).size) continue
      const redone = redoneAs(doc, at)
      if (redone) waiting.push({ cell: at.cell, ...redone })
      for (const move of recordsOf(at.cell)) {
        const image = exactImageOf(move, at)
        if (image) waiting.push(image)
      }
    }
    return hidden
  }
}

/** What this person's undo has made of it, which Yjs knows as long as they are here. */
function redoneAs({ store }: Y.Doc, { client, clock }: Id): Id | undefined {
  if (clock >= Y.getState(store, client)) return undefined
  const struct = Y.getItem(store, Y.createID(client, clock))
  if (!(struct instanceof Y.Item) || struct.redone === null) return undefined
  return { client: struct.redone.client, clock: struct.redone.clock + clock - struct.id.clock }
}
