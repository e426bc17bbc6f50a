/** The byte side of reading JSON: long strings are found, checked and left where they stand. See json.ts. */
import { StringSpan } from "#base/json-value.ts"

/**
 * A text whose long strings were emptied to `""`; `at` is where in the text the opening quote of such a hole stands.
 * With `cut`, the text ends before a string that may not stand between quotes: what is wrong before that comes first.
 */
export type Punched = {
  readonly text: string
  readonly cut?: Failure
  readonly holes: readonly { readonly at: number; readonly span: StringSpan; points(): number }[]
}

/** What is wrong at which byte. */
export type Failure = { readonly at: number; readonly why: string }

export type Decoding = {
  /** Ill-formed strings are not left as spans, so that they can be replaced. */
  readonly replace: boolean
  decode(part: Uint8Array, start: number): string
}

const QUOTE = 34
const BACKSLASH = 92

/** Decodes all but the strings longer than `over` bytes. */
export function holesIn(bytes: Uint8Array, over: number, decoding: Decoding): Punched {
  const holes: Punched["holes"][number][] = []
  let text = ""
  let from = 0
  let at = 0
  for (;;) {
    const open = bytes.indexOf(QUOTE, at)
    const close = open < 0 ? -1 : closingQuote(bytes, open + 1)
    if (close < 0) return { text: text + decoding.decode(bytes.subarray(from), from), holes }
    at = close + 1
    if (close - open - 1 <= over || isKey(bytes, at)) continue
    const plain = isPlain(bytes, open + 1, close)
    const failure = plain ? undefined : stringFailure(bytes, open + 1, close)
    if (failure && decoding.replace) continue
    if (failure) return { text: text + decoding.decode(bytes.subarray(from, open), from), holes, cut: failure }
    text += decoding.decode(bytes.subarray(from, open + 1), from)
    const span = new StringSpan(open + 1, close - open - 1, plain)
    holes.push({ at: text.length - 1, span, points: () => codePoints(bytes, span.start, span.start + span.length) })
    from = close
  }
}

function closingQuote(bytes: Uint8Array, from: number): number {
  for (let at = from; ; ) {
    const quote = bytes.indexOf(QUOTE, at)
    if (quote < 0) return -1
    let before = quote - 1
    while (before >= from && bytes[before] === BACKSLASH) before--
    if ((quote - before) % 2 === 1) return quote
    at = quote + 1
  }
}

function isKey(bytes: Uint8Array, from: number): boolean {
  let at = from
  while (bytes[at] === 32 || bytes[at] === 10 || bytes[at] === 13 || bytes[at] === 9) at++
  return bytes[at] === 58
}

/** Only ASCII from the blank up, and no backslash. */
function isPlain(bytes: Uint8Array, start: number, end: number): boolean {
  const alignedStart = start + ((4 - ((bytes.byteOffset + start) % 4)) % 4)
  const words = Math.floor((end - alignedStart) / 4)
  if (words <= 0) return isPlainBytewise(bytes, start, end)
  if (!wordsPlain(new Int32Array(bytes.buffer, bytes.byteOffset + alignedStart, words))) return false
  if (!isPlainBytewise(bytes, start, alignedStart) || !isPlainBytewise(bytes, alignedStart + words * 4, end)) return false
  return !bytes.subarray(start, end).includes(BACKSLASH)
}

// Four bytes at a time: subtracting a blank from each sets a high bit exactly where a byte was below it.
function wordsPlain(words: Int32Array): boolean {
  let bad = 0
  for (let i = 0; i < words.length; i++) {
    const word = words[i] as number
    bad |= word | (word - 0x20202020)
  }
  return (bad & 0x80808080) === 0
}

function isPlainBytewise(bytes: Uint8Array, start: number, end: number): boolean {
  for (let i = start; i < end; i++) {
    const byte = bytes[i] as number
    if (byte < 32 || byte > 126 || byte === BACKSLASH) return false
  }
  return true
}

