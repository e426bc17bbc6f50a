/**
 * Which characters are the same: those from one to the other of which records lead. A row of them is cut into parts of which all characters
 * fare alike, so that one is looked at for all: texts of 200 KB are split, merged and taken back by parts.
 */

import * as Y from "yjs"
import type { Span } from "#draft/characters.ts"
import type { Move } from "#draft/schema.ts"

export type Link = { readonly was: Span; readonly is: Span }

/** A part, and what else it is; undefined when there is too much to look at. */
export type Same = { readonly span: Span; readonly others: readonly Span[] | undefined }

/** Nobody comes near it who splits and merges; whoever makes up records does not keep the server busy. */
const MOST_LOOKS = 10_000_000

/** Gives the parts of a row, in order. */
export type Sameness = (span: Span) => Iterable<Same>

export function sameness(doc: Y.Doc, records: Iterable<Move>): Sameness {
  const links: Link[] = []
  for (const record of records) {
    for (const [client, clock, length] of record.runs) links.push(itself({ client, clock, length }))
    for (const { was, is } of segmentsOf(record)) links.push({ was, is }, { was: is, is: was })
  }
  let looks = 0
  const linksOf = linked(links, () => looks++)
  return function* (wanted) {
    const waiting = [wanted]
    for (let span = waiting.pop(); span; span = waiting.pop()) {
      const others = [span]
      const cuts = new Set<number>()
      for (const at of others)
        for (const { was, is } of [...linksOf(at), ...itemsIn(doc, at)]) {
          looks += others.length
          if (looks > MOST_LOOKS) break
          const [from, to] = [was.clock - at.clock, was.clock + was.length - at.clock]
          for (const cut of [from, to]) if (cut > 0 && cut < at.length) cuts.add(cut)
          const other = { client: is.client, clock: is.clock - from, length: span.length }
          if (cuts.size === 0 && !others.some(({ client, clock }) => client === other.client && clock === other.clock)) others.push(other)
        }
      // Where a link holds for a part alone, each part is looked at by itself.
      if (looks > MOST_LOOKS) yield { span, others: undefined }
      else if (cuts.size > 0) waiting.push(...partsOf(span, cuts).toReversed())
      else yield { span, others: others.slice(1) }
    }
  }
}

export function itself(span: Span): Link {
  return { was: span, is: span }
}

/** Those that hold for any of a row. @param looked called for each that is looked at */
export function linked(links: readonly Link[], looked: () => void = () => undefined): (span: Span) => Iterable<Link> {
  const byClient = Map.groupBy(
    links.toSorted((a, b) => a.was.clock - b.was.clock),
    ({ was }) => was.client,
  )
  const reach = new Map<number, readonly number[]>()
  for (const [client, list] of byClient) {
    let most = 0
    reach.set(
      client,
      list.map(({ was }) => {
        most = Math.max(most, was.clock + was.length)
        return most
      }),
    )
  }
  return function* ({ client, clock, length }) {
    const list = byClient.get(client) ?? []
    for (let i = firstBeyond(reach.get(client) ?? [], clock); i < list.length; i++) {
      const link = list[i] as Link
      looked()
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

/** Items are deleted as a whole, and an undo of one's own makes them anew as a whole. */
function* itemsIn({ store }: Y.Doc, { client, clock, length }: Span): Generator<Link> {
  const structs = store.clients.get(client)
  if (!structs || clock < 0 || clock >= Y.getState(store, client)) return
  for (let i = Y.findIndexSS(structs, clock); i < structs.length; i++) {
    const struct = structs[i] as Y.Item | Y.GC
    if (struct.id.clock >= clock + length) return
    const was = { client, clock: struct.id.clock, length: struct.length }
    const redone = struct instanceof Y.Item ? struct.redone : null
    yield redone ? { was, is: { ...redone, length: struct.length } } : itself(was)
  }
}

function partsOf({ client, clock, length }: Span, cuts: ReadonlySet<number>): Span[] {
  const ends = [...cuts, length].sort((a, b) => a - b)
  return ends.map((end, i) => ({ client, clock: clock + (ends[i - 1] ?? 0), length: end - (ends[i - 1] ?? 0) }))
}

/** Parts of a record that fare alike: which characters they were, which they are (none when they were left out), and how many. */
export type Row = { readonly was: Span; readonly is: Span | undefined }

/** Of what could be seen, in order. */
export function* rowsIn(move: Move, same: Sameness): Generator<Row> {
  const { runs, image, skip } = move
  let place = -skip
  for (const [client, clock, count, isVisible] of runs) {
    if (!isVisible) continue
    for (const [from, to] of [
      [place, Math.min(place + count, 0)],
      [Math.max(place, 0), Math.min(place + count, image[2])],
      [Math.max(place, image[2]), place + count],
    ] as const) {
      if (from >= to) continue
      const hasImage = from >= 0 && to <= image[2]
      for (const { span } of same({ client, clock: clock + from - place, length: to - from }))
        yield { was: span, is: hasImage ? { client: image[0], clock: image[1] + span.clock - clock + place, length: span.length } : undefined }
    }
    place += count
  }
}

/** The rows of characters that could be seen, and which they are in their new place: without those that were left out. */
export function* segmentsOf({ runs, image: [client, first, length], skip }: Move): Generator<{ readonly was: Span; readonly is: Span }> {
  let place = -skip
  for (const [writer, start, count, isVisible] of runs) {
    if (!isVisible) continue
    const [from, to] = [Math.max(place, 0), Math.min(place + count, length)]
    if (from < to)
      yield { was: { client: writer, clock: start + from - place, length: to - from }, is: { client, clock: first + from, length: to - from } }
    place += count
  }
}
