/**
 * Puts right what people did to the same text at the same time without knowing of each other, where Yjs alone would keep everything
 * but not in its place, or twice. The server alone does it, after every edit, so that it is done once:
 *
 * - what was typed in text that was being moved by a split or a merge goes where that text went, as do deletions in a merged cell;
 * - text that two people moved to different places stands in one of them;
 * - of cells that were merged into each other one lives.
 *
 * An undo says what it does to text by the same records (see undo.ts), so that it is settled as what it means. At the end all text is
 * counted once more (see conserve.ts). All come to the same document.
 */

import * as Y from "yjs"
import { isSeen, itemsOf, type Looked, type Span, type Spans, spansOf } from "#draft/characters.ts"
import { imageBy, isThere, lifeOf, mergedInto, type Recorded, remembered, resolved, tellsOf } from "#draft/moves.ts"
import { itself, type Link, linked } from "#draft/same.ts"
import { cellMap, certainCell, type Life, type Move, orderOf, revive, sourceOf } from "#draft/schema.ts"
import { type Anchor, carry, removeImages, type Settling, type Stray } from "#draft/settling.ts"

export type Coming = {
  readonly touched: ReadonlySet<string>
  readonly deleted: Spans
  readonly gone: readonly { readonly move: Move; readonly among: Spans | undefined }[]
  readonly isOnlyText: boolean
}

export function settleAll(settling: Settling, { touched, deleted, gone, isOnlyText }: Coming): void {
  const { moves } = settling
  // Of what one writer set again and again, only the last counts; what was set and taken back, not at all.
  const isSaid = (move: Move) => [...touched].some((cell) => moves.in(cell).some((said) => said.kind !== "once" && isSame(said, move, moves.looked)))
  for (const { move, among } of gone) if (among && isSaid(move)) removeImages(settling, move, { among })
  let again = touched
  for (let rounds = 0; again.size > 0 && rounds < MOST_ROUNDS; rounds++) {
    settling.carriedTo.clear()
    settle(settling, again, { deleted: rounds === 0 ? deleted : spansOf([]), isOnlyText })
    again = new Set(settling.carriedTo)
  }
}

/** What was typed in a cell that was merged away is not to be found where its text stands: the cell is there again. */
export function showAgain(settling: Settling, cell: string, isNew: (item: Y.Item) => boolean): void {
  const map = cellMap(settling.doc, cell)
  if (!map) return
  liveAgain(settling, cell)
  if (map.get("life") !== "merged") return
  for (const { item } of itemsOf(sourceOf(map))) if (isSeen(item) && isNew(item)) return revive(map)
}

function isSame(a: Move, b: Move, looked: Looked): boolean {
  if (a.from !== b.from || a.to !== b.to || a.runs.length !== b.runs.length) return false
  looked(a.runs.length)
  const numbers = ({ runs, image }: Move) => [...image, ...runs.flat()].join()
  return numbers(a) === numbers(b)
}

const MOST_ROUNDS = 20

function settle(settling: Settling, touched: ReadonlySet<string>, { deleted, isOnlyText }: Pick<Coming, "deleted" | "isOnlyText">): void {
  const into = Map.groupBy(settling.moves.all(), ({ kind, to }) => (kind === "into" ? to : undefined))
  for (const cell of touched) {
    mergeAgain(settling, cell)
    liveAgain(settling, cell)
    keepForOthers(settling, cell, into.get(cell) ?? [])
  }
  reviveOfCircles(settling, touched)
  for (const cell of sourcesOf(settling, touched)) {
    // Where no record came, none can say anew that text stands twice.
    if (!isOnlyText) removeDoubles(settling, cell)
    carryDeletions(settling, cell, deleted)
    carryOn(settling, cell)
  }
}

