/** The values of lossless JSON, and what can be asked of them. See json.ts. */

export type Json = null | boolean | number | string | NumberLexeme | StringSpan | readonly Json[] | JsonObject
export type JsonObject = { readonly [key: string]: Json }

/** A number kept as it was spelled, because a JavaScript number would be written differently. */
export class NumberLexeme {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
  /** The nearest JavaScript number: lossy. */
  valueOf(): number {
    return Number(this.text)
  }
}

/**
 * A JSON string left where it stands: the bytes between its quotes, `length` of them from byte `start` of
 * whatever it was parsed from. `plain` means those bytes are ASCII without a backslash, so they are the value itself.
 */
export class StringSpan {
  readonly start: number
  readonly length: number
  readonly plain: boolean
  constructor(start: number, length: number, plain: boolean) {
    this.start = start
    this.length = length
    this.plain = plain
  }
}

/** Deeper nesting than this is refused on reading: everything that walks a document may then recurse. */
export const DEEPEST = 1000

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !isList(value) && !(value instanceof NumberLexeme) && !(value instanceof StringSpan)
}

/** `Array.isArray` that narrows readonly arrays too. */
export function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value)
}

/** The object's own value, never one that every object inherits ("constructor", "toString"). */
export function own(object: JsonObject, key: string): Json | undefined {
  return Object.hasOwn(object, key) ? object[key] : undefined
}

/**
 * Same content, so that both would be written alike: `1` and `1.0` differ, as do `0` and `-0.0`; NaN equals NaN.
 * Spans are equal when they name the same place, which means something only for values parsed from the same bytes.
 */
export function equal(a: Json, b: Json): boolean {
  if (Object.is(a, b)) return true
  if (isList(a)) return isList(b) && a.length === b.length && a.every((item, i) => equal(item, b[i] as Json))
  if (a instanceof NumberLexeme) return b instanceof NumberLexeme && a.text === b.text
  if (a instanceof StringSpan) return b instanceof StringSpan && a.start === b.start && a.length === b.length
  return isObject(a) && isObject(b) && equalObjects(a, b)
}

function equalObjects(a: JsonObject, b: JsonObject): boolean {
  const keys = Object.keys(a)
  return keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key) && equal(a[key] as Json, b[key] as Json))
}

/** What JSON.parse would have given: lexemes become JavaScript numbers (lossy). A span cannot be plain: that is a bug. */
export function plain(value: Json): unknown {
  if (isList(value)) return value.map(plain)
  if (value instanceof NumberLexeme) return value.valueOf()
  if (value instanceof StringSpan) throw new Error("a string that was left as bytes cannot become a plain value")
  if (!isObject(value)) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item)]))
}

/**
 * An ordinary JavaScript value as Json. Members that are undefined are left out, undefined items become null, a bigint
 * keeps its digits, `toJSON` is honoured, Json passes through. Lone surrogates are not looked for: see `loneSurrogateIn`.
 *
 * @throws Error for what JSON cannot say (functions, maps, bytes, cycles): a bug, so check outside input before
 */
export function fromPlain(value: unknown, depth = 0): Json {
  if (value === null || typeof value === "boolean" || typeof value === "number" || typeof value === "string") return value
  if (value instanceof NumberLexeme || value instanceof StringSpan) return value
  if (typeof value === "bigint") return Number.isSafeInteger(Number(value)) ? Number(value) : new NumberLexeme(String(value))
  if (depth > DEEPEST) throw new Error(`a value nested deeper than ${DEEPEST} levels, or one that contains itself, cannot become JSON`)
  if (Array.isArray(value)) return value.map((item: unknown) => (item === undefined ? null : fromPlain(item, depth + 1)))
  if (typeof value === "object") return fromPlainObject(value, depth)
  throw new Error(`a ${typeof value} cannot become JSON`)
}

function fromPlainObject(value: object, depth: number): Json {
  if ("toJSON" in value && typeof value.toJSON === "function") return fromPlain(value.toJSON(), depth + 1)
  const above: unknown = Object.getPrototypeOf(value)
  // An object of another realm (a vm context) has another Object.prototype: the one without a prototype of its own.
  if (above !== null && Object.getPrototypeOf(above) !== null) throw new Error(`a ${value.constructor?.name ?? "special object"} cannot become JSON`)
  const entries = Object.entries(value).filter(([, item]) => item !== undefined)
  return Object.fromEntries(entries.map(([key, item]): [string, Json] => [key, fromPlain(item, depth + 1)]))
}

/**
 * A JavaScript number as Python spells the same value: an integer as its digits, else the shortest digits that give it
 * back, with an exponent of at least two digits below 0.0001 (1e-07).
 */
export function numberText(value: number): string {
  if (Number.isSafeInteger(value)) return Object.is(value, -0) ? "-0.0" : String(value)
  if (Number.isInteger(value)) return BigInt(value).toString()
  const text = String(value)
  if (!(Math.abs(value) < 1e-4)) return text
  return value.toExponential().replace(/e-(\d)$/, "e-0$1")
}

// ES2024, which every runtime in question has and the type library in use does not.
type UnicodeString = string & { isWellFormed(): boolean; toWellFormed(): string }

/** False when half of a surrogate pair stands alone in the text: such a text has no UTF-8 form. */
export function isWellFormed(text: string): boolean {
  return (text as UnicodeString).isWellFormed()
}

/** The text with every lone surrogate replaced by U+FFFD: for texts that were cut, or that came from a kernel. */
export function toWellFormed(text: string): string {
  return (text as UnicodeString).toWellFormed()
}

/** Where in a value the first text with a lone surrogate stands, as a path ("metadata.title"); undefined when there is none. */
export function loneSurrogateIn(value: Json, path = ""): string | undefined {
  if (typeof value === "string") return isWellFormed(value) ? undefined : path
  if (isList(value)) return first(value.entries(), ([i, item]) => loneSurrogateIn(item, `${path}[${i}]`))
  if (!isObject(value)) return undefined
  return first(Object.entries(value), ([key, item]) => (isWellFormed(key) ? loneSurrogateIn(item, memberPath(path, key)) : path))
}

function first<Item>(items: Iterable<Item>, look: (item: Item) => string | undefined): string | undefined {
  for (const item of items) {
    const found = look(item)
    if (found !== undefined) return found
  }
  return undefined
}

/** The path of a member: `data.name`, or `data["text/plain"]` where the key is no identifier. */
export function memberPath(path: string, key: string): string {
  if (!/^[A-Za-z_$][\w$]*$/.test(key)) return `${path}[${JSON.stringify(key)}]`
  return path === "" ? key : `${path}.${key}`
}
