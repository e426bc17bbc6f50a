/**
 * Deflate undone (RFC 1951, in the envelope of RFC 1950): what a PNG's pixels are packed with. Pure, so that pictures are compared in
 * the browser as on the server; the caller says how many bytes there will be, and more or fewer are a broken stream.
 */

/** Bits are taken from the low end of each byte; `at` is the next byte, `held` holds `count` bits already taken. */
type Bits = { readonly bytes: Uint8Array; at: number; held: number; count: number }

/**
 * A Huffman code: how many codes there are of each length, and the symbols in the order of their codes. Short codes are looked up by
 * the bits that come next: symbol and length in one number, 0 where the code is longer.
 */
type Code = { readonly counts: Uint16Array; readonly symbols: Uint16Array; readonly short: Uint16Array }

const LONGEST_CODE = 15
const LONGEST_SHORT = 9

/** Undefined when the stream is broken or does not hold exactly `size` bytes. Its checksum is not looked at. */
export function inflate(zlib: Uint8Array, size: number): Uint8Array | undefined {
  const [method = 0, flags = 0] = zlib
  if ((method & 15) !== 8 || ((method << 8) | flags) % 31 !== 0 || (flags & 32) !== 0) return undefined
  const out = new Uint8Array(size)
  const bits: Bits = { bytes: zlib, at: 2, held: 0, count: 0 }
  let end = 0
  for (let isLast = false; !isLast; ) {
    isLast = take(bits, 1) === 1
    const kind = take(bits, 2)
    end = kind === 0 ? copyStored(bits, out, end) : kind === 3 ? -1 : inflateBlock(bits, { out, end, codes: kind === 1 ? FIXED : readCodes(bits) })
    if (end < 0) return undefined
  }
  // A stream that was cut is read on as zeros: whole bytes that were taken and not used are given back before that is asked.
  return end === size && bits.at - (bits.count >> 3) <= zlib.length ? out : undefined
}

/** The next bits as a number; zeros behind the end, which a caller notices by `isOver`. */
function take(bits: Bits, count: number): number {
  while (bits.count < count) {
    bits.held |= (bits.bytes[bits.at++] ?? 0) << bits.count
    bits.count += 8
  }
  const value = bits.held & ((1 << count) - 1)
  bits.held >>>= count
  bits.count -= count
  return value
}

function isOver({ bytes, at }: Bits): boolean {
  // A code may be looked for a few bits behind the last one.
  return at > bytes.length + 4
}

function copyStored(bits: Bits, out: Uint8Array, end: number): number {
  const { bytes } = bits
  // Whole bytes that were taken as bits are given back.
  const from = bits.at - (bits.count >> 3)
  const length = (bytes[from] ?? 0) | ((bytes[from + 1] ?? 0) << 8)
  const check = (bytes[from + 2] ?? 0) | ((bytes[from + 3] ?? 0) << 8)
  if ((length ^ check) !== 0xffff || from + 4 + length > bytes.length || end + length > out.length) return -1
  out.set(bytes.subarray(from + 4, from + 4 + length), end)
  Object.assign(bits, { at: from + 4 + length, held: 0, count: 0 })
  return end + length
}

type Codes = { readonly literals: Code; readonly distances: Code }

const LENGTH_BASE = [3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258]
const LENGTH_MORE = [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0]
const DISTANCE_BASE = [
  1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097, 6145, 8193, 12289, 16385, 24577,
]
const DISTANCE_MORE = [0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13]

/** Gives where the output ends now; -1 when the block is broken. */
function inflateBlock(
  bits: Bits,
  { out, end: start, codes }: { readonly out: Uint8Array; readonly end: number; readonly codes: Codes | undefined },
): number {
  if (!codes) return -1
  let end = start
  for (;;) {
    const symbol = nextSymbol(bits, codes.literals)
    if (symbol === 256) return end
    if (symbol < 0 || isOver(bits)) return -1
    if (symbol < 256) {
      if (end === out.length) return -1
      out[end++] = symbol
      continue
    }
    const copied = copyBack(bits, { out, end, codes, symbol })
    if (copied < 0) return -1
    end = copied
  }
}

type Copy = { readonly out: Uint8Array; readonly end: number; readonly codes: Codes; readonly symbol: number }

