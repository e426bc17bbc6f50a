/**
 * A binary delta: how to make one text out of another that is much like it.
 *
 * Form: varints of the target's length, the number of steps and the bytes of new content; then for each step three varints —
 * how many new bytes, how many copied bytes, and where the copy starts, counted from the end of the last copy (zigzag); then
 * the new content of all steps. Kept apart from the steps, it compresses better.
 *
 * Found by hashing the base in blocks and rolling the same hash over the target; what fits is grown in both directions.
 */

/** Undefined when the delta is none, or is none of this base. What it makes is no longer than `limitBytes`. */
export function applyDelta(base: Uint8Array, delta: Uint8Array, limitBytes = 2 ** 31 - 1): Uint8Array | undefined {
  const reader = { bytes: delta, at: 0 }
  const length = readVarint(reader)
  const count = readVarint(reader)
  const fresh = readVarint(reader)
  if (length > limitBytes || fresh > length || count > delta.length) return undefined
  const steps = Array.from({ length: count }, () => [readVarint(reader), readVarint(reader), unzigzag(readVarint(reader))] as const)
  const total = steps.reduce((sum, [insert, copy]) => sum + insert + copy, 0)
  if (!(total === length && reader.at + fresh === delta.length)) return undefined
  return performed(base, { steps, length, fresh: delta.subarray(reader.at) })
}

type Step = readonly [insert: number, copy: number, gap: number]
type Plan = { readonly steps: readonly Step[]; readonly length: number; readonly fresh: Uint8Array }

function performed(base: Uint8Array, { steps, length, fresh }: Plan): Uint8Array | undefined {
  const target = new Uint8Array(length)
  let at = 0
  let used = 0
  let from = 0
  for (const [insert, copy, gap] of steps) {
    if (used + insert > fresh.length) return undefined
    target.set(fresh.subarray(used, used + insert), at)
    used += insert
    at += insert
    from += gap
    if (copy > 0 && !(from >= 0 && from + copy <= base.length)) return undefined
    target.set(base.subarray(from, from + copy), at)
    from += copy
    at += copy
  }
  return used === fresh.length ? target : undefined
}

/** How to make the target out of the base. Never longer than the target by more than a few bytes. */
export function makeDelta(base: Uint8Array, target: Uint8Array): Uint8Array {
  const head = commonPrefix(base, target)
  const tail = commonSuffix(base, target, Math.min(base.length, target.length) - head)
  const writing: Writing = { target, done: 0, from: 0, steps: [], fresh: [] }
  if (head > 0) copyTo(writing, { at: 0, from: 0, length: head })
  if (target.length - tail > head) scan(base, { writing, end: target.length - tail })
  if (tail > 0) copyTo(writing, { at: target.length - tail, from: base.length - tail, length: tail })
  return finished(writing)
}

type Writing = {
  readonly target: Uint8Array
  /** How much of the target is written. */
  done: number
  /** Where in the base the last copy ended. */
  from: number
  readonly steps: Step[]
  readonly fresh: Uint8Array[]
}

type Copy = { readonly at: number; readonly from: number; readonly length: number }

function copyTo(writing: Writing, { at, from, length }: Copy): void {
  writing.fresh.push(writing.target.subarray(writing.done, at))
  writing.steps.push([at - writing.done, length, from - writing.from])
  writing.done = at + length
  writing.from = from + length
}

function finished({ target, done, steps, fresh }: Writing): Uint8Array {
  const rest = target.subarray(done)
  const all: readonly Step[] = rest.length > 0 ? [...steps, [rest.length, 0, 0]] : steps
  const freshBytes = all.reduce((sum, [insert]) => sum + insert, 0)
  const out: number[] = []
  for (const number of [target.length, all.length, freshBytes]) writeVarint(out, number)
  for (const [insert, copy, gap] of all) {
    writeVarint(out, insert)
    writeVarint(out, copy)
    writeVarint(out, zigzag(gap))
  }
  const delta = new Uint8Array(out.length + freshBytes)
  delta.set(out)
  let at = out.length
  for (const piece of [...fresh, rest]) {
    delta.set(piece, at)
    at += piece.length
  }
  return delta
}

/** A match shorter than this costs more to name than to write anew. */
const BLOCK = 16
/** How many places of the base with the same hash are tried, and from which length on the first that fits is taken. */
const CANDIDATES = 16
const GOOD = 256
const PRIME = 0x01000193

/** The base's blocks by their hash: `first` has the newest block of a hash plus one, `next` the one before it. */
type Index = { readonly first: Int32Array; readonly next: Int32Array; readonly mask: number; readonly block: number }

