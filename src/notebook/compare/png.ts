/**
 * The pixels of a PNG (ISO/IEC 15948): every colour type and depth, interlaced or not, as 8-bit red, green, blue, alpha. What is not
 * pixels (text, gamma, the time it was written) is left alone: it is what differs between two drawings of the same figure.
 */
import { joined } from "#base/bytes.ts"
import { inflate } from "#notebook/compare/inflate.ts"

/** Four bytes a pixel, row by row from the top. */
export type Picture = { readonly width: number; readonly height: number; readonly rgba: Uint8Array }

type Header = {
  readonly width: number
  readonly height: number
  readonly depth: number
  readonly colour: number
  readonly isInterlaced: boolean
}

type Chunks = { readonly header: Header; readonly palette: Uint8Array; readonly transparent: Uint8Array | undefined; readonly packed: Uint8Array }

/** Pixels of more than this are not looked at: a small file can unpack to any size. */
const MOST_PIXELS = 16_000_000

const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]
// Grey, colour, palette, grey with alpha, colour with alpha.
const CHANNELS: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 }
const DEPTHS: Readonly<Record<number, readonly number[]>> = { 0: [1, 2, 4, 8, 16], 2: [8, 16], 3: [1, 2, 4, 8], 4: [8, 16], 6: [8, 16] }

/** Undefined for what is no PNG, is broken, or is larger than is looked at. */
export function pixelsOf(bytes: Uint8Array): Picture | undefined {
  const chunks = chunksOf(bytes)
  if (!chunks) return undefined
  const { header } = chunks
  const passes = passesOf(header)
  const size = passes.reduce((sum, pass) => sum + pass.height * (1 + bytesOfRow(header, pass.width)), 0)
  const rows = inflate(chunks.packed, size)
  if (!rows) return undefined
  const rgba = new Uint8Array(header.width * header.height * 4)
  let at = 0
  for (const pass of passes) {
    const isRight = unfilter(rows, { at, pass, header })
    if (!isRight) return undefined
    draw(rgba, { rows, at, pass, chunks })
    at += pass.height * (1 + bytesOfRow(header, pass.width))
  }
  return { width: header.width, height: header.height, rgba }
}

function chunksOf(bytes: Uint8Array): Chunks | undefined {
  if (bytes.length < 33 || SIGNATURE.some((byte, at) => bytes[at] !== byte)) return undefined
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const header = headerOf(view)
  if (!header) return undefined
  let palette: Uint8Array = new Uint8Array()
  let transparent: Uint8Array | undefined
  const packed: Uint8Array[] = []
  for (let at = 8; at + 12 <= bytes.length; ) {
    const length = view.getUint32(at)
    const type = String.fromCharCode(...bytes.subarray(at + 4, at + 8))
    if (at + 12 + length > bytes.length) return undefined
    const data = bytes.subarray(at + 8, at + 8 + length)
    if (type === "PLTE") palette = data
    if (type === "tRNS") transparent = data
    if (type === "IDAT") packed.push(data)
    if (type === "IEND") return { header, palette, transparent, packed: joined(packed) }
    at += 12 + length
  }
  return undefined
}

function headerOf(view: DataView): Header | undefined {
  if (view.getUint32(8) !== 13 || view.getUint32(12) !== 0x49484452) return undefined
  const [width, height, depth, colour] = [view.getUint32(16), view.getUint32(20), view.getUint8(24), view.getUint8(25)]
  const [packing, filtering, interlacing] = [view.getUint8(26), view.getUint8(27), view.getUint8(28)]
  const isKnown = DEPTHS[colour]?.includes(depth) === true && packing === 0 && filtering === 0 && interlacing <= 1
  if (!isKnown || width === 0 || height === 0 || width * height > MOST_PIXELS) return undefined
  return { width, height, depth, colour, isInterlaced: interlacing === 1 }
}

/** One image whose pixels stand at x0 + i·dx, y0 + j·dy of the whole. */
type Pass = { readonly width: number; readonly height: number; readonly x0: number; readonly y0: number; readonly dx: number; readonly dy: number }

// Adam7's seven: where each begins, and its steps.
const ADAM7 = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
] as const

function passesOf({ width, height, isInterlaced }: Header): readonly Pass[] {
  if (!isInterlaced) return [{ width, height, x0: 0, y0: 0, dx: 1, dy: 1 }]
  return ADAM7.map(([x0, y0, dx, dy]) => ({
    width: Math.max(0, Math.ceil((width - x0) / dx)),
    height: Math.max(0, Math.ceil((height - y0) / dy)),
    ...{ x0, y0, dx, dy },
  })).filter((pass) => pass.width > 0 && pass.height > 0)
}

function bitsOfPixel({ colour, depth }: Header): number {
  return CHANNELS[colour]! * depth
}

