/**
 * A person's own undo. Yjs takes back item by item: it deletes what was inserted and inserts anew what was deleted. Of a split or a merge
 * that is only half of it. Text that comes back so has other numbers than it had, and meanwhile others may have changed it, or moved it
 * on, where it had gone. So every step says, in the same transaction, what it means, by the same records with which a split and a merge
 * say it, and the server settles it with what others do as it settles those:
 *
 * - the undo of a split is a merge: the new cell's text has gone back into the cell it was cut from;
 * - the undo of a merge is a cut: the merged cell's text has gone back into it;
 * - text that was deleted and is there again names what it was (`again/…`), so that it is not there twice when that was moved meanwhile.
 *
 * What somebody else has deleted or moved since does not come back by it.
 */

import * as Y from "yjs"
import { asItIs, type Before, beforeOf, type Fixed, seenBefore } from "#draft/before.ts"
import { type Id, isGone, removeSpans, type Span, spansOf } from "#draft/characters.ts"
import { isThere, lifeOf, type Recorded, remembered, tellsOf } from "#draft/moves.ts"
import { cellsChanged } from "#draft/open-draft.ts"
import { linked, rowsIn, type Sameness } from "#draft/same.ts"
import { type CellMap, cellMap, type Life, type Move, newName, PERSON, sourceOf } from "#draft/schema.ts"

/** What it takes back: what is done by the functions of this room, and what an editor bound to a source adds to its origins. */
export function undoOf(doc: Y.Doc): Y.UndoManager {
  const manager = new Y.UndoManager([doc.getMap("cells"), doc.getMap("meta")], { trackedOrigins: new Set([PERSON]), captureTimeout: 500 })
  const [undo, redo, destroy] = [manager.undo.bind(manager), manager.redo.bind(manager), manager.destroy.bind(manager)]
  const { before, close } = beforeOf(doc)
  manager.undo = () => stepped({ manager, step: undo, flag: "undoing", before: before() })
  manager.redo = () => stepped({ manager, step: redo, flag: "redoing", before: before() })
  manager.destroy = () => {
    close()
    destroy()
  }
  return manager
}

type StackItem = ReturnType<Y.UndoManager["undo"]>
type Stepping = {
  readonly manager: Y.UndoManager
  readonly step: () => StackItem
  readonly flag: "undoing" | "redoing"
  readonly before: Before
}

/** All of a step is one transaction, so that nobody sees half of it. */
function stepped({ manager, step, flag, before }: Stepping): StackItem {
  const { doc } = manager
  let item: StackItem = null
  try {
    doc.transact((transaction) => {
      item = step()
      if (item) told({ doc, transaction, before, item })
      // The manager looks at this when the transaction is over, and has taken it back by now.
      manager[flag] = true
    }, manager)
  } finally {
    manager[flag] = false
  }
  return item
}

/** Characters in a row that fare alike, and which they are in another place. */
type Pair = { readonly was: Span; readonly is: Span }

function isSeenAt(doc: Y.Doc, { client, clock }: Id): boolean {
  return !isGone(doc, client, clock)
}

type Step = {
  readonly doc: Y.Doc
  readonly transaction: Y.Transaction
  readonly before: Before
  readonly item: NonNullable<StackItem>
  readonly same: Sameness
}

function told(stepping: Omit<Step, "same">): void {
  const { doc, transaction, before } = stepping
  const step = { ...stepping, same: before.moves.same() }
  const restored = restoredBy(step)
  const accounted: Span[] = []
  const touched = cellsChanged(doc, transaction)
  for (const id of touched) {
    const [map, was] = [cellMap(doc, id), before.cells.get(id)]
    if (!map || !was) continue
    keepWhole(map, was)
    const is = map.get("life") as Life
    forgetStale(before, id, map)
    comesBack(step, id, map)
    // Of cells that were never cut off, nothing goes back when they are taken out again.
    if (was.life === "alive" && (is === "merged" || (is === "unborn" && map.has("cut")))) goesBack(step, { id, map, restored, accounted })
  }
  before.learn(touched)
  const said = spansOf(accounted)
  const same = before.moves.same()
  for (const [id, pairs] of restored)
    sayWhatCameBack(
      step,
      id,
      pairs.flatMap((pair) => said.without(pair.was).flatMap((span) => partsOf(pair, same(span)))),
    )
}

function partsOf({ was, is }: Pair, parts: Iterable<{ readonly span: Span }>): Pair[] {
  return Array.from(parts, ({ span }) => ({ was: span, is: { ...is, clock: is.clock + span.clock - was.clock, length: span.length } }))
}

/**
 * Where two people have set the same, Yjs takes back what one has set and does not find what was before, so that nothing is left. The
 * cell is there then, rather than nowhere; its place and type stay as they were.
 */
