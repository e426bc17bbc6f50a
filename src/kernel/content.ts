import { type Json, type JsonObject, NumberLexeme, parse, StringSpan } from "#base/json.ts"

/** Frames above this size are never decoded to one string: long strings stay bytes (see `SPANS_OVER`). */
export const LARGE_BYTES = 1_048_576
/** In a large frame, strings encoded in more than this many bytes become StringSpans. */
export const SPANS_OVER = 65_536

// Only these end up in the document as JSON values of their own; everything else the kernel says is read natively.
const KEPT = new Set(["display_data", "update_display_data", "execute_result"])

/**
 * The content of a message of this type; undefined when it is not a JSON object.
 * `text` turns UTF-8 bytes into a string.
 */
export function decodeContent(type: string, bytes: Uint8Array, text: (bytes: Uint8Array) => string): JsonObject | undefined {
  if (bytes.length > LARGE_BYTES) return lossless(bytes, SPANS_OVER)
  const content = natively(text(bytes))
  // Python's writer may emit NaN and Infinity, which JSON.parse refuses.
  if (content === undefined) return lossless(bytes)
  // Numbers stand only in JSON bundles and metadata, so most display messages are done after one native parse.
  return KEPT.has(type) && (holdsNumber(content["data"]) || holdsNumber(content["metadata"])) ? lossless(bytes) : content
}

/** True when a value holds a number or was made by the lossless reader: JSON.stringify would not write it as it was. */
function holdsNumber(value: Json | undefined): boolean {
  if (typeof value === "number") return true
  if (typeof value !== "object" || value === null) return false
  if (Array.isArray(value)) return value.some(holdsNumber)
  for (const key in value) if (holdsNumber((value as JsonObject)[key])) return true
  return false
}

/** True when the value came from the lossless reader, so that only `write` of #base/json.ts spells it again. */
export function holdsLexeme(value: Json | undefined): boolean {
  if (typeof value !== "object" || value === null) return false
  if (value instanceof NumberLexeme || value instanceof StringSpan) return true
  return Object.values(value).some(holdsLexeme)
}

function natively(text: string): JsonObject | undefined {
  try {
    return asObject(JSON.parse(text) as Json)
  } catch {
    return undefined
  }
}

function lossless(bytes: Uint8Array, spansOver?: number): JsonObject | undefined {
  const parsed = parse(bytes, spansOver === undefined ? {} : { spansOver })
  return parsed.ok ? asObject(parsed.value) : undefined
}

function asObject(value: Json): JsonObject | undefined {
  const isObject = typeof value === "object" && value !== null && !Array.isArray(value) && !holdsClass(value)
  return isObject ? (value as JsonObject) : undefined
}

function holdsClass(value: object): boolean {
  return value instanceof NumberLexeme || value instanceof StringSpan
}
