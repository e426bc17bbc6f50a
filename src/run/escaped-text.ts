/** Text that stands in bytes as JSON writes it, between its quotes, and is read from them a part at a time. */
import type { StringSpan } from "#base/json.ts"

const DECODER = new TextDecoder()
const KEY_BYTES = 16
const QUOTE = 0x22
const BACKSLASH = 0x5c
const SMALL_U = 0x75
const SMALL_D = 0x64

/** The text of bytes that were cut where `safeCut` says. */
export function unescaped(bytes: Uint8Array): string {
  return JSON.parse(`"${DECODER.decode(bytes)}"`) as string
}

/** The last place where bytes that begin between characters can be cut without splitting an escape, a pair of surrogates or a character. */
export function safeCut(bytes: Uint8Array): number {
  for (let at = 0; at < bytes.length; ) {
    const next = at + widthAt(bytes, at)
    if (next > bytes.length) return at
    at = next
  }
  return bytes.length
}

function widthAt(bytes: Uint8Array, at: number): number {
  const byte = bytes[at]!
  if (byte === BACKSLASH) return bytes[at + 1] === SMALL_U ? escapeWidth(bytes, at) : 2
  return byte < 0x80 ? 1 : byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4
}

/** A high surrogate and the escape behind it are one character; what is behind it may also be out of sight. */
function escapeWidth(bytes: Uint8Array, at: number): number {
  const isHigh = (bytes[at + 2]! | 0x20) === SMALL_D && /[89ab]/i.test(String.fromCharCode(bytes[at + 3] ?? 0))
  const behind = bytes[at + 6]
  return isHigh && (behind === undefined || behind === BACKSLASH) ? 12 : 6
}

/** The beginning of a message's `text` of which only the place in the journal is known, from its content frame; at most so many bytes. */
export function beginningOf(span: StringSpan, frame: Uint8Array, mostBytes: number): string {
  const start = placeIn(frame, span.length)
  if (start < 0) return ""
  const bytes = frame.subarray(start, start + Math.min(span.length, mostBytes))
  return unescaped(bytes.subarray(0, safeCut(bytes)))
}

// What surrounds the text in its frame is little, and only there can it begin: behind its key, with a quote behind itself.
function placeIn(frame: Uint8Array, length: number): number {
  for (let start = 1; start + length < frame.length; start++) {
    if (frame[start - 1] !== QUOTE || frame[start + length] !== QUOTE) continue
    if (/"text"\s*:\s*$/.test(DECODER.decode(frame.subarray(Math.max(0, start - KEY_BYTES), start - 1)))) return start
  }
  return -1
}