function bytesOfRow(header: Header, width: number): number {
  return Math.ceil((width * bitsOfPixel(header)) / 8)
}

type Place = { readonly at: number; readonly pass: Pass; readonly header: Header }

/** In place: each row's bytes from their differences to the pixels at the left and above. False for a filter that does not exist. */
function unfilter(rows: Uint8Array, { at: start, pass, header }: Place): boolean {
  const length = bytesOfRow(header, pass.width)
  const step = Math.max(1, bitsOfPixel(header) >> 3)
  for (let y = 0; y < pass.height; y++) {
    const row = start + y * (1 + length)
    const filter = rows[row]!
    if (filter > 4) return false
    if (filter > 0) unfilterRow(rows, { filter, step, from: row + 1, length, above: y === 0 ? -1 : row - length })
  }
  return true
}

type Row = { readonly filter: number; readonly step: number; readonly from: number; readonly length: number; readonly above: number }

function unfilterRow(rows: Uint8Array, { filter, step, from, length, above }: Row): void {
  for (let i = 0; i < length; i++) {
    const left = i < step ? 0 : rows[from + i - step]!
    const up = above < 0 ? 0 : rows[above + i]!
    const corner = i < step || above < 0 ? 0 : rows[above + i - step]!
    const expected = filter === 1 ? left : filter === 2 ? up : filter === 3 ? (left + up) >> 1 : paeth(left, up, corner)
    rows[from + i] = rows[from + i]! + expected
  }
}

function paeth(left: number, up: number, corner: number): number {
  const guess = left + up - corner
  const [toLeft, toUp, toCorner] = [Math.abs(guess - left), Math.abs(guess - up), Math.abs(guess - corner)]
  if (toLeft <= toUp && toLeft <= toCorner) return left
  return toUp <= toCorner ? up : corner
}

type Drawing = { readonly rows: Uint8Array; readonly at: number; readonly pass: Pass; readonly chunks: Chunks }

function draw(rgba: Uint8Array, { rows, at, pass, chunks }: Drawing): void {
  const { header } = chunks
  const length = bytesOfRow(header, pass.width)
  const paint = painterOf(chunks)
  for (let y = 0; y < pass.height; y++) {
    const row = rows.subarray(at + y * (1 + length) + 1, at + (y + 1) * (1 + length))
    const start = ((pass.y0 + y * pass.dy) * header.width + pass.x0) * 4
    // As plotting libraries write them: already as it is wanted.
    if (header.colour === 6 && header.depth === 8 && !header.isInterlaced) rgba.set(row, start)
    else for (let x = 0; x < pass.width; x++) paint(row, x, { rgba, to: start + x * pass.dx * 4 })
  }
}

type Painter = (row: Uint8Array, x: number, pixel: { readonly rgba: Uint8Array; readonly to: number }) => void

/** Writes the pixel at `x` of a row. */
function painterOf({ header, palette, transparent }: Chunks): Painter {
  const { colour, depth } = header
  if (colour === 3) return paletted(palette, { transparent, depth })
  const channels = CHANNELS[colour]!
  const most = 2 ** depth - 1
  const scaled = (value: number) => (depth === 8 ? value : depth === 16 ? value >> 8 : Math.round((value * 255) / most))
  const clear = transparent && Array.from({ length: channels }, (_, i) => ((transparent[i * 2] ?? 0) << 8) | (transparent[i * 2 + 1] ?? 0))
  // Grey is read three times from the one sample.
  const step = channels < 3 ? 0 : 1
  return (row, x, { rgba, to }) => {
    let isClear = clear !== undefined
    for (let channel = 0; channel < 3; channel++) {
      const value = sampleAt(row, depth, x * channels + channel * step)
      rgba[to + channel] = scaled(value)
      if (isClear && value !== clear![channel * step]) isClear = false
    }
    rgba[to + 3] = channels % 2 === 0 ? scaled(sampleAt(row, depth, x * channels + channels - 1)) : isClear ? 0 : 255
  }
}

function paletted(palette: Uint8Array, { transparent, depth }: { readonly transparent: Uint8Array | undefined; readonly depth: number }): Painter {
  return (row, x, { rgba, to }) => {
    const index = sampleAt(row, depth, x)
    for (let channel = 0; channel < 3; channel++) rgba[to + channel] = palette[index * 3 + channel] ?? 0
    rgba[to + 3] = transparent?.[index] ?? 255
  }
}

/** Samples of less than a byte are packed from the high end. */
function sampleAt(row: Uint8Array, depth: number, index: number): number {
  if (depth === 8) return row[index]!
  if (depth === 16) return (row[index * 2]! << 8) | row[index * 2 + 1]!
  const perByte = 8 / depth
  const shift = 8 - depth * ((index % perByte) + 1)
  return (row[Math.floor(index / perByte)]! >> shift) & ((1 << depth) - 1)
}
