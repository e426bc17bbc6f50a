/**
 * Text that people see is neither lost nor there twice by what the server settles. Each rule of settling looks at one record; where three
 * and more meet, what one rule takes out as a double may be what another has left standing. So that what stood before an update is
 * counted once more at its end: characters are the same if records, old or new, lead from one to the other.
 */

import * as Y from "yjs"
import { isSeen, itemsOf, removeSpans, type Span, type Spans, spansOf } from "#draft/characters.ts"
import { lifeOf, type Moves, resolved, segmentsOf } from "#draft/moves.ts"
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
    const same = sameness([...records, ...told, ...[...moves.all()].filter(({ from }) => now.has(from))])
    const after = [...now].flatMap((cell) => shownIn(doc, cell))
    const [stood, stands] = [spansOf(before), spansOf(after)]
    const moved = spansOf(told.flatMap((move) => [...segmentsOf(move)].map(({ was }) => was)))
    const isTaken = (span: Span) => deleted.within(span).some((part) => moved.without(part).length > 0)
    for (const shown of before)
      for (const missing of stands.without(shown))
        for (const { span, others } of same(missing))
          if (!others.some((other) => stands.within(other).length > 0 || isTaken(other)) && !isTaken(span))
            putBack(settling, partOf(shown, span), now)
    for (const shown of after)
      for (const fresh of stood.without(shown))
        for (const { span, others } of same(fresh))
          if (others.some((other) => stands.within(other).length > 0)) takeOut(doc, partOf(shown, span), stands)
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

type Link = { readonly was: Span; readonly is: Span }
/** A part, and what else it is. */
type Same = { readonly span: Span; readonly others: readonly Span[] }

/** Nobody comes near it who splits and merges; whoever makes up records does not keep the server busy. */
const MOST_LOOKS = 10_000_000

function sameness(records: readonly Move[]): (span: Span) => Iterable<Same> {
  const segments = records.flatMap((record) => [...segmentsOf(record)])
  const linksOf = linked([...segments, ...segments.map(({ was, is }) => ({ was: is, is: was }))])
  let looks = 0
  return function* (wanted) {
    const waiting = [wanted]
    for (let span = waiting.pop(); span && looks < MOST_LOOKS; span = waiting.pop()) {
      const others = [span]
      const cuts = new Set<number>()
      for (const at of others)
        for (const { was, is } of linksOf(at)) {
          looks += others.length
          const [from, to] = [was.clock - at.clock, was.clock + was.length - at.clock]
          for (const cut of [from, to]) if (cut > 0 && cut < at.length) cuts.add(cut)
          const other = { client: is.client, clock: is.clock - from, length: span.length }
          if (cuts.size === 0 && !others.some(({ client, clock }) => client === other.client && clock === other.clock)) others.push(other)
        }
      // Where a link holds for a part alone, each part is looked at by itself.
      if (cuts.size > 0) waiting.push(...partsOf(span, cuts))
      else yield { span, others: others.slice(1) }
    }
  }
}

/** Those that hold for any of a row. */
function linked(links: readonly Link[]): (span: Span) => Iterable<Link> {
  const byClient = Map.groupBy(
    links.toSorted((a, b) => a.was.clock - b.was.clock),
    ({ was }) => was.client,
  )
  const reach = new Map<number, readonly number[]>()
  for (const [client, list] of byClient) {
    let most = 0
    reach.set(
      client,
      list.map(({ was }) => (most = Math.max(most, was.clock + was.length))),
    )
  }
  return function* ({ client, clock, length }) {
    const list = byClient.get(client) ?? []
    for (let i = firstBeyond(reach.get(client) ?? [], clock); i < list.length; i++) {
      const link = list[i] as Link
      if (link.was.clock >= clock + length) break
      if (link.was.clock + link.was.length > clock) yield link
    }
  }
}

function firstBeyond(ascending: readonly number[], value: number): number {
  let [low, high] = [0, ascending.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((ascending[middle] as number) <= value) low = middle + 1
    else high = middle
  }
  return low
}

function partsOf({ client, clock, length }: Span, cuts: ReadonlySet<number>): Span[] {
  const ends = [...cuts, length].sort((a, b) => a - b)
  return ends.map((end, i) => ({ client, clock: clock + (ends[i - 1] ?? 0), length: end - (ends[i - 1] ?? 0) }))
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
