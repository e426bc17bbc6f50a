/**
 * Text that people see is neither lost nor there twice by what the server settles. Each rule of settling looks at one record; where three
 * and more meet, what one rule takes out as a double may be what another has left standing. So that what stood before an update is
 * counted once more at its end: characters are the same if records, old or new, lead from one to the other.
 */

import * as Y from "yjs"
import { isGone, isSeen, itemsOf, type Looked, removeSpans, type Span, type Spans, spansOf } from "#draft/characters.ts"
import { lifeOf, type Moves, type Recorded, resolved } from "#draft/moves.ts"
import { type Sameness, sameness, segmentsOf } from "#draft/same.ts"
import { type CellMap, cellMap, certainCell, type Life, type Move, newName, revive, sourceOf } from "#draft/schema.ts"
import { carry, type Settling } from "#draft/settling.ts"

/** What can be seen of a text in a row. */
type Shown = Span & { readonly cell: string; readonly text: string }

export type Update = {
  /** What it says that it has moved. */
  readonly told: readonly Move[]
  /** What it has taken out itself. */
  readonly deleted: Spans
}

/** How it stands before an update, in all cells that have to do with those it touches. */
export type Stood = { readonly cells: ReadonlySet<string>; readonly records: readonly Recorded[]; readonly shown: readonly Shown[] }

export function standing(doc: Y.Doc, moves: Moves, touched: ReadonlySet<string>): Stood {
  const cells = relatedTo(moves, touched)
  const records = [...moves.all()].filter(({ from }) => cells.has(from))
  return { cells, records, shown: [...cells].flatMap((cell) => shownIn(doc, cell)) }
}

/** Puts it right when all is settled. */
export function conserve(settling: Settling, stood: Stood, update: Update): void {
  const { doc, moves } = settling
  const now = relatedTo(moves, stood.cells)
  const same = sameness(doc, [...stood.records, ...update.told, ...[...moves.all()].filter(({ from }) => now.has(from))], moves.looked)
  const after = [...now].flatMap((cell) => shownIn(doc, cell))
  const stands = spansOf(after)
  const lost = lostOf(stood, { same, stands, looked: moves.looked }, update)
  // All at once what is in a row: whoever makes up records of single characters does not have each of them carried by itself.
  for (const row of lost) putBack(settling, row, now)
  const before = spansOf(stood.shown)
  for (const shown of after)
    for (const fresh of before.without(shown))
      for (const { span, others } of same(fresh)) {
        moves.looked(1 + (others?.length ?? 0))
        if (others?.some((other) => stands.within(other).length > 0)) takeOut(settling, partOf(shown, span), stands)
      }
}

/**
 * Where there is too much to look at for any of that, as no honest work is: what stood stands, rather twice than not at all, and in one
 * piece at the end of its cell where it would have to be sought.
 */
export function conserveAtOnce({ doc, moves }: Settling, { cells, shown }: Stood, { told, deleted }: Update): void {
  const stands = spansOf([...relatedTo(moves, cells)].flatMap((cell) => shownIn(doc, cell)))
  const segments = told.flatMap((move) => [...segmentsOf(move)])
  const moved = spansOf(segments.map(({ was }) => was))
  const arrived = spansOf(
    segments.flatMap(({ was, is }) => stands.within(is).map(({ clock, length }) => ({ ...was, clock: was.clock + clock - is.clock, length }))),
  )
  const unlessTaken = (span: Span) => spansOf(deleted.within(span).flatMap(moved.without)).without(span)
  const lostOf = (row: Shown) => stands.without(row).flatMap(arrived.without).flatMap(unlessTaken)
  const lost = shown.flatMap((row) => lostOf(row).map((span) => partOf(row, span)))
  for (const [id, rows] of Map.groupBy(lost, ({ cell }) => cell)) {
    const cell = certainCell(doc, id)
    if (lifeOf(doc, id) === "unborn") continue
    if (!isOpen(lifeOf(doc, id))) revive(cell)
    const gone = rows.filter(({ client, clock }) => isGone(doc, client, clock))
    if (gone.length > 0) append(doc, cell, { id, rows: gone })
  }
}

function append(doc: Y.Doc, cell: CellMap, { id, rows }: { readonly id: string; readonly rows: readonly Shown[] }): void {
  const [source, text, next] = [sourceOf(cell), rows.map((row) => row.text).join(""), Y.getState(doc.store, doc.clientID)]
  source.insert(source.length, text)
  const runs = rows.map(({ client, clock, length }) => [client, clock, length, 1] as const)
  cell.set(`again/${newName(doc)}`, { from: id, to: id, runs, image: [doc.clientID, next, text.length], skip: 0 } satisfies Move)
}