/** Touched cells of which text was moved, and those whose text a touched cell says it got. */
function sourcesOf({ moves }: Settling, touched: ReadonlySet<string>): ReadonlySet<string> {
  const found = new Set<string>()
  for (const { from, to } of moves.all()) if (touched.has(from) || touched.has(to)) found.add(from)
  return found
}

/** Merged by one, and by another deleted, made alive again, or never made: its text is where it was merged into, and must not be there beside itself. */
function mergeAgain({ doc, moves }: Settling, cell: string): void {
  const life = lifeOf(doc, cell)
  if (life === undefined || life === "merged") return
  if (moves.in(cell).some(({ kind }) => kind === "into")) certainCell(doc, cell).set("life", "merged" satisfies Life)
}

/** What is merged into nothing is there; so is what has no life at all. */
function liveAgain({ doc }: Settling, cell: string): void {
  const map = cellMap(doc, cell)
  const life = map?.get("life")
  if (map && (life === undefined || (life === "merged" && ![...map.keys()].some((key) => key.startsWith("into/"))))) revive(map)
}

/** Who undoes the making of a cell in which somebody else has written keeps it. */
function keepForOthers({ doc }: Settling, cell: string, into: readonly Recorded[]): void {
  const map = cellMap(doc, cell)
  if (map?.get("life") !== "unborn") return
  const maker = map._item?.id.client
  for (const { item } of itemsOf(sourceOf(map))) if (isSeen(item) && item.id.client !== maker) return revive(map)
  // What its maker cut from it and put back is theirs, too.
  const isOthers = ({ from, runs }: Move) => cellMap(doc, from)?._item?.id.client !== maker || runs.some(([client]) => client !== maker)
  if (into.some((move) => lifeOf(doc, move.from) === "merged" && isOthers(move))) revive(map)
}

/** Two cells that were merged into each other would both be gone. */
function reviveOfCircles(settling: Settling, touched: ReadonlySet<string>): void {
  const { doc, moves } = settling
  for (const start of touched) {
    const path = [start]
    for (;;) {
      const next = moves.from(path.at(-1) as string).find(({ kind }) => kind === "into")?.to
      if (next === undefined) break
      if (next === start) {
        const revived = [...path].sort()[0] as string
        // What it had given away stands in it.
        for (const move of moves.all()) if (move.from === revived && move.kind === "into") removeImages(settling, move, {})
        revive(certainCell(doc, revived))
        moves.read([revived])
        break
      }
      if (path.includes(next)) break
      path.push(next)
    }
  }
}

/** Text that was moved twice stands where the more believed record says. */
function removeDoubles(settling: Settling, cell: string): void {
  const { doc, moves } = settling
  const recordsOf = remembered(moves)
  const records = recordsOf(cell)
  const tells = linked(records.flatMap(visibleIn), moves.looked)
  for (const [i, loser] of records.entries()) {
    const overlapping = new Set(visibleIn(loser, i).flatMap(({ was }) => Array.from(tells(was), ({ by }) => by)))
    const winners = [...overlapping]
      .filter((by) => by < i)
      .sort((a, b) => a - b)
      .map((by) => records[by] as Recorded)
    if (winners.length === 0) continue
    removeImages(settling, loser, { isMeant: (id) => winners.some((winner) => isThere(doc, recordsOf, winner, id)) })
    for (const winner of winners) if (winner.kind === "cut" && loser.kind === "cut") inOrder(doc, loser.to, winner.to)
  }
}

function visibleIn({ runs }: Move, by: number): { readonly was: Span; readonly by: number }[] {
  return runs.flatMap(([client, clock, length, isVisible]) => (isVisible === 1 ? [{ was: { client, clock, length }, by }] : []))
}

/** The smaller piece was cut off further back. */
function inOrder(doc: Y.Doc, first: string, second: string): void {
  const [a, b] = [certainCell(doc, first), certainCell(doc, second)]
  const [left, right] = [orderOf(a), orderOf(b)]
  if (left <= right) return
  a.set("order", right)
  b.set("order", left)
}

