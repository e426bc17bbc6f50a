/**
 * How the bytes of a version are kept.
 *
 * Large outputs are cut out and kept as blobs, once however many versions have them. What is left, the skeleton, begins with
 * what was cut: a varint with the number of holes, and for each a varint with the bytes from the last hole (in the text that is
 * left), the 32 bytes of its SHA-256 and a varint with its length; then the text that is left.
 *
 * A skeleton is kept whole or as a delta against that of an earlier version, packed, in the database when it is small and else
 * as a blob. Bases are chosen as in a skip list, so that n versions are n deltas and any version is made in at most log2(n)
 * steps: counted from 0, version i stands on i with its lowest bit cleared.
 */
import { joined } from "#base/bytes.ts"
import { readVarint, writeVarint } from "#library/delta.ts"
import { largeOutputs, type Span } from "#library/stored-spans.ts"

/** Outputs longer than this are blobs of their own. */
export const LARGE_OUTPUT_BYTES = 64 * 1024

/** What is longer goes to the blob store. */
export const INLINE_BYTES = 16 * 1024

/** A delta must be smaller than this share of the whole, both packed: else reading it costs more than it saves. */
export const DELTA_SHARE = 0.5

/** What one version can hold at most; more than the notebook room reads. */
export const MOST_BYTES = 1024 * 1024 * 1024

/** The number of the version that this one's delta is made against; undefined for the first. */
export function baseOf(number: number): number | undefined {
  const index = number - 1
  return index === 0 ? undefined : (index & (index - 1)) + 1
}

export type Hole = { readonly at: number; readonly sha256: string; readonly length: number }

export type Cut = { readonly text: Uint8Array; readonly outputs: readonly { readonly at: number; readonly bytes: Uint8Array }[] }

/** The bytes without their large outputs. `at` counts in the text that is left. */
export function cutOutputs(bytes: Uint8Array): Cut {
  const spans = largeOutputs(bytes, LARGE_OUTPUT_BYTES)
  const kept = complement(spans, bytes.length).map(({ from, to }) => bytes.subarray(from, to))
  let at = 0
  const outputs = spans.map(({ from, to }, i) => {
    at += (kept[i] as Uint8Array).length
    return { at, bytes: bytes.subarray(from, to) }
  })
  return { text: joined(kept), outputs }
}

/** What lies before, between and after: always one more than there are spans. */
function complement(spans: readonly Span[], length: number): Span[] {
  const starts = [0, ...spans.map(({ to }) => to)]
  const ends = [...spans.map(({ from }) => from), length]
  return starts.map((from, i) => ({ from, to: ends[i] as number }))
}

export function writeSkeleton(text: Uint8Array, holes: readonly Hole[]): Uint8Array {
  const head: number[] = []
  writeVarint(head, holes.length)
  let before = 0
  for (const { at, sha256, length } of holes) {
    writeVarint(head, at - before)
    head.push(...bytesOfHex(sha256))
    writeVarint(head, length)
    before = at
  }
  return joined([Uint8Array.from(head), text])
}

export type Skeleton = { readonly text: Uint8Array; readonly holes: readonly Hole[] }

/** Undefined when these bytes are no skeleton. */
export function readSkeleton(bytes: Uint8Array): Skeleton | undefined {
  const reader = { bytes, at: 0 }
  const count = readVarint(reader)
  if (!(count <= bytes.length / 34)) return undefined
  const holes: Hole[] = []
  let at = 0
  for (let i = 0; i < count; i++) {
    at += readVarint(reader)
    const sha256 = hexOf(bytes.subarray(reader.at, reader.at + 32))
    reader.at += 32
    holes.push({ at, sha256, length: readVarint(reader) })
  }
  const text = bytes.subarray(reader.at)
  const sizeBytes = holes.reduce((sum, hole) => sum + hole.length, text.length)
  return reader.at <= bytes.length && at <= text.length && sizeBytes <= MOST_BYTES ? { text, holes } : undefined
}

/** The bytes as they came. `outputs` are those of the holes, in order; undefined when one has not the length it should. */
export function fillHoles({ text, holes }: Skeleton, outputs: readonly Uint8Array[]): Uint8Array | undefined {
  if (holes.some((hole, i) => outputs[i]?.length !== hole.length)) return undefined
  const cuts = [0, ...holes.map(({ at }) => at), text.length]
  return joined([...holes.flatMap((_, i) => [text.subarray(cuts[i], cuts[i + 1]), outputs[i] as Uint8Array]), text.subarray(cuts.at(-2))])
}

function bytesOfHex(hex: string): number[] {
  return Array.from({ length: hex.length / 2 }, (_, i) => Number.parseInt(hex.slice(i * 2, i * 2 + 2), 16))
}

function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("")
}