type Standing = { readonly same: Sameness; readonly stands: Spans; readonly looked: Looked }

/** What stood and is not there any more, as nothing that it has become, without anybody having taken it out. */
function lostOf({ shown: before }: Stood, { same, stands, looked }: Standing, { told, deleted }: Update): Shown[] {
  const moved = spansOf(told.flatMap((move) => Array.from(segmentsOf(move), ({ was }) => was)))
  const isTaken = (span: Span) => deleted.within(span).some((part) => moved.without(part).length > 0)
  return before.flatMap((shown) => {
    const lost: Span[] = []
    for (const missing of stands.without(shown))
      for (const { span, others } of same(missing)) {
        looked(1 + (others?.length ?? 0))
        // Where there is too much to look at, rather twice than not at all.
        if (!others?.some((other) => stands.within(other).length > 0 || isTaken(other)) && !isTaken(span)) lost.push(span)
      }
    return spansOf(lost)
      .within(shown)
      .map((row) => partOf(shown, row))
  })
}

/** All cells to which and from which text has gone, however far. */
function relatedTo(moves: Moves, cells: ReadonlySet<string>): ReadonlySet<string> {
  const beside = new Map<string, string[]>()
  const isBeside = (a: string, b: string) => {
    const known = beside.get(a)
    if (known) known.push(b)
    else beside.set(a, [b])
  }
  for (const { from, to } of moves.all()) {
    isBeside(from, to)
    isBeside(to, from)
  }
  const found = new Set(cells)
  for (const cell of found) for (const other of beside.get(cell) ?? []) found.add(other)
  return found
}

/** What stands in a cell that was deleted comes back with it. */
function isOpen(life: Life | undefined): boolean {
  return life === "alive" || life === "deleted"
}

function shownIn(doc: Y.Doc, cell: string): Shown[] {
  const map = cellMap(doc, cell)
  if (!map || !isOpen(lifeOf(doc, cell))) return []
  const found: Shown[] = []
  for (const { item } of itemsOf(sourceOf(map)))
    if (isSeen(item) && item.content instanceof Y.ContentString)
      found.push({ cell, client: item.id.client, clock: item.id.clock, length: item.length, text: item.content.str })
  return found
}

function partOf({ cell, clock, text }: Shown, span: Span): Shown {
  return { ...span, cell, text: text.slice(span.clock - clock, span.clock - clock + span.length) }
}

/** Where the records say that it has gone, or where it stood, or with what it belongs to. What is of a cell whose making was undone is undone. */
function putBack(settling: Settling, lost: Shown, related: ReadonlySet<string>): void {
  const { doc, moves } = settling
  if (lifeOf(doc, lost.cell) === "unborn") return
  const end = resolved(lost, (cell) => moves.from(cell))
  const open = [end.cell, lost.cell, ...related].find((cell) => isOpen(lifeOf(doc, cell)))
  if (open === undefined) return revive(certainCell(doc, lost.cell))
  carry(settling, lost.cell, { ...lost, anchor: { at: open === end.cell ? end : { ...lost, cell: open }, isBehind: true } })
}

function takeOut({ doc, moves }: Settling, double: Shown, stands: Spans): void {
  const map = cellMap(doc, double.cell)
  if (map) removeSpans(sourceOf(map), spansOf([double]), moves.looked)
  stands.remove(double)
}

/**
 * Characters that were once the same stay so, though the record that says it is taken back: text may have gone on from there, and who has
 * not heard of it yet may still split or merge it.
 */
export function keepLinks({ doc, moves }: Settling, taken: readonly Recorded[]): void {
  for (const { from, to, runs, image, skip } of taken) {
    const [cell, move] = [cellMap(doc, from), { from, to, runs, image, skip } satisfies Move]
    if (!cell || isTold(move, moves.same())) continue
    cell.set(`once/${newName(doc)}`, move)
    moves.read([from])
  }
}

/** Whether other records lead from each of its characters to what it says that it became. */
function isTold(move: Move, same: Sameness): boolean {
  for (const { was, is } of segmentsOf(move))
    for (const { span, others } of same(was))
      if (others?.some(({ client, clock }) => client === is.client && clock === is.clock + span.clock - was.clock) === false) return false
  return true
}
