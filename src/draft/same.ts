/**
 * Which characters are the same: those from one to the other of which records lead. A row of them is cut into parts of which all characters
 * fare alike, so that one is looked at for all: texts of 200 KB are split, merged and taken back by parts.
 */

import * as Y from "yjs"
import type { Looked, Span } from "#draft/characters.ts"
import type { Move } from "#draft/schema.ts"

export type Link = { readonly was: Span; readonly is: Span }

/** A part, and what else it is; undefined when there is too much to look at. */
export type Same = { readonly span: Span; readonly others: readonly Span[] | undefined }

/** Nobody comes near it who splits and merges; whoever makes up records does not keep the server busy. */
const MOST_LOOKS = 10_000_000

/** Gives the parts of a row, in order. */
export type Sameness = (span: Span) => Iterable<Same>

export function sameness(doc: Y.Doc, records: Iterable<Move>, looked?: Looked): Sameness {
  const links: Link[] = []
  for (const record of records) {
    looked?.(2 * record.runs.length)
    for (const [client, clock, length] of record.runs) links.push(itself({ client, clock, length }))
    for (const { was, is } of segmentsOf(record)) links.push({ was, is }, { was: is, is: was })
  }
  let looks = 0
  const look = (count: number) => {
    looks += count
    looked?.(count)
  }
  const linksOf = linked(links, look)
  return function* (wanted) {
    const waiting = [wanted]
    for (let span = waiting.pop(); span; span = waiting.pop()) {
      const others = [span]
      const cuts = new Set<number>()
      for (const at of others)
        for (const { was, is } of [...linksOf(at), ...itemsIn(doc, at)]) {
          look(others.length >> 3)
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

/** Those that hold for any of a row. Kept by how long they are: among those of one length few begin before the row and reach it. */
export function linked<Of extends { readonly was: Span }>(links: readonly Of[], looked?: Looked): (span: Span) => Iterable<Of> {
  const byClient = new Map<number, Of[][]>()
  for (const link of links) {
    const sizes = byClient.get(link.was.client) ?? []
    if (sizes.length === 0) byClient.set(link.was.client, sizes)
    const size = sizeOf(link.was)
    sizes[size] ??= []
    sizes[size].push(link)
  }
  for (const sizes of byClient.values()) for (const list of sizes) list?.sort((a, b) => a.was.clock - b.was.clock)
  return function* ({ client, clock, length }) {
    for (const [size, list] of byClient.get(client)?.entries() ?? []) {
      if (!list) continue
      for (let i = firstFrom(list, clock - 2 ** size); i < list.length; i++) {
        const link = list[i] as Of
        looked?.(1)
        if (link.was.clock >= clock + length) break
        if (link.was.clock + link.was.length > clock) yield link
      }
    }
  }
}

/** All of a size are at most two to the power of it long. */
function sizeOf({ length }: Span): number {
  return Math.ceil(Math.log2(Math.max(1, length)))
}

function firstFrom(list: readonly { readonly was: Span }[], clock: number): number {
  let [low, high] = [0, list.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((list[middle] as { readonly was: Span }).was.clock < clock) low = middle + 1
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
