/** The characters of a shared text one by one: who wrote each, and where it stands. Yjs numbers them by writer. */

import * as Y from "yjs"
import type { Move } from "#draft/schema.ts"

/** A character by its writer's number and its own. */
export type Id = { readonly client: number; readonly clock: number }

/** A character that will be there once more elsewhere: where in its text it stands, counting only what can be seen. */
export type Run = Move["runs"][number]

/** Told of how much is looked at. @throws TooMuch where there is a limit to that */
export type Looked = (count: number) => void

/** Every item of the text, seen or not, in order, with how many characters can be seen before it. */
export function* itemsOf(text: Y.Text, looked?: Looked): Generator<{ readonly item: Y.Item; readonly index: number }> {
  let index = 0
  for (let item = text._start; item !== null; item = item.right) {
    looked?.(1)
    yield { item, index }
    if (isSeen(item)) index += item.length
  }
}

export function isSeen(item: Y.Item): boolean {
  return !item.deleted && item.countable
}

/** What stands from `start` up to `end`, deleted or not; what was deleted right before the start is not of it. */
export function runsIn(text: Y.Text, start: number, end: number): Run[] {
  const runs: Run[] = []
  let isInside = start === 0
  for (const { item, index } of itemsOf(text)) {
    const { client, clock } = item.id
    if (!isSeen(item)) {
      if (isInside) runs.push([client, clock, item.length, 0])
      continue
    }
    const [from, to] = [Math.max(start, index), Math.min(end, index + item.length)]
    if (from < to) runs.push([client, clock + (from - index), to - from, 1])
    isInside = index + item.length >= start && index + item.length <= end
  }
  return joined(runs)
}

/** Neighbours that count on become one. */
function joined(runs: readonly Run[]): Run[] {
  const found: Run[] = []
  for (const run of runs) {
    const last = found.at(-1)
    if (last && last[0] === run[0] && last[1] + last[2] === run[1] && last[3] === run[3])
      found[found.length - 1] = [last[0], last[1], last[2] + run[2], last[3]]
    else found.push(run)
  }
  return found
}

/** Deleted; what is not here yet is not. */
export function isGone({ store }: Y.Doc, client: number, clock: number): boolean {
  const structs = store.clients.get(client)
  if (!structs || clock >= Y.getState(store, client)) return false
  const struct = structs[Y.findIndexSS(structs, clock)]
  return !(struct instanceof Y.Item) || struct.deleted
}

/** Characters that one writer wrote in a row. */
export type Span = { readonly client: number; readonly clock: number; readonly length: number }

/** Characters of many writers, kept by rows. */
export type Spans = {
  has(id: Id): boolean
  /** The parts of a row that are of them, and those that are not. */
  within(span: Span): Span[]
  without(span: Span): Span[]
  remove(span: Span): void
  readonly isEmpty: boolean
}

type Row = { start: number; end: number }

export function spansOf(list: Iterable<Span>): Spans {
  const rows = new Map<number, Row[]>()
  for (const { client, clock, length } of list) {
    const known = rows.get(client)
    const row = { start: clock, end: clock + length }
    if (known) known.push(row)
    else rows.set(client, [row])
  }
  for (const [client, known] of rows) rows.set(client, unionOf(known))
  const within = ({ client, clock, length }: Span): Span[] => {
    const found: Span[] = []
    const known = rows.get(client) ?? []
    for (let i = firstEndingAfter(known, clock); i < known.length; i++) {
      const { start, end } = known[i] as Row
      if (start >= clock + length) break
      const from = Math.max(start, clock)
      found.push({ client, clock: from, length: Math.min(end, clock + length) - from })
    }
    return found
  }
  const without = (span: Span): Span[] => {
    const found: Span[] = []
    let next = span.clock
    for (const { clock, length } of [...within(span), { clock: span.clock + span.length, length: 0 }]) {
      if (clock > next) found.push({ client: span.client, clock: next, length: clock - next })
      next = clock + length
    }
    return found
  }
  return {
    within,
    without,
    has: ({ client, clock }) => within({ client, clock, length: 1 }).length > 0,
    isEmpty: rows.size === 0,
    remove({ client, clock, length }) {
      const left = (rows.get(client) ?? []).flatMap(({ start, end }) => [
        { start, end: Math.min(end, clock) },
        { start: Math.max(start, clock + length), end },
      ])
      rows.set(
        client,
        left.filter(({ start, end }) => start < end),
      )
    },
  }
}

function unionOf(rows: readonly Row[]): Row[] {
  const found: Row[] = []
  for (const row of rows.toSorted((a, b) => a.start - b.start)) {
    const last = found.at(-1)
    if (last && row.start <= last.end) last.end = Math.max(last.end, row.end)
    else found.push({ ...row })
  }
  return found
}

function firstEndingAfter(rows: readonly Row[], clock: number): number {
  let [low, high] = [0, rows.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((rows[middle] as Row).end <= clock) low = middle + 1
    else high = middle
  }
  return low
}

export function removeSpans(source: Y.Text, gone: Spans, looked?: Looked): void {
  const found: { readonly at: number; readonly length: number }[] = []
  for (const { item, index } of itemsOf(source, looked))
    if (isSeen(item))
      for (const { clock, length } of gone.within({ client: item.id.client, clock: item.id.clock, length: item.length }))
        found.push({ at: index + clock - item.id.clock, length })
  for (const { at, length } of found.toReversed()) source.delete(at, length)
}
