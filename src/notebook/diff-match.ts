/**
 * Which cell of one document is which of another: by id, then by equal source, then by lines in common, and last by words
 * in common between the same neighbours. Each step looks only at what the ones before left over, and none compares every
 * cell with every other.
 */
import { keptLines } from "#notebook/diff-lines.ts"
import type { Cell } from "#notebook/document.ts"
import { splitLines } from "#notebook/lines.ts"

/** Index before and index after. */
export type Match = readonly [before: number, after: number]

/** The matches, in the order of `after`. */
export function matchCells(before: readonly Cell[], after: readonly Cell[]): readonly Match[] {
  const pairing: Pairing = { before, after, ofBefore: new Map(), ofAfter: new Map() }
  pairByKey(pairing, (cell) => cell.id)
  pairInOrder(pairing)
  pairByKey(pairing, (cell) => (cell.source.trim() === "" ? undefined : contentOf(cell)))
  pairByLines(pairing)
  pairInGaps(pairing)
  return matches(pairing)
}

/** The largest set of matches whose order is the same on both sides: the cells that did not move. */
export function unmoved(all: readonly Match[]): readonly Match[] {
  const ends: number[] = []
  const previous: number[] = []
  for (const [i, [before]] of all.entries()) {
    const at = lowerBound(ends.length, (j) => (all[ends[j] as number] as Match)[0] >= before)
    previous[i] = at > 0 ? (ends[at - 1] as number) : -1
    ends[at] = i
  }
  const chain: Match[] = []
  for (let i = ends.at(-1) ?? -1; i >= 0; i = previous[i] as number) chain.push(all[i] as Match)
  return chain.reverse()
}

function lowerBound(length: number, holds: (i: number) => boolean): number {
  let [low, high] = [0, length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (holds(middle)) high = middle
    else low = middle + 1
  }
  return low
}

type Pairing = {
  readonly before: readonly Cell[]
  readonly after: readonly Cell[]
  readonly ofBefore: Map<number, number>
  readonly ofAfter: Map<number, number>
}

function matches({ ofAfter }: Pairing): readonly Match[] {
  return [...ofAfter].map(([after, before]): Match => [before, after]).sort((a, b) => a[1] - b[1])
}

function pair(pairing: Pairing, before: number, after: number): void {
  pairing.ofBefore.set(before, after)
  pairing.ofAfter.set(after, before)
}

function freeBefore({ before, ofBefore }: Pairing): number[] {
  return [...before.keys()].filter((i) => !ofBefore.has(i))
}

function freeAfter({ after, ofAfter }: Pairing): number[] {
  return [...after.keys()].filter((i) => !ofAfter.has(i))
}

function contentOf(cell: Cell): string {
  return `${cell.cell_type}\n${cell.source}`
}

/** Equal cells as far as they are in the same order: where one of several equal ones was removed, the others are not told as moved. */
function pairInOrder(pairing: Pairing): void {
  const { before, after, ofBefore, ofAfter } = pairing
  const left = before.map((cell, i) => (ofBefore.has(i) ? `id ${cell.id}` : contentOf(cell)))
  const right = after.map((cell, i) => (ofAfter.has(i) ? `id ${cell.id}` : contentOf(cell)))
  for (const [i, j] of keptLines(left, right)) if (!ofBefore.has(i) && !ofAfter.has(j)) pair(pairing, i, j)
}

function addTo(index: Map<string, number[]>, key: string, i: number): void {
  const known = index.get(key)
  if (known) known.push(i)
  else index.set(key, [i])
}

/** Cells with the same key, the first with the first. */
function pairByKey(pairing: Pairing, keyOf: (cell: Cell) => string | undefined): void {
  const waiting = new Map<string, number[]>()
  for (const i of freeBefore(pairing).reverse()) {
    const key = keyOf(pairing.before[i] as Cell)
    if (key !== undefined) addTo(waiting, key, i)
  }
  for (const i of freeAfter(pairing)) {
    const found = waiting.get(keyOf(pairing.after[i] as Cell) ?? "")?.pop()
    if (found !== undefined) pair(pairing, found, i)
  }
}

// A line that many cells have (a bracket, an import) says nothing about which cell is which.
const TOO_COMMON = 16
const ALIKE_BY_LINES = 0.5

