/** Writing lossless JSON, letter for letter as Python's json module does it. See json.ts. */
import { isList, isWellFormed, type Json, type JsonObject, NumberLexeme, numberText, StringSpan } from "#base/json-value.ts"

/**
 * The text of a value, keys sorted by code point, nothing escaped that need not be.
 * `indent` spaces a level (1 is the notebook form, no final newline); without it one line with no blanks at all.
 *
 * The whole text is made before any of it is returned, so a failure writes nothing.
 * @throws Error for a StringSpan, and for a text with a lone surrogate, which no UTF-8 file can hold: both are bugs of
 *   whoever put them there (parse lets none in). Texts cut by hand go through `toWellFormed`; outside values are checked
 *   with `loneSurrogateIn`.
 */
export function write(value: Json, indent?: number): string {
  return writeAt(value, indent, 0)
}

/** The text of a value as it stands `level` levels down in a larger text of the same indent (the first line is not indented). */
export function writeAt(value: Json, indent: number | undefined, level: number): string {
  const page: Page = { out: "", indent: indent === undefined ? undefined : " ".repeat(indent), breaks: [], keys: new Map() }
  put(page, value, level)
  return page.out
}

type Key = { readonly text: string; readonly astral: boolean }
type Page = {
  out: string
  readonly indent: string | undefined
  /** By level, the newline and the blanks that begin a line there. */
  readonly breaks: string[]
  /** A document repeats a few keys many times: each is escaped once. */
  readonly keys: Map<string, Key>
}

function put(page: Page, value: Json, level: number): void {
  if (typeof value === "string") page.out += quote(value)
  else if (typeof value === "number") page.out += numberText(value)
  else if (value === null || typeof value === "boolean") page.out += String(value)
  else if (isList(value)) putList(page, value, level)
  else if (value instanceof NumberLexeme) page.out += value.text
  else if (value instanceof StringSpan) throw new Error("a string that was left as bytes has no text here: splice its bytes instead")
  else putObject(page, value as JsonObject, level)
}

function putList(page: Page, list: readonly Json[], level: number): void {
  if (list.length === 0) {
    page.out += "[]"
    return
  }
  const lineBreak = breakAt(page, level + 1)
  let before = `[${lineBreak}`
  for (const item of list) {
    page.out += before
    before = `,${lineBreak}`
    put(page, item, level + 1)
  }
  page.out += `${breakAt(page, level)}]`
}

function putObject(page: Page, object: JsonObject, level: number): void {
  const keys = sortedKeys(object, page)
  if (keys.length === 0) {
    page.out += "{}"
    return
  }
  const lineBreak = breakAt(page, level + 1)
  let before = `{${lineBreak}`
  for (const key of keys) {
    page.out += before
    page.out += keyOf(page, key).text
    before = `,${lineBreak}`
    put(page, object[key] as Json, level + 1)
  }
  page.out += `${breakAt(page, level)}}`
}

function breakAt(page: Page, level: number): string {
  if (page.indent === undefined) return ""
  const known = page.breaks[level]
  if (known !== undefined) return known
  const made = `\n${page.indent.repeat(level)}`
  page.breaks[level] = made
  return made
}

function keyOf(page: Page, key: string): Key {
  const known = page.keys.get(key)
  if (known) return known
  const made = { text: quote(key) + (page.indent === undefined ? ":" : ": "), astral: /[\ud800-\udfff]/.test(key) }
  if (page.keys.size < 10_000) page.keys.set(key, made)
  return made
}

function sortedKeys(object: JsonObject, page: Page): readonly string[] {
  const keys = Object.keys(object)
  let sorted = true
  let astral = false
  for (let i = 0; i < keys.length; i++) {
    if (i > 0 && (keys[i - 1] as string) > (keys[i] as string)) sorted = false
    if (keyOf(page, keys[i] as string).astral) astral = true
  }
  if (astral) return keys.sort(byCodePoint)
  return sorted ? keys : keys.sort()
}

/**
 * The order of code points, which is Python's and that of UTF-8 bytes. JavaScript's own order is that of UTF-16 units and
 * differs where a character beyond U+FFFF meets one of U+E000 to U+FFFF.
 */
function byCodePoint(a: string, b: string): number {
  const shorter = Math.min(a.length, b.length)
  for (let i = 0; i < shorter; i++) {
    const left = a.charCodeAt(i)
    const right = b.charCodeAt(i)
    if (left !== right) return rank(left) - rank(right)
  }
  return a.length - b.length
}

function rank(unit: number): number {
  if (unit < 0xd800) return unit
  return unit >= 0xe000 ? unit - 0x800 : unit + 0x2000
}

const ESCAPED = /["\\\u0000-\u001f]/

// JSON.stringify escapes a single string exactly as Python does with ensure_ascii=False: the quote, the backslash and the
// controls below U+0020, the named ones by letter, the others as \u00xx in lower case. Only lone surrogates differ.
function quote(text: string): string {
  if (!isWellFormed(text)) throw new Error("a text holds half of a surrogate pair and cannot be written as UTF-8")
  return ESCAPED.test(text) ? JSON.stringify(text) : `"${text}"`
}
