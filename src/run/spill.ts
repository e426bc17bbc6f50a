/**
 * Output beyond a cell's cap: read back from the journal, piece by piece, into one blob. Text when all of it is stream
 * text; otherwise one nbformat output as JSON on each line.
 */
import { type Json, type JsonObject, StringSpan, write } from "#base/json.ts"
import type { Message } from "#kernel/index.ts"
import { safeCut, unescaped } from "#run/escaped-text.ts"
import { type Overflow, outputOf } from "#run/outputs.ts"
import type { Blobs } from "#run/ports.ts"
import type { ReadSpan, Spill } from "#run/project.ts"
import type { RunEvent } from "#run/run.ts"

export type Recorded = { readonly read: ReadSpan; readonly record: (place: number) => RunEvent }

const CHUNK_BYTES = 1_048_576
const ENCODER = new TextEncoder()

/** Puts the overflow of one cell into the blob store. Undefined when nothing of it was kept. */
export async function spill(over: Overflow, recorded: Recorded, blobs: Blobs): Promise<Spill | undefined> {
  if (over.records.length === 0) return undefined
  const isText = over.records.every((place) => messageAt(recorded, place)?.header.msg_type === "stream")
  const bytes = isText ? streamText(over, recorded) : outputLines(over, recorded)
  const stored = await blobs.put(bytes)
  return { ...stored, mediaType: isText ? "text/plain; charset=utf-8" : "application/x-ndjson" }
}

function messageAt(recorded: Recorded, place: number): Message | undefined {
  const event = recorded.record(place)
  return event.type === "said" ? event.message : undefined
}

/** Without what of the first message was shown. */
function* streamText(over: Overflow, recorded: Recorded): Generator<Uint8Array> {
  let shown = over.shownOfFirst
  for (const bytes of wholeStreamText(over, recorded)) {
    const skipped = Math.min(shown, bytes.length)
    shown -= skipped
    yield bytes.subarray(skipped)
  }
}

function* wholeStreamText(over: Overflow, recorded: Recorded): Generator<Uint8Array> {
  for (const place of over.records) {
    const text = messageAt(recorded, place)?.content["text"]
    if (text instanceof StringSpan) yield* unescapedSlices(text, recorded.read)
    else if (typeof text === "string") yield ENCODER.encode(text)
  }
}

function* outputLines(over: Overflow, recorded: Recorded): Generator<Uint8Array> {
  for (const place of over.records) {
    const message = messageAt(recorded, place)
    if (!message) continue
    const spans: StringSpan[] = []
    const [first = "", ...rest] = write(withMarks(outputOf(message.header.msg_type, message.content), spans)).split(MARK)
    yield ENCODER.encode(first)
    for (const [index, part] of rest.entries()) {
      yield* slices(spans[index]!, recorded.read)
      yield ENCODER.encode(part)
    }
    yield ENCODER.encode("\n")
  }
}

// A noncharacter: no kernel's text holds it, and Python's JSON form writes it as it is.
const MARK = "\uFDD0stet\uFDD1"

function withMarks(value: Json, spans: StringSpan[]): Json {
  if (value instanceof StringSpan) {
    spans.push(value)
    return MARK
  }
  if (typeof value === "string") return value.replaceAll(MARK, "").toWellFormed()
  if (Array.isArray(value)) return value.map((item: Json) => withMarks(item, spans))
  if (typeof value !== "object" || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value
  return Object.fromEntries(Object.entries(value as JsonObject).map(([key, item]) => [key, withMarks(item, spans)]))
}

/** The bytes of a span as they stand, a megabyte at a time. */
export function* slices(span: StringSpan, read: ReadSpan): Generator<Uint8Array> {
  for (let at = 0; at < span.length; at += CHUNK_BYTES) {
    yield read(new StringSpan(span.start + at, Math.min(CHUNK_BYTES, span.length - at), span.plain))
  }
}

/** The text that a span encodes, a megabyte at a time: JSON escapes undone. */
function* unescapedSlices(span: StringSpan, read: ReadSpan): Generator<Uint8Array> {
  if (span.plain) return yield* slices(span, read)
  let rest: Uint8Array = new Uint8Array()
  for (const slice of slices(span, read)) {
    const bytes = new Uint8Array(rest.length + slice.length)
    bytes.set(rest)
    bytes.set(slice, rest.length)
    const cut = safeCut(bytes)
    rest = bytes.slice(cut)
    if (cut > 0) yield encoded(bytes.subarray(0, cut))
  }
  if (rest.length > 0) yield encoded(rest)
}

function encoded(bytes: Uint8Array): Uint8Array {
  return ENCODER.encode(unescaped(bytes))
}
