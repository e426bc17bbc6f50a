/**
 * JSON in a Yjs map. A value that JavaScript says exactly is kept as it is; one that it would change (`1.0`, 2^70, a key named
 * `__proto__`) is kept as the bytes of its JSON text, which nothing else ever is.
 */
import { fromPlain, isList, isObject, type Json, NumberLexeme, parse, plain, write } from "#base/json.ts"

/** What a Yjs map holds for the value. @throws Error for a text with a lone surrogate */
export function toShared(value: Json): unknown {
  return isExact(value) ? plain(value) : new TextEncoder().encode(write(value))
}

/** The value that a Yjs map holds; null for what is none. */
export function fromShared(held: unknown): Json {
  if (held instanceof Uint8Array) {
    const parsed = parse(held)
    return parsed.ok ? parsed.value : null
  }
  return held === undefined ? null : fromPlain(held)
}

function isExact(value: Json): boolean {
  if (value instanceof NumberLexeme) return false
  // Yjs writes whole numbers beyond 31 bits as floats, which has no sign of zero and no more than 53 bits: both are lexemes here already.
  if (isList(value)) return value.every(isExact)
  return !isObject(value) || Object.entries(value).every(([key, item]) => key !== "__proto__" && isExact(item))
}
