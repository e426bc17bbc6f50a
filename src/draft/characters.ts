/** The characters of a shared text one by one: who wrote each, and where it stands. Yjs numbers them by writer. */

import type * as Y from "yjs"
import type { Move } from "#draft/schema.ts"

/** A character that will be there once more elsewhere: where in its text it stands, counting only what can be seen. */
export type Run = Move["runs"][number]

/** Every item of the text, seen or not, in order, with how many characters can be seen before it. */
export function* itemsOf(text: Y.Text): Generator<{ readonly item: Y.Item; readonly index: number }> {
  let index = 0
  for (let item = text._start; item !== null; item = item.right) {
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