function indexOf(base: Uint8Array): Index {
  // Larger blocks for larger bases: the index takes at most some 8 MB.
  const block = Math.max(BLOCK, 2 ** Math.ceil(Math.log2(base.length / 2 ** 20 || 1)))
  const count = Math.floor(base.length / block)
  const size = 2 ** Math.ceil(Math.log2(Math.max(2, count * 2)))
  const index = { first: new Int32Array(size), next: new Int32Array(count), mask: size - 1, block }
  // From the end, so that of equal blocks the first in the base is tried first.
  for (let i = count - 1; i >= 0; i--) {
    const slot = mixed(hashAt(base, i * block, block)) & index.mask
    index.next[i] = index.first[slot] as number
    index.first[slot] = i + 1
  }
  return index
}

function hashAt(bytes: Uint8Array, at: number, length: number): number {
  let hash = 0
  for (let i = at; i < at + length; i++) hash = (Math.imul(hash, PRIME) + (bytes[i] as number)) | 0
  return hash
}

/** The rolling hash keeps its disorder in the high bits; the table is addressed by the low ones. */
function mixed(hash: number): number {
  const once = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d)
  return once ^ (once >>> 13)
}

function scan(base: Uint8Array, { writing, end }: { writing: Writing; end: number }): void {
  const { target } = writing
  const index = indexOf(base)
  const { block } = index
  const outgoing = power(PRIME, block - 1)
  let at = writing.done
  let hash = at + block <= end ? hashAt(target, at, block) : 0
  while (at + block <= end) {
    const match = bestMatch(base, index, { target, at, end, slot: mixed(hash) & index.mask, expected: writing.from + at - writing.done })
    if (match && match.length >= BLOCK) {
      const grown = grownBack(base, writing, match)
      copyTo(writing, grown)
      at = writing.done
      if (at + block <= end) hash = hashAt(target, at, block)
      continue
    }
    hash = (Math.imul(hash - Math.imul(target[at] as number, outgoing), PRIME) + (target[at + block] as number)) | 0
    at++
  }
}

function power(base: number, exponent: number): number {
  let result = 1
  for (let i = 0; i < exponent; i++) result = Math.imul(result, base)
  return result
}

type Look = {
  readonly target: Uint8Array
  readonly at: number
  readonly end: number
  readonly slot: number
  /** Where the base would go on if as much of it had been replaced as was written anew. */
  readonly expected: number
}

function bestMatch(base: Uint8Array, index: Index, { target, at, end, slot, expected }: Look): Copy | undefined {
  let best: Copy | undefined
  const consider = (from: number) => {
    const length = commonLength(base, from, { target, at, end })
    if (length > (best?.length ?? 0)) best = { at, from, length }
  }
  if (expected >= 0 && expected < base.length && base[expected] === target[at]) consider(expected)
  let block = index.first[slot] as number
  for (let tried = 0; block !== 0 && tried < CANDIDATES && (best?.length ?? 0) < GOOD; tried++) {
    consider((block - 1) * index.block)
    block = index.next[block - 1] as number
  }
  return best
}

function commonLength(base: Uint8Array, from: number, { target, at, end }: Pick<Look, "target" | "at" | "end">): number {
  const most = Math.min(base.length - from, end - at)
  let length = 0
  while (length < most && base[from + length] === target[at + length]) length++
  return length
}

/** What was about to be written anew just before a match may belong to it. */
function grownBack(base: Uint8Array, { target, done }: Writing, { at, from, length }: Copy): Copy {
  let back = 0
  while (at - back > done && from - back > 0 && base[from - back - 1] === target[at - back - 1]) back++
  return { at: at - back, from: from - back, length: length + back }
}

function commonPrefix(a: Uint8Array, b: Uint8Array): number {
  const most = Math.min(a.length, b.length)
  let length = 0
  while (length < most && a[length] === b[length]) length++
  return length
}

function commonSuffix(a: Uint8Array, b: Uint8Array, most: number): number {
  let length = 0
  while (length < most && a[a.length - 1 - length] === b[b.length - 1 - length]) length++
  return length
}

function zigzag(value: number): number {
  return value < 0 ? -2 * value - 1 : 2 * value
}

function unzigzag(value: number): number {
  return value % 2 === 1 ? -(value + 1) / 2 : value / 2
}

/** LEB128. Divides, because a shift would cut at 32 bits. */
export function writeVarint(out: number[], value: number): void {
  let rest = value
  while (rest >= 128) {
    out.push((rest % 128) + 128)
    rest = Math.floor(rest / 128)
  }
  out.push(rest)
}

/** NaN past the end, and for what is longer than a safe integer; every comparison with it is false. */
export function readVarint(reader: { readonly bytes: Uint8Array; at: number }): number {
  let value = 0
  let unit = 1
  for (let i = 0; i < 8; i++) {
    const byte = reader.bytes[reader.at]
    if (byte === undefined) return Number.NaN
    reader.at++
    value += (byte % 128) * unit
    if (byte < 128) return Number.isSafeInteger(value) ? value : Number.NaN
    unit *= 128
  }
  return Number.NaN
}
