/**
 * How a Jupyter server packs one kernel message into one WebSocket message. Two forms are in use:
 *
 * `v1.kernel.websocket.jupyter.org`, negotiated as subprotocol, always binary, the kernel's own parts untouched: a count
 * of offsets, that many offsets (both unsigned 64 bit, little endian, from the start of the message), then channel,
 * header, parent header, metadata, content and any buffers. Offset i begins part i; the last one is the end.
 *
 * The older form, without a subprotocol: one JSON object that holds the parts by name, as text; with buffers it is binary:
 * a count of parts, that many offsets (both unsigned 32 bit, big endian), then the JSON and the buffers.
 *
 * Source: Jupyter Server's documentation, "WebSocket kernel wire protocols".
 */
import type { Frames } from "#kernel/frames.ts"
import type { Channel } from "#kernel/ports.ts"

export const V1_PROTOCOL = "v1.kernel.websocket.jupyter.org"

/** A kernel message on its way through a WebSocket. */
export type Parcel = { readonly channel: Channel; readonly frames: Frames; readonly buffers: readonly Uint8Array[] }

const CHANNELS: ReadonlySet<string> = new Set(["shell", "iopub", "stdin", "control"] satisfies Channel[])
const LEGACY_KEYS = ["header", "parent_header", "metadata", "content"]
const encoder = new TextEncoder()
const decoder = new TextDecoder()

/** Takes a v1 message apart, copying nothing; undefined when it is not laid out as one. */
export function openV1(bytes: Uint8Array): Parcel | undefined {
  const offsets = readOffsets(bytes, { width: 8, littleEndian: true })
  const [channel, ...rest] = offsets ? cut(bytes, offsets) : []
  return channel && asParcel(decoder.decode(channel), rest)
}

export function closeV1({ channel, frames, buffers }: Parcel): Uint8Array<ArrayBuffer> {
  const parts = [encoder.encode(channel), ...frames, ...buffers]
  const message = new Uint8Array(8 * (parts.length + 2) + total(parts))
  const view = new DataView(message.buffer)
  view.setBigUint64(0, BigInt(parts.length + 1), true)
  let at = 8 * (parts.length + 2)
  for (const [index, part] of parts.entries()) {
    view.setBigUint64(8 * (index + 1), BigInt(at), true)
    message.set(part, at)
    at += part.length
  }
  view.setBigUint64(8 * (parts.length + 1), BigInt(at), true)
  return message
}

/** Takes a message of the older form apart; the frames are the JSON's own bytes. Undefined when it is not laid out as one. */
export function openLegacy(message: string | Uint8Array): Parcel | undefined {
  if (typeof message === "string") return openLegacyJson(encoder.encode(message), [])
  const offsets = readOffsets(message, { width: 4, littleEndian: false })
  const [json, ...buffers] = offsets ? cut(message, [...offsets, message.length]) : []
  return json && openLegacyJson(json, buffers)
}

export function closeLegacy({ channel, frames, buffers }: Parcel): string | Uint8Array<ArrayBuffer> {
  const fields = frames.map((frame, index) => `"${LEGACY_KEYS[index]}":${decoder.decode(frame)}`)
  const json = `{"channel":"${channel}",${fields.join(",")},"buffers":[]}`
  if (buffers.length === 0) return json
  const parts = [encoder.encode(json), ...buffers]
  const message = new Uint8Array(4 * (parts.length + 1) + total(parts))
  const view = new DataView(message.buffer)
  view.setUint32(0, parts.length)
  let at = 4 * (parts.length + 1)
  for (const [index, part] of parts.entries()) {
    view.setUint32(4 * (index + 1), at)
    message.set(part, at)
    at += part.length
  }
  return message
}