function codePoints(bytes: Uint8Array, start: number, end: number): number {
  let count = 0
  for (let i = start; i < end; i++) if (((bytes[i] as number) & 0xc0) !== 0x80) count++
  return count
}

/** What a long string holds that may not stand between quotes; undefined when all is well. */
function stringFailure(bytes: Uint8Array, start: number, end: number): Failure | undefined {
  for (let i = start; i < end; ) {
    const byte = bytes[i] as number
    if (byte < 32) return { at: i, why: "a control character stands in a string, where it must be escaped" }
    const length = byte === BACKSLASH ? escapeLength(bytes, i) : byte < 0x80 ? 1 : utf8Length(bytes, i)
    if (length > 0) i += length
    else if (byte !== BACKSLASH) return utf8Failure(bytes, i)
    else if (length === 0) return { at: i, why: "a backslash is followed by something that is no JSON escape" }
    else return { at: i, why: "half of a surrogate pair stands alone, which no UTF-8 file can hold" }
  }
  return undefined
}

/** How many bytes the escape takes, a surrogate pair being one; 0 for no escape, -1 for half a pair. */
function escapeLength(bytes: Uint8Array, at: number): number {
  const letter = bytes[at + 1] as number
  if (letter !== 117) return '"\\/bfnrt'.includes(String.fromCharCode(letter)) ? 2 : 0
  const unit = hexUnit(bytes, at)
  if (unit < 0) return 0
  if (unit < 0xd800 || unit > 0xdfff) return 6
  const low = unit < 0xdc00 ? hexUnit(bytes, at + 6) : -1
  return low >= 0xdc00 && low <= 0xdfff ? 12 : -1
}

/** The code unit of a \uXXXX at this place; -1 when there is none. */
function hexUnit(bytes: Uint8Array, at: number): number {
  if (bytes[at] !== BACKSLASH || bytes[at + 1] !== 117) return -1
  const digits = String.fromCharCode(...bytes.subarray(at + 2, at + 6))
  return /^[0-9a-fA-F]{4}$/.test(digits) ? Number.parseInt(digits, 16) : -1
}

/** How many bytes the character that begins here takes in UTF-8; 0 when none does. */
function utf8Length(bytes: Uint8Array, at: number): number {
  const lead = bytes[at] as number
  const second = bytes[at + 1] ?? 0
  const follows = (offset: number) => ((bytes[at + offset] ?? 0) & 0xc0) === 0x80
  if (lead < 0x80) return 1
  if (lead >= 0xc2 && lead <= 0xdf) return follows(1) ? 2 : 0
  if (lead === 0xe0 ? second < 0xa0 : lead === 0xed ? second > 0x9f : false) return 0
  if (lead >= 0xe0 && lead <= 0xef) return follows(1) && follows(2) ? 3 : 0
  if (lead === 0xf0 ? second < 0x90 : lead === 0xf4 ? second > 0x8f : false) return 0
  return lead >= 0xf0 && lead <= 0xf4 && follows(1) && follows(2) && follows(3) ? 4 : 0
}

/** The first byte from `start` on that belongs to no UTF-8 character. */
export function utf8Failure(bytes: Uint8Array, start: number): Failure {
  let at = start
  for (let length = 1; at < bytes.length; at += length) {
    length = utf8Length(bytes, at)
    if (length === 0) break
  }
  const byte = (bytes[at] ?? 0).toString(16).padStart(2, "0")
  return { at, why: `the byte 0x${byte} is not UTF-8 text: save the file in the UTF-8 encoding` }
}

/** Line and column of a byte, counted from 1, columns in code points. A byte order mark is no column. */
export function placeInBytes(bytes: Uint8Array, at: number): { readonly line: number; readonly column: number } {
  let line = 1
  let lineStart = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0
  for (let i = bytes.indexOf(10); i >= 0 && i < at; i = bytes.indexOf(10, lineStart)) {
    line++
    lineStart = i + 1
  }
  return { line, column: 1 + codePoints(bytes, Math.min(lineStart, at), at) }
}