function copyBack(bits: Bits, { out, end, codes, symbol }: Copy): number {
  const lengthBase = LENGTH_BASE[symbol - 257]
  if (lengthBase === undefined) return -1
  const length = lengthBase + take(bits, LENGTH_MORE[symbol - 257]!)
  const code = nextSymbol(bits, codes.distances)
  const distanceBase = DISTANCE_BASE[code]
  if (distanceBase === undefined) return -1
  const distance = distanceBase + take(bits, DISTANCE_MORE[code]!)
  if (distance > end || end + length > out.length) return -1
  // Byte by byte: what is copied may overlap what it is copied to.
  for (let at = end; at < end + length; at++) out[at] = out[at - distance]!
  return end + length
}

function nextSymbol(bits: Bits, code: Code): number {
  while (bits.count < LONGEST_SHORT) {
    bits.held |= (bits.bytes[bits.at++] ?? 0) << bits.count
    bits.count += 8
  }
  const found = code.short[bits.held & ((1 << LONGEST_SHORT) - 1)]!
  if (found === 0) return nextLong(bits, code)
  const length = found & 15
  bits.held >>>= length
  bits.count -= length
  return found >> 4
}

/** Canonical codes, bit by bit: those of one length follow one another, and begin where twice the shorter ones ended. */
function nextLong(bits: Bits, { counts, symbols }: Code): number {
  let [code, first, index] = [0, 0, 0]
  for (let length = 1; length <= LONGEST_CODE; length++) {
    code |= take(bits, 1)
    const count = counts[length]!
    if (code - first < count) return symbols[index + code - first]!
    index += count
    first = (first + count) << 1
    code <<= 1
  }
  return -1
}

function codeOf(lengths: readonly number[]): Code {
  const counts = new Uint16Array(LONGEST_CODE + 1)
  for (const length of lengths) counts[length]!++
  counts[0] = 0
  const next = new Uint16Array(LONGEST_CODE + 2)
  for (let length = 1; length <= LONGEST_CODE; length++) next[length + 1] = next[length]! + counts[length]!
  const symbols = new Uint16Array(lengths.length)
  for (const [symbol, length] of lengths.entries()) if (length > 0) symbols[next[length]!++] = symbol
  return { counts, symbols, short: shortOf(counts, symbols) }
}

/** Codes come with their first bit lowest, so each stands at every place that ends in it. */
function shortOf(counts: Uint16Array, symbols: Uint16Array): Uint16Array {
  const short = new Uint16Array(1 << LONGEST_SHORT)
  let [code, index] = [0, 0]
  for (let length = 1; length <= LONGEST_SHORT; length++) {
    for (let i = 0; i < counts[length]!; i++, code++, index++) {
      const entry = (symbols[index]! << 4) | length
      for (let at = reversed(code, length); at < short.length; at += 1 << length) short[at] = entry
    }
    code <<= 1
  }
  return short
}

function reversed(code: number, length: number): number {
  let turned = 0
  for (let bit = 0; bit < length; bit++) turned |= ((code >> bit) & 1) << (length - 1 - bit)
  return turned
}

const FIXED: Codes = {
  literals: codeOf(Array.from({ length: 288 }, (_, symbol) => (symbol < 144 ? 8 : symbol < 256 ? 9 : symbol < 280 ? 7 : 8))),
  distances: codeOf(Array.from({ length: 30 }, () => 5)),
}

const ORDER = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15]

function readCodes(bits: Bits): Codes | undefined {
  const literals = take(bits, 5) + 257
  const distances = take(bits, 5) + 1
  const named = take(bits, 4) + 4
  const lengthsOfLengths = new Array<number>(19).fill(0)
  for (const symbol of ORDER.slice(0, named)) lengthsOfLengths[symbol] = take(bits, 3)
  const lengths = readLengths(bits, codeOf(lengthsOfLengths), literals + distances)
  return lengths && { literals: codeOf(lengths.slice(0, literals)), distances: codeOf(lengths.slice(literals)) }
}

function readLengths(bits: Bits, code: Code, count: number): readonly number[] | undefined {
  const lengths: number[] = []
  while (lengths.length < count) {
    const symbol = nextSymbol(bits, code)
    if (symbol < 0 || isOver(bits) || (symbol === 16 && lengths.length === 0)) return undefined
    if (symbol < 16) lengths.push(symbol)
    else if (symbol === 16) repeat(lengths, lengths.at(-1)!, 3 + take(bits, 2))
    else repeat(lengths, 0, symbol === 17 ? 3 + take(bits, 3) : 11 + take(bits, 7))
  }
  return lengths.length === count ? lengths : undefined
}

function repeat(lengths: number[], length: number, times: number): void {
  for (let i = 0; i < times; i++) lengths.push(length)
}
