/** Reading JSON without loss. See json.ts. */
import { type Failure, holesIn, type Punched, placeInBytes, utf8Failure } from "#base/json-bytes.ts"
import { DEEPEST, isWellFormed, type Json, NumberLexeme, numberText, type StringSpan, toWellFormed } from "#base/json-value.ts"
import { accepted, type Outcome, refused } from "#base/outcome.ts"

/** Where and why a text is not JSON that Stet can keep. `line` and `column` count from 1, columns in code points; `message` tells them too. */
export type BadJson = {
  readonly refused: "bad_json"
  readonly message: string
  readonly line: number
  readonly column: number
  /** It may well be JSON: there is more of something than was to be read. */
  readonly tooMuch?: keyof Most
}

/** How much is read, before anything more is made of it: a text of 60 MB can hold 30 million lists. */
export type Most = { readonly values?: number; readonly containers?: number; readonly depth?: number }

export type ParseOptions = {
  /** Strings whose encoded form is longer than this many bytes become a StringSpan; only for bytes; default never. Keys never do. */
  readonly spansOver?: number
  /** What becomes of lone surrogates and of bytes that are no UTF-8: default "refuse"; "replace" makes them U+FFFD (for a kernel's messages). */
  readonly illFormed?: "refuse" | "replace"
  /** Default: 1000 levels, and as many values, lists and objects as there are. */
  readonly most?: Most
}

/**
 * Reads what Python's json module reads (NaN, Infinity and -Infinity included), from text or UTF-8 with or without a byte
 * order mark; of a key that stands twice the last value counts. Refused beyond that: lone surrogates, and nesting deeper than 1000.
 */
export function parse(source: string | Uint8Array, options: ParseOptions = {}): Outcome<Json, BadJson> {
  try {
    const replace = options.illFormed === "replace"
    return accepted(parseText(typeof source === "string" ? fromString(source, replace) : fromBytes(source, options), replace, options.most ?? {}))
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error
    return refused({
      refused: "bad_json",
      message: `line ${error.line}, column ${error.column}: ${error.message}`,
      line: error.line,
      column: error.column,
      ...(error.tooMuch && { tooMuch: error.tooMuch }),
    })
  }
}

class Unreadable extends Error {
  readonly line: number
  readonly column: number
  readonly tooMuch: keyof Most | undefined
  constructor(message: string, place: { readonly line: number; readonly column: number }, tooMuch?: keyof Most) {
    super(message)
    this.tooMuch = tooMuch
    this.line = place.line
    this.column = place.column
  }
}

/** The text to read; with `cut` it was cut off there for that reason. */
type Source = { readonly text: string; readonly holes: Punched["holes"]; readonly cut?: Unreadable }

const LONGEST = 536_870_888 // V8's longest string
const strict = new TextDecoder("utf-8", { fatal: true })
const lenient = new TextDecoder("utf-8")

function fromString(text: string, replace: boolean): Source {
  if (isWellFormed(text)) return { text, holes: [] }
  if (replace) return { text: toWellFormed(text), holes: [] }
  const at = text.search(/\p{Surrogate}/u)
  throw new Unreadable("half of a surrogate pair stands alone, which no UTF-8 file can hold", placeInText(text, at))
}

function fromBytes(bytes: Uint8Array, options: ParseOptions): Source {
  const replace = options.illFormed === "replace"
  if (options.spansOver === undefined || bytes.length <= options.spansOver) return { text: decode(bytes, 0, bytes, replace), holes: [] }
  const { text, holes, cut } = holesIn(bytes, options.spansOver, { replace, decode: (part, start) => decode(part, start, bytes, replace) })
  return cut ? { text, holes, cut: unreadableAt(bytes, cut) } : { text, holes }
}

function decode(part: Uint8Array, start: number, whole: Uint8Array, replace: boolean): string {
  if (part.length > LONGEST) throw new Unreadable(`${part.length} bytes are more than fit into memory as one text`, { line: 1, column: 1 })
  try {
    return (replace ? lenient : strict).decode(part)
  } catch {
    throw unreadableAt(whole, utf8Failure(whole, start))
  }
}

function unreadableAt(bytes: Uint8Array, failure: Failure): Unreadable {
  return new Unreadable(failure.why, placeInBytes(bytes, failure.at))
}

function placeInText(text: string, at: number): { readonly line: number; readonly column: number } {
  let line = 1
  let lineStart = 0
  for (let i = text.indexOf("\n"); i >= 0 && i < at; i = text.indexOf("\n", lineStart)) {
    line++
    lineStart = i + 1
  }
  let column = 1
  for (const _ of text.slice(lineStart, at)) column++
  return { line, column }
}

/** Where reading has come to. Offsets count UTF-16 units of `text`. */
type Cursor = {
  readonly text: string
  readonly replace: boolean
  readonly holes: Punched["holes"]
  readonly cut: Unreadable | undefined
  at: number
  depth: number
  readonly most: Required<Most>
  /** How many more values, and how many more lists and objects, may come. */
  values: number
  containers: number
  /** How many of the holes lie behind, and where the next one's opening quote stands (-1: none). */
  holesBehind: number
  nextHole: number
}