/** Cells that share at least half of their text, in whole lines; the most alike first, then the nearest. */
function pairByLines(pairing: Pairing): void {
  const holders = new Map<string, number[]>()
  const sizes = new Map<number, number>()
  for (const i of freeBefore(pairing)) {
    const lines = significantLines(pairing.before[i] as Cell)
    sizes.set(i, totalLength(lines))
    for (const line of lines) addTo(holders, line, i)
  }
  const candidates = freeAfter(pairing).flatMap((i) => candidatesFor(significantLines(pairing.after[i] as Cell), i, { holders, sizes }))
  const distance = ([before, after]: Match) => Math.abs(before - after)
  candidates.sort((a, b) => b.alike - a.alike || distance(a.match) - distance(b.match))
  for (const { match } of candidates) {
    if (!pairing.ofBefore.has(match[0]) && !pairing.ofAfter.has(match[1])) pair(pairing, ...match)
  }
}

type Candidate = { readonly alike: number; readonly match: Match }

/** Of the cells before: which have a line, and how much text each has. */
type LineIndex = { readonly holders: ReadonlyMap<string, readonly number[]>; readonly sizes: ReadonlyMap<number, number> }

function candidatesFor(lines: ReadonlySet<string>, after: number, { holders, sizes }: LineIndex): readonly Candidate[] {
  const shared = new Map<number, number>()
  for (const line of lines) {
    const having = holders.get(line) ?? []
    if (having.length > TOO_COMMON) continue
    for (const before of having) shared.set(before, (shared.get(before) ?? 0) + line.length)
  }
  const size = totalLength(lines)
  return [...shared].flatMap(([before, common]) => {
    const alike = (2 * common) / (size + (sizes.get(before) ?? 0))
    return alike >= ALIKE_BY_LINES ? [{ alike, match: [before, after] as Match }] : []
  })
}

function significantLines(cell: Cell): ReadonlySet<string> {
  return new Set(
    splitLines(cell.source)
      .map((line) => line.trim())
      .filter((line) => line.length > 2),
  )
}

function totalLength(lines: ReadonlySet<string>): number {
  let total = 0
  for (const line of lines) total += line.length
  return total
}

/** Between neighbours that stayed: what is left on both sides, in order, by words in common. */
function pairInGaps(pairing: Pairing): void {
  let [fromBefore, fromAfter] = [0, 0]
  for (const [before, after] of [...unmoved(matches(pairing)), [pairing.before.length, pairing.after.length] as Match]) {
    pairGap(pairing, range(fromBefore, before, pairing.ofBefore), range(fromAfter, after, pairing.ofAfter))
    ;[fromBefore, fromAfter] = [before + 1, after + 1]
  }
}

function range(from: number, to: number, taken: ReadonlyMap<number, number>): readonly number[] {
  const free: number[] = []
  for (let i = from; i < to; i++) if (!taken.has(i)) free.push(i)
  return free
}

const ALIKE_BY_WORDS = 0.4
// How far from its own place a cell of a gap is looked for: keeps large gaps linear.
const REACH = 8

function pairGap(pairing: Pairing, before: readonly number[], after: readonly number[]): void {
  if (before.length === 0 || after.length === 0) return
  let next = 0
  for (const [position, i] of after.entries()) {
    const place = Math.max(next, Math.round((position * before.length) / after.length) - REACH)
    const options = before.slice(place, place + 2 * REACH)
    const scores = options.map((j) => alikeByWords(pairing.before[j] as Cell, pairing.after[i] as Cell))
    const best = scores.indexOf(Math.max(...scores))
    if ((scores[best] ?? 0) < ALIKE_BY_WORDS) continue
    pair(pairing, options[best] as number, i)
    next = place + best + 1
  }
}

/** Twice the words in common over all words, 0 to 1; cells of different types are never alike, two empty ones are. */
function alikeByWords(a: Cell, b: Cell): number {
  if (a.cell_type !== b.cell_type) return 0
  const [left, right] = [words(a.source), words(b.source)]
  if (left.length + right.length === 0) return 1
  const counts = new Map<string, number>()
  for (const word of left) counts.set(word, (counts.get(word) ?? 0) + 1)
  let common = 0
  for (const word of right) {
    const count = counts.get(word) ?? 0
    if (count > 0) common++
    counts.set(word, count - 1)
  }
  return (2 * common) / (left.length + right.length)
}

function words(source: string): readonly string[] {
  return source.slice(0, 4000).match(/[\p{L}\p{N}_]+|[^\s\p{L}\p{N}_]/gu) ?? []
}
