/** Items of the teller as rows of the event table: one JSON text each, long strings as blobs beside them. */
import { isList, isObject, type Json, type JsonObject, NumberLexeme, own, parse, toWellFormed, write } from "#base/json.ts"
import type { Message } from "#kernel/index.ts"
import { outputOf, type RunEvent } from "#run/index.ts"
import { type Item, type MessageItem, STREAM_BYTES, type StreamItem } from "#work/teller.ts"

export type EventRow = {
  readonly at: number
  readonly type: string
  /** One line of JSON. */
  readonly what: string
  /** Bytes that it adds to the run's log. */
  readonly logBytes: number
  readonly journalEnd: number
}

export type KeptBlob = { readonly sha256: string; readonly sizeBytes: number }

export type RowSource = {
  /** The event of one record of the journal. */
  readonly record: (place: number) => RunEvent
  /** Puts bytes into the blob store. */
  readonly keep: (bytes: Uint8Array) => Promise<KeptBlob>
}

export type Rows = { readonly rows: readonly EventRow[]; readonly blobs: readonly KeptBlob[] }

const ENCODER = new TextEncoder()
const DECODER = new TextDecoder()

export async function rowsOf(items: readonly Item[], source: RowSource): Promise<Rows> {
  const rows: EventRow[] = []
  const blobs: KeptBlob[] = []
  for (const item of items) {
    if (item.type === "stream") rows.push(...streamRows(item, source))
    else if ("what" in item) rows.push({ at: item.at, type: item.type, what: write(item.what), logBytes: 0, journalEnd: item.upTo })
    else rows.push(await outputRow(item, source, blobs))
  }
  return { rows, blobs }
}

/** The text of an event that belongs to the run's log. */
export function logTextOf(type: string, what: Json): string {
  if (!isObject(what)) return ""
  const text = own(what, "text")
  if (type === "stream") return typeof text === "string" ? text : ""
  const output = type === "output" ? own(what, "output") : undefined
  if (!isObject(output) || own(output, "output_type") !== "error") return ""
  const traceback = own(output, "traceback")
  const lines = isList(traceback) ? traceback.filter((line) => typeof line === "string") : []
  const said = lines.length > 0 ? lines.join("\n") : `${String(own(output, "ename") ?? "")}: ${String(own(output, "evalue") ?? "")}`
  return `${said}\n`
}

function streamRows({ at, cell, name, texts, places, upTo }: StreamItem, { record }: RowSource): EventRow[] {
  const text = toWellFormed((texts ?? places.map((place) => textOf(messageAt(record, place)))).join(""))
  return piecesOf(text).map((piece) => ({
    at,
    type: "stream",
    what: write({ cell, name, text: piece }),
    logBytes: ENCODER.encode(piece).length,
    journalEnd: upTo,
  }))
}

/** At most 64 KB each, never in the middle of a character. */
function piecesOf(text: string): string[] {
  const bytes = ENCODER.encode(text)
  if (bytes.length <= STREAM_BYTES) return text === "" ? [] : [text]
  const pieces: string[] = []
  for (let start = 0; start < bytes.length; ) {
    let end = Math.min(start + STREAM_BYTES, bytes.length)
    while (end < bytes.length && (bytes[end]! & 0xc0) === 0x80) end--
    pieces.push(DECODER.decode(bytes.subarray(start, end)))
    start = end
  }
  return pieces
}

function textOf(content: JsonObject): string {
  const text = own(content, "text")
  return typeof text === "string" ? text : ""
}

function messageAt(record: RowSource["record"], place: number): JsonObject {
  const event = record(place)
  return event.type === "said" ? contentOf(event.message) : {}
}

/** The content with nothing left as bytes. */
function contentOf(message: Message): JsonObject {
  const parsed = parse(message.frames[3], { illFormed: "replace" })
  return parsed.ok && isObject(parsed.value) ? parsed.value : {}
}

async function outputRow(item: MessageItem, { record, keep }: RowSource, blobs: KeptBlob[]): Promise<EventRow> {
  const event = item.message ? undefined : record(item.place)
  const message = item.message ?? (event?.type === "said" ? event.message : undefined)
  const content = message ? contentOf(message) : {}
  const output = outputOf(message?.header.msg_type === "update_display_data" ? "display_data" : (message?.header.msg_type ?? ""), content)
  const id = own((own(content, "transient") ?? {}) as JsonObject, "display_id")
  const put = async (text: string): Promise<Json> => {
    const blob = await keep(ENCODER.encode(text))
    blobs.push(blob)
    return { blob: blob.sha256, sizeBytes: blob.sizeBytes }
  }
  const logged = logTextOf(item.type, { output })
  // What the log shows must stand in the event: a traceback is never put aside.
  const lean = logged === "" ? await withBlobs(output, put) : output
  const what = { cell: item.cell, output: strict(lean), ...(typeof id === "string" ? { displayId: toWellFormed(id) } : {}) }
  return { at: item.at, type: item.type, what: write(what), logBytes: ENCODER.encode(logged).length, journalEnd: item.upTo }
}

async function withBlobs(value: Json, put: (text: string) => Promise<Json>): Promise<Json> {
  if (typeof value === "string") return value.length > STREAM_BYTES ? put(value) : value
  if (isList(value)) return Promise.all(value.map((item) => withBlobs(item, put)))
  if (!isObject(value)) return value
  return Object.fromEntries(await Promise.all(Object.entries(value).map(async ([key, item]) => [key, await withBlobs(item, put)] as const)))
}

/** JSON as the world reads it: Python's NaN and infinities are null there. */
function strict(value: Json): Json {
  if (typeof value === "string") return toWellFormed(value)
  if (value instanceof NumberLexeme) return /\d/.test(value.text) ? value : null
  if (isList(value)) return value.map(strict)
  if (!isObject(value)) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [toWellFormed(key), strict(item)]))
}