function parseText(
  { text, holes, cut }: Source,
  replace: boolean,
  { depth = DEEPEST, values = Number.POSITIVE_INFINITY, containers = Number.POSITIVE_INFINITY }: Most,
): Json {
  const c: Cursor = {
    text,
    replace,
    holes,
    cut,
    at: text.charCodeAt(0) === 0xfeff ? 1 : 0,
    depth: 0,
    most: { depth, values, containers },
    // Never more than the text has characters; a whole number is counted down faster.
    values: Math.min(values, text.length + 1),
    containers: Math.min(containers, text.length + 1),
    holesBehind: 0,
    nextHole: holes[0]?.at ?? -1,
  }
  if (Number.isNaN(skipBlanks(c))) fail(c, "there is nothing here, not even an empty object")
  const value = readValue(c)
  if (!Number.isNaN(skipBlanks(c))) fail(c, `the value has ended, but ${found(c)}`)
  if (cut) throw cut
  return value
}

/** Moves to the next character that is not a blank and gives its code; NaN at the end. */
function skipBlanks(c: Cursor): number {
  const text = c.text
  let at = c.at
  let code = text.charCodeAt(at)
  while (code === 32 || code === 10 || code === 13 || code === 9) code = text.charCodeAt(++at)
  c.at = at
  return code
}

const QUOTE = 34
const BACKSLASH = 92

function readValue(c: Cursor): Json {
  const code = skipBlanks(c)
  if (--c.values < 0) fail(c, `there are more than ${c.most.values} values`, "values")
  switch (code) {
    case QUOTE:
      return c.at === c.nextHole ? takeHole(c) : readString(c)
    case 123:
      return readObject(c)
    case 91:
      return readList(c)
    case 116:
      return readWord(c, "true", true)
    case 102:
      return readWord(c, "false", false)
    case 110:
      return readWord(c, "null", null)
    case 78:
      return readWord(c, "NaN", new NumberLexeme("NaN"))
    case 73:
      return readWord(c, "Infinity", new NumberLexeme("Infinity"))
    default:
      return readNumber(c, code)
  }
}

function readObject(c: Cursor): Json {
  enter(c)
  const object: Record<string, Json> = {}
  if (skipBlanks(c) === 125) return leave(c, object)
  for (;;) {
    if (skipBlanks(c) !== QUOTE) fail(c, `a key in double quotes was expected, but ${found(c)}`)
    const key = readString(c)
    if (skipBlanks(c) !== 58) fail(c, `a colon was expected after the key, but ${found(c)}`)
    c.at++
    const value = readValue(c)
    // Plain assignment to this one name would change the prototype instead of adding a key.
    if (key === "__proto__") Object.defineProperty(object, key, { value, configurable: true, enumerable: true, writable: true })
    else object[key] = value
    const next = skipBlanks(c)
    if (next === 125) return leave(c, object)
    if (next !== 44) fail(c, `a comma or } was expected, but ${found(c)}`)
    c.at++
  }
}

function readList(c: Cursor): Json {
  enter(c)
  const list: Json[] = []
  if (skipBlanks(c) === 93) return leave(c, list)
  for (;;) {
    list.push(readValue(c))
    const next = skipBlanks(c)
    if (next === 93) return leave(c, list)
    if (next !== 44) fail(c, `a comma or ] was expected, but ${found(c)}`)
    c.at++
  }
}

function enter(c: Cursor): void {
  if (++c.depth > c.most.depth) fail(c, `objects and lists are nested deeper than ${c.most.depth} levels`, "depth")
  if (--c.containers < 0) fail(c, `there are more than ${c.most.containers} lists and objects`, "containers")
  c.at++
}

function leave<Value>(c: Cursor, value: Value): Value {
  c.depth--
  c.at++
  return value
}

function readWord<Value>(c: Cursor, word: string, value: Value): Value {
  if (!c.text.startsWith(word, c.at)) fail(c, `a value was expected, but ${found(c)}`)
  c.at += word.length
  return value
}

