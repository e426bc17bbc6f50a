/** Line by line, what makes one text out of another: Myers' shortest edit script, as hunks. */
import { splitLines, withoutEnd } from "#notebook/lines.ts"

/** Lines that were taken out and lines that stand there instead; either list may be empty. Lines carry their ends and count from 0. */
export type Hunk = {
  readonly before: { readonly start: number; readonly lines: readonly string[] }
  readonly after: { readonly start: number; readonly lines: readonly string[] }
}

/**
 * The hunks in order, with everything between them unchanged; none when the texts are equal.
 *
 * The last line of a cell has no end, so adding a line after it gives it one: that alone is not told as a change of that
 * line, unless nothing else changed.
 */
export function diffText(before: string, after: string): readonly Hunk[] {
  if (before === after) return []
  const [a, b] = [splitLines(before), splitLines(after)]
  const hunks = hunksBetween(a, b, keptLines(ended(a), ended(b)))
  return hunks.length > 0 ? hunks : [{ before: lastOf(a), after: lastOf(b) }]
}

function ended(lines: readonly string[]): readonly string[] {
  const last = lines.at(-1)
  return last === undefined || last !== withoutEnd(last) ? lines : [...lines.slice(0, -1), `${last}\n`]
}

function lastOf(lines: readonly string[]): Hunk["before"] {
  return { start: Math.max(0, lines.length - 1), lines: lines.slice(-1) }
}

export function diffLines(a: readonly string[], b: readonly string[]): readonly Hunk[] {
  return hunksBetween(a, b, keptLines(a, b))
}

/** The indexes, on both sides and in order, of a largest set of lines that stay; fewer where the texts are very far apart. */
export function keptLines(a: readonly string[], b: readonly string[]): readonly Pair[] {
  const shorter = Math.min(a.length, b.length)
  let head = 0
  while (head < shorter && a[head] === b[head]) head++
  let tail = 0
  while (tail < shorter - head && a[a.length - 1 - tail] === b[b.length - 1 - tail]) tail++
  const middle = keptPairs(a.slice(head, a.length - tail), b.slice(head, b.length - tail))
  const along = (x: number, y: number, count: number) => Array.from({ length: count }, (_, i): Pair => [x + i, y + i])
  return [...along(0, 0, head), ...middle.map(([x, y]): Pair => [x + head, y + head]), ...along(a.length - tail, b.length - tail, tail)]
}

export type Pair = readonly [number, number]

/** Every stretch before, between and after lines that stay. */
function hunksBetween(a: readonly string[], b: readonly string[], pairs: readonly Pair[]): readonly Hunk[] {
  const hunks: Hunk[] = []
  let [x, y] = [0, 0]
  for (const [nextX, nextY] of [...pairs, [a.length, b.length] as Pair]) {
    if (nextX > x || nextY > y) hunks.push({ before: { start: x, lines: a.slice(x, nextX) }, after: { start: y, lines: b.slice(y, nextY) } })
    ;[x, y] = [nextX + 1, nextY + 1]
  }
  return hunks
}

// Time and memory grow with the square of the number of edits. Texts further apart than this have little in common, and
// are told as one replacement.
const MOST_EDITS = 1000

function keptPairs(a: readonly string[], b: readonly string[]): readonly Pair[] {
  if (a.length === 0 || b.length === 0) return []
  const trace: Int32Array[] = []
  const most = Math.min(a.length + b.length, MOST_EDITS)
  const furthest = new Int32Array(2 * most + 2)
  for (let edits = 0; edits <= most; edits++) {
    trace.push(furthest.slice(most - edits, most + edits + 1))
    for (let k = -edits; k <= edits; k += 2) {
      let x = firstStep(furthest, most, k, edits)
      while (x < a.length && x - k < b.length && a[x] === b[x - k]) x++
      furthest[most + k] = x
      if (x >= a.length && x - k >= b.length) return walkBack(trace, a.length, b.length)
    }
  }
  return []
}

/** Where diagonal k begins after one more edit: a line taken out (from the left) or put in (from above). */
function firstStep(furthest: Int32Array, zero: number, k: number, edits: number): number {
  const above = k < edits ? (furthest[zero + k + 1] as number) : -1
  const left = k > -edits ? (furthest[zero + k - 1] as number) : -1
  return k === -edits || (k !== edits && left < above) ? above : left + 1
}

function walkBack(trace: readonly Int32Array[], lengthA: number, lengthB: number): readonly Pair[] {
  const pairs: Pair[] = []
  let [x, y] = [lengthA, lengthB]
  for (let edits = trace.length - 1; edits > 0; edits--) {
    const furthest = trace[edits] as Int32Array
    const k = x - y
    const down = k === -edits || (k !== edits && (furthest[edits + k - 1] as number) < (furthest[edits + k + 1] as number))
    const before = k + (down ? 1 : -1)
    const startX = furthest[edits + before] as number
    const enteredX = down ? startX : startX + 1
    while (x > enteredX) pairs.push([--x, --y])
    ;[x, y] = [startX, startX - before]
  }
  while (x > 0 && y > 0) pairs.push([--x, --y])
  return pairs.reverse()
}