function keepWhole(map: CellMap, { order, type }: Fixed): void {
  if (!map.has("life")) map.set("life", "alive" satisfies Life)
  if (!map.has("order")) map.set("order", order)
  if (!map.has("type")) map.set("type", type)
}

/** A cut that Yjs has brought back tells of characters that are others by now; what holds is said anew. */
function forgetStale({ moves }: Before, id: string, map: CellMap): void {
  const known = new Set(moves.in(id).map(({ key }) => key))
  for (const key of [...map.keys()]) if (key.startsWith("cut/") && !known.has(key)) map.delete(key)
}

/** Characters that the step inserted anew, by the cell in which they stand. */
function restoredBy({ doc, transaction, item, same }: Step): ReadonlyMap<string, readonly Pair[]> {
  const found = new Map<string, Pair[]>()
  const first = transaction.beforeState.get(doc.clientID) ?? 0
  Y.iterateDeletedStructs(transaction, item.deletions, (struct) => {
    if (!(struct instanceof Y.Item) || struct.redone === null || struct.redone.clock < first || struct.parentSub !== null) return
    const cell = (struct.parent as Y.Text)._item
    const id = cell && (cell.parent as CellMap)._item?.parentSub
    if (cell?.parentSub !== "source" || !id) return
    const { client, clock } = struct.redone
    const pairs = found.get(id) ?? []
    found.set(id, pairs)
    const { length } = struct
    const all = { was: { ...struct.id, length }, is: { client, clock, length } }
    for (const pair of partsOf(all, same(all.was))) if (isSeenAt(doc, pair.is)) pairs.push(pair)
  })
  return found
}

/** A cell whose text stood in another one has it again. */
function comesBack(step: Step, id: string, map: CellMap): void {
  const { doc, before } = step
  const records = before.moves.in(id).filter(({ kind }) => kind === "into")
  const recordsOf = remembered(before.moves)
  const standsThere = (move: Recorded) => [...rowsIn(move, step.same)].some(({ was, is }) => is && isThere(doc, recordsOf, move, was))
  const taken = records.filter(({ key }) => !map.has(key))
  if (taken.length === 0) return
  // Somebody else has merged it, too.
  const isElsewhere = records.some((move) => !taken.includes(move) && standsThere(move))
  for (const { key } of isElsewhere ? taken : records) map.delete(key)
  if (map.get("life") !== "deleted") setLife(map, isElsewhere ? "merged" : "alive")
  for (const move of taken) {
    const elsewhere = sayItCameBack(step, map, move)
    if (!isElsewhere) remove(sourceOf(map), elsewhere)
  }
}

/** What Yjs has set right itself is not set once more: it would not find it again when the step is taken back. */
function setLife(map: CellMap, life: Life): void {
  if (map.get("life") !== life) map.set("life", life)
}

/** Gives what did not: it stood elsewhere, or nowhere. */
function sayItCameBack({ doc, transaction, before, same }: Step, map: CellMap, move: Recorded): readonly Span[] {
  const stands = asItIs(doc, before, seenBefore(transaction))
  const back: Pair[] = []
  const elsewhere: Span[] = []
  for (const { was: own, is } of rowsIn(move, same)) {
    const stood = is && stands({ cell: move.to, ...is })
    if (stood && !isSeenAt(doc, stood)) back.push({ was: { ...stood, length: own.length }, is: own })
    else elsewhere.push(own)
  }
  for (const one of joinedMoves(move.to, move.from, back)) map.set(`cut/${newName(doc)}`, one)
  return elsewhere
}

type Going = {
  readonly id: string
  readonly map: CellMap
  readonly restored: ReadonlyMap<string, readonly Pair[]>
  /** Those of which it is said where they come from. */
  readonly accounted: Span[]
}

