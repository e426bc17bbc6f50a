/** What an undo has said (see undo.ts), settled with what others had done meanwhile. */

import * as Y from "yjs"
import { byId, type Id, type Ids, idsOf, isGone, isSeen, itemsOf } from "#draft/characters.ts"
import { type Character, imageBy, isThere, lifeOf, type Moves, originalOf, pairsIn, type Recorded, remembered } from "#draft/moves.ts"
import { cellMap, type Move, sourceOf } from "#draft/schema.ts"
import { carry, indexAt, removeImages, type Settling } from "#draft/settling.ts"

type Back = { readonly move: Move; readonly text: readonly string[] }

/** Characters that an update moves and that somebody has deleted meanwhile: they are not to come back with the move. */
export function goneBefore(doc: Y.Doc, moves: Moves, { move, isUndo }: { readonly move: Move; readonly isUndo: boolean }): Ids | undefined {
  const gone: Id[] = []
  const recordsOf = remembered(moves)
  const others = recordsOf(move.from)
  for (const { was } of pairsIn(move)) {
    const { client, clock } = was
    if (!isGone(doc, client, clock) || others.some((other) => isThere(doc, recordsOf, other, was))) continue
    if (!isUndo || !isDouble(doc, moves, { ...was, cell: move.from })) gone.push(was)
  }
  return gone.length > 0 ? idsOf(gone) : undefined
}

/** Taken out by us, because what it came from stands where somebody else has moved it. */
function isDouble(doc: Y.Doc, moves: Moves, character: Character): boolean {
  const recordsOf = remembered(moves)
  const seen = new Set<string>()
  for (const waiting = [character]; waiting.length > 0; ) {
    const { cell, client, clock } = waiting.pop() as Character
    if (seen.has(`${client} ${clock}`)) continue
    seen.add(`${client} ${clock}`)
    for (const move of moves.all()) {
      const was = move.to === cell ? originalOf(move, { client, clock }) : undefined
      if (!was) continue
      if (recordsOf(move.from).some((other) => other !== move && isThere(doc, recordsOf, other, was))) return true
      waiting.push({ cell: move.from, ...was })
    }
  }
  return false
}

function standsElsewhere(doc: Y.Doc, moves: Moves, character: Character): boolean {
  const recordsOf = remembered(moves)
  return (
    recordsOf(character.cell).some((move) => move.kind !== "again" && isThere(doc, recordsOf, move, character)) || isDouble(doc, moves, character)
  )
}

/** What somebody deleted and had back by undo, and somebody else moved before either was known, is where it was moved. */
export function removeRestored(settling: Settling, restored: Move): void {
  removeImages(settling, restored, (id) => standsElsewhere(settling.doc, settling.moves, { cell: restored.from, ...id }))
}

/** Merged by two, of whom one has undone it, and the text of the other merge was taken out as a double: it is nowhere else. */
export function forgetDouble({ doc, moves }: Settling, cell: string, isEarlier: (move: Move) => boolean): void {
  const map = cellMap(doc, cell)
  if (!map) return
  const intos = [...moves.all()].filter(({ kind, from }) => kind === "into" && from === cell).filter(isEarlier)
  for (const move of intos) if (!standsThere(doc, moves, move)) map.delete(move.key)
  moves.read([cell])
}

function standsThere(doc: Y.Doc, moves: Moves, move: Recorded): boolean {
  const recordsOf = remembered(moves)
  let isEmpty = true
  for (const { was, is } of pairsIn(move)) {
    if (is) isEmpty = false
    if (is && isThere(doc, recordsOf, move, was)) return true
  }
  return isEmpty
}

/** Each character that stands where an undo takes it from, in its order; "" for those that do not. */
export function textOf(doc: Y.Doc, move: Move): readonly string[] {
  const map = cellMap(doc, move.from)
  const found = byId<string>()
  for (const { item } of map ? itemsOf(sourceOf(map)) : [])
    if (isSeen(item) && item.content instanceof Y.ContentString)
      for (let i = 0; i < item.length; i++) found.set({ client: item.id.client, clock: item.id.clock + i }, item.content.str[i] as string)
  return [...pairsIn(move)].map(({ was }) => found.get(was) ?? "")
}

/**
 * What an undo takes from where it stood to where it is not any more, because somebody else had moved it from there, too, and what they had
 * moved was taken out as a double: it is put there anew, or where that had been.
 */
export function putBack({ doc, moves }: Settling, { move, text }: Back, touched: Set<string>): void {
  const map = cellMap(doc, move.to)
  if (!map) return
  for (const lost of lostIn(doc, moves, { move, text })) {
    const image = map.get("life") === "merged" ? imageBy(moves.from(move.to), Y.createID(lost.client, lost.clock)) : undefined
    if (image) carry({ doc, moves, carriedTo: touched }, move.to, { ...lost, anchor: { at: image, isBehind: true } })
    else if (isGone(doc, lost.client, lost.clock)) {
      const source = sourceOf(map)
      source.insert(indexAt(source, { ...lost, cell: move.to }, true), lost.text)
      touched.add(move.to)
    }
  }
}

/** Rows of characters that stood where an undo takes them from, and stand nowhere now. */
function lostIn(doc: Y.Doc, moves: Moves, { move, text }: Back): readonly (Id & { readonly text: string })[] {
  const recordsOf = remembered(moves)
  const isHidden = lifeOf(doc, move.to) === "merged"
  const rows: { readonly client: number; readonly clock: number; text: string }[] = []
  let place = 0
  for (const { was, is } of pairsIn(move)) {
    const character = text[place++] ?? ""
    if (character === "" || !is || !isGone(doc, was.client, was.clock)) continue
    if (!isHidden && !isGone(doc, is.client, is.clock)) continue
    if (recordsOf(move.to).some((other) => isThere(doc, recordsOf, other, is))) continue
    const last = rows.at(-1)
    if (last && last.client === is.client && last.clock + last.text.length === is.clock) last.text += character
    else rows.push({ ...is, text: character })
  }
  return rows
}
