/**
 * Text that people see is neither lost nor there twice by what the server settles. Each rule of settling looks at one record; where three
 * and more meet, what one rule takes out as a double may be what another has left standing. So that what stood before an update is
 * counted once more at its end: characters are the same if records, old or new, lead from one to the other.
 */

import * as Y from "yjs"
import { isSeen, itemsOf, removeSpans, type Span, type Spans, spansOf } from "#draft/characters.ts"
import { lifeOf, type Moves, resolved } from "#draft/moves.ts"
import { sameness, segmentsOf } from "#draft/same.ts"
import { cellMap, certainCell, type Life, type Move, revive, sourceOf } from "#draft/schema.ts"
import { carry, type Settling } from "#draft/settling.ts"

/** What can be seen of a text in a row. */
type Shown = Span & { readonly cell: string; readonly text: string }

type Update = {
  /** What it says that it has moved. */
  readonly told: readonly Move[]
  /** What it has taken out itself. */
  readonly deleted: Spans
}

/** Looks at how it stands before an update; gives what puts it right when all is settled. */
export function conserve(doc: Y.Doc, moves: Moves, touched: ReadonlySet<string>): (settling: Settling, update: Update) => void {
  const cells = relatedTo(moves, touched)
  const records = [...moves.all()].filter(({ from }) => cells.has(from))
  const before = [...cells].flatMap((cell) => shownIn(doc, cell))
  return (settling, { told, deleted }) => {
    const now = relatedTo(moves, cells)
    const same = sameness(doc, [...records, ...told, ...[...moves.all()].filter(({ from }) => now.has(from))])
    const after = [...now].flatMap((cell) => shownIn(doc, cell))
    const [stood, stands] = [spansOf(before), spansOf(after)]
    const moved = spansOf(told.flatMap((move) => [...segmentsOf(move)].map(({ was }) => was)))
    const isTaken = (span: Span) => deleted.within(span).some((part) => moved.without(part).length > 0)
    for (const shown of before) {
      const lost: Span[] = []
      // Where there is too much to look at, rather twice than not at all.
      for (const missing of stands.without(shown))
        for (const { span, others } of same(missing))
          if (!others?.some((other) => stands.within(other).length > 0 || isTaken(other)) && !isTaken(span)) lost.push(span)
      // All at once what is in a row: whoever makes up records of single characters does not have each of them carried by itself.
      for (const row of spansOf(lost).within(shown)) putBack(settling, partOf(shown, row), now)
    }
    for (const shown of after)
      for (const fresh of stood.without(shown))
        for (const { span, others } of same(fresh))
          if (others?.some((other) => stands.within(other).length > 0)) takeOut(doc, partOf(shown, span), stands)
  }
}

/** All cells to which and from which text has gone, however far. */
function relatedTo(moves: Moves, cells: ReadonlySet<string>): ReadonlySet<string> {
  const beside = new Map<string, string[]>()
  const isBeside = (a: string, b: string) => beside.set(a, [...(beside.get(a) ?? []), b])
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

function takeOut(doc: Y.Doc, double: Shown, stands: Spans): void {
  const map = cellMap(doc, double.cell)
  if (map) removeSpans(sourceOf(map), spansOf([double]))
  stands.remove(double)
}