/** A cell whose text stands in another one again. */
function goesBack({ doc, before, same }: Step, { id, map, restored, accounted }: Going): void {
  const all = before.moves.in(id).filter(({ kind }) => kind === "cut")
  const host = hostOf(all, map, restored)
  if (host === undefined) return
  const records = all.filter(({ from }) => from === host)
  // Nothing had come back from there, so that nothing goes there again.
  if (records.length === 0) {
    leaveNothing({ id, map, restored, accounted })
    return forgetGone(doc, map, same)
  }
  const hostLife = lifeOf(doc, host)
  for (const key of [...map.keys()]) if (key.startsWith("into/")) map.delete(key)
  // Where it would go is not there any more: it stays here, and what has come back there does not.
  if (hostLife !== "alive" && hostLife !== "merged") {
    map.set("life", "alive" satisfies Life)
    const came = (restored.get(host) ?? []).filter(({ was }) => records.some((move) => tellsOf(move, was)))
    accounted.push(...came.map(({ was }) => was))
    return remove(
      sourceOf(cellMap(doc, host) as CellMap),
      came.map(({ is }) => is),
    )
  }
  const now = linked(restored.get(host) ?? [])
  const standsAt = asItIs(doc, before, (each) => isSeenAt(doc, each))
  const back: Pair[] = []
  const elsewhere: Span[] = []
  for (const move of records)
    for (const { was, is: image } of rowsIn(move, same)) {
      accounted.push(was)
      const [pair] = now(was)
      if (!pair || !image) continue
      const is = { ...pair.is, clock: pair.is.clock + was.clock - pair.was.clock, length: was.length }
      const stands = standsAt({ cell: id, ...image })
      if (stands?.cell === id) back.push({ was: { ...stands, length: was.length }, is })
      else elsewhere.push(is)
    }
  remove(sourceOf(cellMap(doc, host) as CellMap), elsewhere)
  const moved = joinedMoves(id, host, back)
  for (const one of moved.length > 0 ? moved : [nothingMoved(id, host, records)]) map.set(`into/${newName(doc)}`, one)
  setLife(map, "merged")
  leaveNothing({ id, map, restored, accounted })
}

/** What came back in a cell that goes back came back where its text stands. */
function leaveNothing({ id, map, restored, accounted }: Going): void {
  const left = restored.get(id) ?? []
  accounted.push(...left.map(({ was }) => was))
  remove(
    sourceOf(map),
    left.map(({ is }) => is),
  )
}

/** A merge that is done again tells of no character that has been deleted since. */
function forgetGone(doc: Y.Doc, map: CellMap, same: Sameness): void {
  for (const [key, value] of [...map]) {
    if (!key.startsWith("into/")) continue
    const move = value as Move
    const rows = [...rowsIn(move, same)]
    if (rows.every(({ was }) => isSeenAt(doc, was))) continue
    map.delete(key)
    const left = rows.flatMap(({ was, is }) => (is && isSeenAt(doc, was) ? [{ was, is }] : []))
    const moved = joinedMoves(move.from, move.to, left)
    for (const one of moved.length > 0 ? moved : [{ ...move, runs: [], image: [move.image[0], move.image[1], 0] as const }])
      map.set(`into/${newName(doc)}`, one)
  }
}

/** Into which cell its text has gone: where a record says so that is there again, or where some of it is. */
function hostOf(records: readonly Recorded[], map: CellMap, restored: ReadonlyMap<string, readonly Pair[]>): string | undefined {
  const isBack = (move: Recorded) => restored.get(move.from)?.some(({ was }) => tellsOf(move, was))
  const into = [...map.entries()].find(([key]) => key.startsWith("into/"))?.[1] as Move | undefined
  return into?.to ?? (records.find(isBack) ?? records[0])?.from
}

/** What others write in it goes to the place where it was cut off. */
function nothingMoved(from: string, to: string, records: readonly Recorded[]): Move {
  const [client = 0, clock = 0] = records.flatMap(({ runs }) => runs)[0] ?? []
  return { from, to, runs: [], image: [client, clock, 0], skip: 0 }
}

/** One record for each row of characters that are counted on in their new place. */
function joinedMoves(from: string, to: string, pairs: readonly Pair[]): Move[] {
  const moves: { from: string; to: string; runs: [number, number, number, 1][]; image: [number, number, number]; skip: number }[] = []
  for (const { was, is } of pairs.toSorted((a, b) => a.is.client - b.is.client || a.is.clock - b.is.clock)) {
    let last = moves.at(-1)
    if (last?.image[0] !== is.client || last.image[1] + last.image[2] !== is.clock) {
      last = { from, to, runs: [], image: [is.client, is.clock, 0], skip: 0 }
      moves.push(last)
    }
    const run = last.runs.at(-1)
    if (run && run[0] === was.client && run[1] + run[2] === was.clock) run[2] += was.length
    else last.runs.push([was.client, was.clock, was.length, 1])
    last.image[2] += was.length
  }
  return moves
}

function remove(source: Y.Text, spans: readonly Span[]): void {
  if (spans.length > 0) removeSpans(source, spansOf(spans))
}

/** What was moved on since it was deleted is where it was moved. Of what others may have moved without our knowing, the server decides. */
function sayWhatCameBack({ doc, before }: Step, id: string, pairs: readonly Pair[]): void {
  const map = cellMap(doc, id)
  if (!map || pairs.length === 0) return
  const recordsOf = remembered(before.moves)
  const [there, here]: [Span[], Pair[]] = [[], []]
  for (const pair of pairs)
    if (recordsOf(id).some((move) => isThere(doc, recordsOf, move, pair.was))) there.push(pair.is)
    else here.push(pair)
  remove(sourceOf(map), there)
  for (const one of joinedMoves(id, id, here)) map.set(`again/${newName(doc)}`, one)
}