const NUMBER = /-?(?:(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|Infinity)/y

function readNumber(c: Cursor, code: number): Json {
  const text = c.text
  let at = c.at
  let digit = code
  let value = 0
  while (digit >= 48 && digit <= 57) {
    value = value * 10 + digit - 48
    digit = text.charCodeAt(++at)
  }
  const length = at - c.at
  // 46 . 69 E 101 e: the one shape worth a path of its own is a short whole number.
  if (length > 0 && length <= 15 && digit !== 46 && digit !== 69 && digit !== 101 && (code !== 48 || length === 1)) {
    c.at = at
    return value
  }
  return readOtherNumber(c)
}

function readOtherNumber(c: Cursor): Json {
  NUMBER.lastIndex = c.at
  const lexeme = NUMBER.exec(c.text)?.[0]
  if (lexeme === undefined) return fail(c, `a value was expected, but ${found(c)}`)
  c.at += lexeme.length
  const value = Number(lexeme)
  const keeps = numberText(value) === lexeme && Number.isFinite(value) && (!Number.isInteger(value) || Number.isSafeInteger(value))
  return keeps ? value : new NumberLexeme(lexeme)
}

function takeHole(c: Cursor): StringSpan {
  const hole = c.holes[c.holesBehind] as Punched["holes"][number]
  c.holesBehind++
  c.nextHole = c.holes[c.holesBehind]?.at ?? -1
  c.at += 2
  return hole.span
}

const LONG = 64

function readString(c: Cursor): string {
  const text = c.text
  const start = c.at + 1
  let at = start
  for (const fence = start + LONG; at < fence; at++) {
    const code = text.charCodeAt(at)
    if (code === QUOTE) {
      c.at = at + 1
      return text.slice(start, at)
    }
    if (code === BACKSLASH) return readEscaped(c, at)
    if (!(code >= 32)) endOrControl(c, at)
  }
  return readLong(c, at)
}

// The engine's own searches are several times faster than a loop over characters; worth it from some length on.
function readLong(c: Cursor, from: number): string {
  const text = c.text
  const end = text.indexOf('"', from)
  if (end < 0) return endOrControl(c, text.length)
  const value = text.slice(c.at + 1, end)
  const special = value.search(SPECIAL)
  if (special < 0) {
    c.at = end + 1
    return value
  }
  const at = c.at + 1 + special
  return text.charCodeAt(at) === BACKSLASH ? readEscaped(c, at) : endOrControl(c, at)
}

const SPECIAL = /[\\\u0000-\u001f]/

/** A string with escapes: finds its end, then lets the engine decode it. `at` stands on the first backslash. */
function readEscaped(c: Cursor, first: number): string {
  const text = c.text
  // Most escapes of a notebook are the line end that ends a source line: 110 n.
  if (text.charCodeAt(first + 1) === 110 && text.charCodeAt(first + 2) === QUOTE) {
    const line = `${text.slice(c.at + 1, first)}\n`
    c.at = first + 3
    return line
  }
  let at = first
  let surrogates = false
  for (;;) {
    const code = text.charCodeAt(at)
    if (code === QUOTE) break
    if (code === BACKSLASH) {
      if (text.charCodeAt(at + 1) === 117 && (text.charCodeAt(at + 2) | 32) === 100) surrogates = true
      at += 2
    } else if (code >= 32) at++
    else endOrControl(c, at)
  }
  const value = decodeEscapes(c, at + 1)
  const whole = surrogates && !isWellFormed(value) ? replaceOrFail(c, value) : value
  c.at = at + 1
  return whole
}

function decodeEscapes(c: Cursor, end: number): string {
  const encoded = c.text.slice(c.at, end)
  try {
    return JSON.parse(encoded) as string
  } catch {
    const bad = [...encoded.matchAll(/\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})|\\/g)].find((match) => match[0] === "\\")
    c.at += bad?.index ?? 0
    return fail(c, "a backslash is followed by something that is no JSON escape")
  }
}

function replaceOrFail(c: Cursor, value: string): string {
  if (c.replace) return toWellFormed(value)
  const pairs = /\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u[dD][89a-fA-F][0-9a-fA-F]{2}|\\./gs
  for (const match of c.text.slice(c.at).matchAll(pairs)) {
    if (match[0].length !== 6) continue
    c.at += match.index
    return fail(c, `${match[0]} is half of a surrogate pair and stands alone, which no UTF-8 file can hold`)
  }
  return fail(c, "half of a surrogate pair stands alone, which no UTF-8 file can hold")
}

function endOrControl(c: Cursor, at: number): never {
  const opened = placeInText(c.text, c.at)
  c.at = at
  if (at >= c.text.length) return fail(c, `the text ends inside a string that began at line ${opened.line}, column ${opened.column}`)
  return fail(c, `${found(c)} in a string, and must be escaped there`)
}

function found(c: Cursor): string {
  const point = c.text.codePointAt(c.at)
  if (point === undefined) return "the text ends"
  const isControl = point < 32 || point === 127
  const what = isControl ? `the control character U+${point.toString(16).toUpperCase().padStart(4, "0")}` : String.fromCodePoint(point)
  return `${what} stands here`
}

function fail(c: Cursor, message: string, tooMuch?: keyof Most): never {
  if (c.cut && c.at >= c.text.length) throw c.cut
  const place = placeInText(c.text, c.at)
  const lineStart = c.text.lastIndexOf("\n", c.at - 1) + 1
  // What was punched out of this line, before here, counts as columns too.
  const missing = c.holes.filter((hole) => hole.at >= lineStart && hole.at < c.at).reduce((sum, hole) => sum + hole.points(), 0)
  throw new Unreadable(message, { line: place.line, column: place.column + missing }, tooMuch)
}