function openLegacyJson(json: Uint8Array, buffers: readonly Uint8Array[]): Parcel | undefined {
  const fields = fieldsOf(json)
  const frames = LEGACY_KEYS.map((key) => fields?.get(key))
  const channel = fields?.get("channel")
  if (!channel || frames.includes(undefined)) return undefined
  return asParcel(decoder.decode(channel).slice(1, -1), [...(frames as Uint8Array[]), ...buffers])
}

function asParcel(channel: string, parts: readonly Uint8Array[]): Parcel | undefined {
  const [header, parent, metadata, content, ...buffers] = parts
  if (!CHANNELS.has(channel) || !header || !parent || !metadata || !content) return undefined
  return { channel: channel as Channel, frames: [header, parent, metadata, content], buffers }
}

function total(parts: readonly Uint8Array[]): number {
  return parts.reduce((sum, part) => sum + part.length, 0)
}

type Layout = { readonly width: 4 | 8; readonly littleEndian: boolean }

/** The offsets at the head of a message; undefined when they do not rise or do not lie within it. */
function readOffsets(bytes: Uint8Array, { width, littleEndian }: Layout): readonly number[] | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const read = (at: number) => (width === 4 ? view.getUint32(at, littleEndian) : Number(view.getBigUint64(at, littleEndian)))
  const count = bytes.length >= width ? read(0) : 0
  if (count < 1 || width * (count + 1) > bytes.length) return undefined
  const offsets = Array.from({ length: count }, (_, index) => read(width * (index + 1)))
  const rising = offsets.every((offset, index) => offset >= (offsets[index - 1] ?? width * (count + 1)) && offset <= bytes.length)
  return rising ? offsets : undefined
}

function cut(bytes: Uint8Array, offsets: readonly number[]): readonly Uint8Array[] {
  return offsets.slice(0, -1).map((from, index) => bytes.subarray(from, offsets[index + 1]))
}

const QUOTE = 0x22
const BACKSLASH = 0x5c
const OPENING = new Set([0x7b, 0x5b])
const CLOSING = new Set([0x7d, 0x5d])
const COMMA = 0x2c
const COLON = 0x3a
const BLANK = new Set([0x20, 0x09, 0x0a, 0x0d])

/**
 * The bytes of each value of a JSON object, by key. It finds where values end and no more: whoever reads a value still
 * has to parse it. Undefined when the brackets do not match.
 */
function fieldsOf(json: Uint8Array): ReadonlyMap<string, Uint8Array> | undefined {
  const fields = new Map<string, Uint8Array>()
  let depth = 0
  let key = ""
  let from = -1
  const finish = (to: number) => {
    if (key !== "" && from >= 0) fields.set(key, trimmed(json.subarray(from, to)))
    key = ""
    from = -1
  }
  for (let at = 0; at < json.length; at++) {
    const byte = json[at]!
    if (byte === QUOTE) {
      const end = endOfString(json, at)
      if (depth === 1 && from < 0) key = decoder.decode(json.subarray(at + 1, end))
      at = end
    } else if (OPENING.has(byte)) depth++
    else if (CLOSING.has(byte)) {
      if (--depth === 0) finish(at)
    } else if (depth === 1 && byte === COLON) from = at + 1
    else if (depth === 1 && byte === COMMA) finish(at)
  }
  return depth === 0 ? fields : undefined
}

/** The place of the quote that ends the string which begins at `at`. */
function endOfString(json: Uint8Array, at: number): number {
  for (let end = json.indexOf(QUOTE, at + 1); end >= 0; end = json.indexOf(QUOTE, end + 1)) {
    let backslashes = 0
    while (json[end - 1 - backslashes] === BACKSLASH) backslashes++
    if (backslashes % 2 === 0) return end
  }
  return json.length
}

function trimmed(bytes: Uint8Array): Uint8Array {
  let from = 0
  let to = bytes.length
  while (BLANK.has(bytes[from]!)) from++
  while (to > from && BLANK.has(bytes[to - 1]!)) to--
  return bytes.subarray(from, to)
}
