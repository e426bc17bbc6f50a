/**
 * The journal's format, version 1. All integers are little-endian.
 *
 *     file     = "stet-journal 1\n" record*
 *     record   = u32 length of payload · u32 CRC-32 of payload · payload
 *     payload  = u8 kind · u8 channel · u16 n · f64 at · n × u32 size · n × part
 *
 * kind 1, an event: part 1 is its JSON; `begun` has the notebook's text as part 2. kind 2, a message of the kernel:
 * the parts are its header, parent header, metadata and content as they came, then its buffers; channel is 1 shell,
 * 2 iopub, 3 stdin, 4 control. `at` is milliseconds since 1970, when it was heard. A file that ends within a record, or whose
 * last record fails its checksum, was cut by a crash: everything before that record stands.
 *
 * Positions of strings in a message's content (StringSpan) count from the start of the file, so that a notebook can be
 * written by copying bytes out of the journal.
 */
import { crc32 } from "node:zlib"
import { type Json, type JsonObject, NumberLexeme, parse, StringSpan, write } from "#base/json.ts"
import { type Channel, type Message, messageReader } from "#kernel/index.ts"
import { read, write as writeNotebook } from "#notebook/index.ts"
import type { Order } from "#run/order.ts"
import type { RunEvent } from "#run/run.ts"
import type { SessionEvent } from "#run/session.ts"

export type JournalEvent = RunEvent | SessionEvent

export const MAGIC = Buffer.from("stet-journal 1\n")
const EVENT = 1
const MESSAGE = 2
const CHANNELS: readonly (Channel | "")[] = ["", "shell", "iopub", "stdin", "control"]
const FIXED_BYTES = 12

export type Encoded = { readonly chunks: readonly Uint8Array[]; readonly sizeBytes: number; readonly contentOffset: number }

/** One record as chunks that can be written without copying large parts. */
export function encode(event: JournalEvent): Encoded {
  const parts = event.type === "said" ? [...event.message.frames, ...event.message.buffers] : eventParts(event)
  const head = Buffer.allocUnsafe(8 + FIXED_BYTES + 4 * parts.length)
  head[8] = event.type === "said" ? MESSAGE : EVENT
  head[9] = event.type === "said" ? CHANNELS.indexOf(event.message.channel) : 0
  head.writeUInt16LE(parts.length, 10)
  head.writeDoubleLE(event.at, 12)
  let sizeBytes = head.length
  parts.forEach((part, index) => {
    head.writeUInt32LE(part.length, 8 + FIXED_BYTES + 4 * index)
    sizeBytes += part.length
  })
  head.writeUInt32LE(sizeBytes - 8, 0)
  let sum = crc32(head.subarray(8))
  for (const part of parts) if (part.length > 0) sum = crc32(part, sum)
  head.writeUInt32LE(sum, 4)
  const contentOffset = event.type === "said" ? head.length + parts[0]!.length + parts[1]!.length + parts[2]!.length : -1
  return { chunks: [head, ...parts], sizeBytes, contentOffset }
}

/** Length of the payload that follows these 8 bytes, and its checksum. */
export function readPrefix(bytes: Buffer): { readonly length: number; readonly sum: number } {
  return { length: bytes.readUInt32LE(0), sum: bytes.readUInt32LE(4) }
}

/** The event in a payload; undefined when the bytes are not what was written. `position` is where the record starts in the file. */
export function decode(payload: Buffer, sum: number, position: number): JournalEvent | undefined {
  if (payload.length < FIXED_BYTES || crc32(payload) !== sum) return undefined
  const count = payload.readUInt16LE(2)
  const at = payload.readDoubleLE(4)
  const parts: Buffer[] = []
  let start = FIXED_BYTES + 4 * count
  let content = 0
  for (let index = 0; index < count; index++) {
    const size = payload.readUInt32LE(FIXED_BYTES + 4 * index)
    if (index === 3) content = position + 8 + start
    parts.push(payload.subarray(start, start + size))
    start += size
  }
  return payload[0] === MESSAGE ? decodeMessage(parts, { at, channel: CHANNELS[payload[1]!]!, content }) : decodeEvent(parts, at)
}

const readMessage = messageReader((bytes) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("utf8"))

function decodeMessage(parts: readonly Buffer[], where: { at: number; channel: Channel | ""; content: number }): JournalEvent | undefined {
  const [header, parent, metadata, content, ...buffers] = parts
  if (!header || !parent || !metadata || !content || where.channel === "") return undefined
  const message = readMessage(where.channel, { signature: new Uint8Array(), frames: [header, parent, metadata, content], buffers })
  return message && { type: "said", at: where.at, message: placed(message, where.content) }
}

/** The message with another content frame, read again. */
export function withContent(message: Message, content: Uint8Array): Message {
  const { frames, buffers } = message
  return readMessage(message.channel, { signature: new Uint8Array(), frames: [frames[0], frames[1], frames[2], content], buffers }) ?? message
}

/** The message with its spans counted from the start of the journal instead of its frame. */
export function placed(message: Message, content: number): Message {
  return message.frames[3].length > SPANS_START ? { ...message, content: moved(message.content, content) as JsonObject } : message
}

/** Only frames above 1 MB hold spans (kernel/content.ts). */
const SPANS_START = 1_048_576

function moved(value: Json, by: number): Json {
  if (value instanceof StringSpan) return new StringSpan(value.start + by, value.length, value.plain)
  if (Array.isArray(value)) return value.map((item: Json) => moved(item, by))
  if (typeof value !== "object" || value === null || value instanceof NumberLexeme) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, moved(item, by)]))
}

function eventParts(event: Exclude<JournalEvent, { type: "said" }>): Buffer[] {
  if (event.type !== "begun") return [Buffer.from(write(event as unknown as Json))]
  const { notebook, ...order } = event.order
  const text = Buffer.from(write({ ...event, order } as unknown as Json))
  return [text, Buffer.from(writeNotebook(notebook))]
}

function decodeEvent(parts: readonly Buffer[], at: number): JournalEvent | undefined {
  const parsed = parse(parts[0]!)
  if (!parsed.ok) return undefined
  const event = { ...(parsed.value as JsonObject), at } as unknown as JournalEvent
  if (event.type !== "begun") return event
  const reading = read(parts[1]!)
  return reading.ok ? { ...event, order: { ...event.order, notebook: reading.value.notebook } as Order } : undefined
}
