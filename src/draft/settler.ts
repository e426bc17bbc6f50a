/** How an update comes into the server's document: it is put in, settled (see settle.ts), and all text counted (see conserve.ts). */

import type * as Y from "yjs"
import { type Id, isGone, type Span, type Spans, spansOf } from "#draft/characters.ts"
import type { CheckedUpdate } from "#draft/check.ts"
import { conserve, conserveAtOnce, keepLinks, standing } from "#draft/conserve.ts"
import { isThere, lifeOf, type Moves, movesOf, type Recorded, remembered } from "#draft/moves.ts"
import { cellsChanged } from "#draft/open-draft.ts"
import { rowsIn } from "#draft/same.ts"
import { type Move, SERVER } from "#draft/schema.ts"
import { settleAll, showAgain } from "#draft/settle.ts"
import type { Settling } from "#draft/settling.ts"

/**
 * How much is looked at for one update. Whoever moves 10,000 cells stays far below; who makes up records does not keep the server busy.
 */
const MOST_LOOKS = 2_000_000

class TooMuch extends Error {}

/** For a document that only this process writes for the server: puts an update in that was checked. */
export function settler(doc: Y.Doc): (checked: CheckedUpdate, apply: () => void) => void {
  /** Records that are not there any more. */
  const taken: Recorded[] = []
  let looks = 0
  const looked = (count: number) => {
    looks += count
    if (looks > MOST_LOOKS) throw new TooMuch()
  }
  const moves = movesOf(doc, { taken: (record) => taken.push(record), looked })
  return ({ touched, moves: told, isOnlyText }, apply) => {
    looks = 0
    // A split comes in two parts: the cell is born, and then it lives and its text is taken from the other one.
    const born = [...moves.all()].filter(({ key, to }) => key === "cut" && touched.has(to) && lifeOf(doc, to) === "unborn")
    const moved = [...told, ...born]
    const gone = unlessTooMuch(() => moved.map((move) => ({ move, among: goneBefore(doc, moves, move) })))
    const stood = isOnlyText ? undefined : standing(doc, moves, touched)
    const { taken: takenOut, isNew } = applied(doc, apply)
    const settling: Settling = { doc, moves, carriedTo: new Set() }
    doc.transact((transaction) => {
      moves.read(touched)
      const deleted = meant(takenOut, taken)
      const isSettled =
        gone &&
        unlessTooMuch(() => {
          settleAll(settling, { touched, deleted, gone, isOnlyText })
          if (stood) conserve(settling, stood, { told: moved, deleted })
          moves.read(cellsChanged(doc, transaction))
          keepLinks(settling, taken)
          return true
        })
      if (!isSettled) {
        looks = Number.NEGATIVE_INFINITY
        moves.read([...touched, ...cellsChanged(doc, transaction)])
        for (const cell of touched) showAgain(settling, cell, isNew)
        if (stood) conserveAtOnce(settling, stood, { told: moved, deleted })
        moves.read(cellsChanged(doc, transaction))
      }
      taken.length = 0
    }, SERVER)
  }
}

function unlessTooMuch<Found>(look: () => Found): Found | undefined {
  try {
    return look()
  } catch (error) {
    if (error instanceof TooMuch) return undefined
    throw error
  }
}

/** Characters that an update moves and that somebody has deleted meanwhile: they are not to come back with the move. */
function goneBefore(doc: Y.Doc, moves: Moves, move: Move): Spans | undefined {
  const recordsOf = remembered(moves)
  const others = recordsOf(move.from)
  const isElsewhere = (id: Id) => others.some((other) => isThere(doc, recordsOf, other, id))
  moves.looked(move.runs.length)
  const gone: Span[] = []
  for (const { was } of rowsIn(move, moves.same())) if (isGone(doc, was.client, was.clock) && !isElsewhere(was)) gone.push(was)
  return gone.length > 0 ? spansOf(gone) : undefined
}

/**
 * What people wanted to be gone. Whoever takes a merge back, of which text has been moved on, leaves that text where it is, and takes it out of
 * the cell that comes back: that is no wish of theirs.
 */
function meant(takenOut: readonly Span[], taken: readonly Recorded[]): Spans {
  const undone = taken.filter(({ kind }) => kind === "into").flatMap(({ runs }) => runs.map(([client, clock, length]) => ({ client, clock, length })))
  return spansOf(undone.length === 0 ? takenOut : takenOut.flatMap(spansOf(undone).without))
}

type Applied = {
  /** What people took out by the update; not what had been taken out before, as a double or because it was carried elsewhere. */
  readonly taken: readonly Span[]
  readonly isNew: (item: Y.Item) => boolean
}

function applied(doc: Y.Doc, apply: () => void): Applied {
  const found: Span[] = []
  let known: ReadonlyMap<number, number> | undefined
  const heard = ({ deleteSet, beforeState }: Y.Transaction) => {
    known ??= beforeState
    for (const [client, ranges] of deleteSet.clients) for (const { clock, len } of ranges) found.push({ client, clock, length: len })
  }
  doc.on("afterTransaction", heard)
  apply()
  doc.off("afterTransaction", heard)
  return { taken: found, isNew: ({ id }) => id.clock >= (known?.get(id.client) ?? 0) }
}