/** What was deleted in a cell that was merged away is deleted where its text stands now. */
function carryDeletions(settling: Settling, cell: string, deleted: Spans): void {
  if (deleted.isEmpty) return
  const records = settling.moves.from(cell)
  for (const into of records.filter(({ kind }) => kind === "into")) {
    const others = records.filter((move) => move !== into)
    removeImages(settling, into, { among: deleted, isMeant: (id) => !others.some((move) => tellsOf(move, id)) })
  }
}

/** What was typed among text that is not here any more goes after it. */
function carryOn(settling: Settling, cell: string): void {
  const { moves } = settling
  const told = linked(
    moves.from(cell).flatMap(({ runs }) => {
      moves.looked(runs.length)
      return runs.map(([client, clock, length]) => itself({ client, clock, length }))
    }),
  )
  for (;;) {
    const stray = straysIn(settling, cell, told)
    if (!stray) return
    carry(settling, cell, stray)
  }
}

/** The first of them: each one carried may be what the next one stands beside. */
function straysIn({ doc, moves }: Settling, cell: string, told: (span: Span) => Iterable<Link>): Stray | undefined {
  const map = cellMap(doc, cell)
  const records = moves.from(cell)
  if (!map || records.length === 0) return undefined
  const into = records.find(({ kind }) => kind === "into")
  let last: Y.ID | undefined
  for (const { item } of itemsOf(sourceOf(map), moves.looked)) {
    for (const piece of isSeen(item) && item.content instanceof Y.ContentString ? piecesOf(item, told) : []) {
      moves.looked(1 + records.length)
      const found = anchorOf(piece, { records, into, last })
      // What would come back here stays.
      const at = found && resolved(found.at, (each) => moves.from(each))
      if (found && at && at.cell !== cell) return { ...piece, anchor: { at, isBehind: found.isBehind } }
    }
    last = item.lastId
  }
  return undefined
}

type Piece = {
  readonly client: number
  readonly clock: number
  readonly text: string
  /** What its writer saw beside it. */
  readonly origin: Y.ID | null
  readonly rightOrigin: Y.ID | null
}

/** Yjs makes one item of what one writer wrote in a row; the records may tell of a part of it. */
function piecesOf(item: Y.Item, told: (span: Span) => Iterable<Link>): Piece[] {
  const { client, clock } = item.id
  const text = (item.content as Y.ContentString).str
  const ends = Array.from(told({ client, clock, length: item.length }), ({ was }) => [was.clock - clock, was.clock + was.length - clock]).flat()
  const cuts = [...new Set([0, ...ends.filter((at) => at > 0 && at < text.length)])].sort((a, b) => a - b)
  return cuts.map((at, i) => ({
    client,
    clock: clock + at,
    text: text.slice(at, cuts[i + 1]),
    origin: at === 0 ? item.origin : Y.createID(client, clock + at - 1),
    rightOrigin: item.rightOrigin,
  }))
}

type Around = { readonly records: readonly Recorded[]; readonly into: Recorded | undefined; readonly last: Y.ID | undefined }

/**
 * Nothing when the text belongs where it is. Whoever has seen a split writes behind the mark that it left (see split.ts), so that text
 * whose neighbour was moved away was written by somebody who had not. In a merged cell only those write who do not know of it.
 */
function anchorOf(piece: Piece, { records, into, last }: Around): Anchor | undefined {
  const { origin, rightOrigin } = piece
  if (records.some((move) => move.kind !== "carried" && tellsOf(move, piece))) return undefined
  for (const id of into && last ? [origin, last] : [origin]) {
    const image = id && imageBy(records, id)
    if (image) return { at: image, isBehind: true }
  }
  // Before a cut, what is to the right may well have been moved away.
  const image = into && rightOrigin && imageBy(records, rightOrigin)
  if (image) return { at: image, isBehind: false }
  const start = mergedInto(records)
  return start && { at: start, isBehind: false }
}
