/** Where characters of one cell have gone: the records of splits, merges and of what was carried over, and what they say of one character. */

import type * as Y from "yjs"
import { type CellMap, cellMap, cellsOf, type Life, type Move } from "#draft/schema.ts"

export type Recorded = Move & { readonly kind: "cut" | "into" | "carried"; readonly key: string }

/** A character: its cell, and its writer's number and its own. */
export type Character = { readonly cell: string; readonly client: number; readonly clock: number }

export type Moves = {
  /** Reads the records of these cells again. */
  read(cells: Iterable<string>): void
  readonly all: () => Iterable<Recorded>
  /** Those that hold, of text that stood in the cell; whom to believe first comes first. */
  from(cell: string): readonly Recorded[]
  /** Cuts that were undone while somebody may have typed in the new cell. */
  undone(): readonly Recorded[]
}

export function movesOf(doc: Y.Doc): Moves {
  const byCell = new Map<string, readonly Recorded[]>()
  const read = (cells: Iterable<string>) => {
    for (const id of cells) {
      const found = recordsIn(id, cellMap(doc, id))
      if (found.length > 0) byCell.set(id, found)
      else byCell.delete(id)
    }
  }
  read(cellsOf(doc).keys())
  const all = function* () {
    for (const records of byCell.values()) yield* records
  }
  return {
    read,
    all,
    from: (cell) => [...all()].filter((move) => move.from === cell && holds(doc, move)).sort(byBelief),
    undone: () => [...all()].filter((move) => move.kind === "cut" && lifeOf(doc, move.to) === "unborn" && cellMap(doc, move.from) !== undefined),
  }
}

function recordsIn(id: string, cell: CellMap | undefined): Recorded[] {
  const found: Recorded[] = []
  for (const [key, value] of cell ?? []) {
    const kind = key === "cut" ? "cut" : key.startsWith("into/") ? "into" : key.startsWith("carried/") ? "carried" : undefined
    const move = value as Move
    // Whoever writes a record that is not about its own cell is not believed.
    if (kind && (kind === "cut" ? move.to : move.from) === id && move.from !== move.to) found.push({ ...move, kind, key })
  }
  return found
}

function holds(doc: Y.Doc, { kind, from, to }: Recorded): boolean {
  if (cellMap(doc, from) === undefined || cellMap(doc, to) === undefined) return false
  return kind === "into" ? lifeOf(doc, from) === "merged" : lifeOf(doc, to) !== "unborn"
}

export function lifeOf(doc: Y.Doc, cell: string): Life | undefined {
  return cellMap(doc, cell)?.get("life") as Life | undefined
}

const BELIEF = { cut: 0, into: 1, carried: 2 }

/** Of two cuts the later in the text, whose piece is smaller. */
function byBelief(a: Recorded, b: Recorded): number {
  return BELIEF[a.kind] - BELIEF[b.kind] || seen(a) - seen(b) || (a.to < b.to ? -1 : a.to > b.to ? 1 : a.key < b.key ? -1 : 1)
}

function seen({ runs }: Move): number {
  return runs.reduce((sum, [, , length, isVisible]) => sum + length * isVisible, 0)
}

/** Which character of its new cell it is, or beside which it would stand; undefined when the record says nothing of it. */
export function imageOf(move: Move, client: number, clock: number): Character | undefined {
  let before = 0
  for (const [writer, start, length, isVisible] of move.runs) {
    if (writer === client && clock >= start && clock < start + length) {
      const place = before + (isVisible ? clock - start : -1) - move.skip
      return character(move, Math.max(0, Math.min(place, move.image[2] - 1)))
    }
    before += length * isVisible
  }
  return undefined
}

/** As imageOf, of a character that could be seen; none where it was left out on the way, as a line break at a cut is. */
export function exactImageOf(move: Move, client: number, clock: number): Character | undefined {
  let before = -move.skip
  for (const [writer, start, length, isVisible] of move.runs) {
    const place = before + clock - start
    if (isVisible && writer === client && clock >= start && clock < start + length)
      return place >= 0 && place < move.image[2] ? character(move, place) : undefined
    before += length * isVisible
  }
  return undefined
}

function character({ to, image }: Move, place: number): Character {
  return { cell: to, client: image[0], clock: image[1] + place }
}

/** The other way round: which character of the old cell this one of the new cell was. */
export function originalOf(move: Move, clock: number): Character | undefined {
  let rest = clock - move.image[1] + move.skip
  for (const [client, start, length, isVisible] of move.runs) {
    if (!isVisible) continue
    if (rest < length) return { cell: move.from, client, clock: start + rest }
    rest -= length
  }
  return undefined
}

/** Whether the record tells where the character went, whether it could be seen or not. */
export function tellsOf(move: Move, { client, clock }: { readonly client: number; readonly clock: number }): boolean {
  return move.runs.some(([writer, start, length]) => writer === client && clock >= start && clock < start + length)
}
