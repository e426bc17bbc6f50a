/**
 * Reads TOML, as much of it as inline script metadata (PEP 723) can hold: all of TOML 1.0's syntax, with numbers, dates
 * and times checked for form and kept as text. Objects are Maps, so that no key means anything special.
 */
import { accepted, type Outcome, refused } from "#base/outcome.ts"

export type Toml = string | boolean | TomlBare | readonly Toml[] | TomlTable
/** A number, date or time, as it is written. */
export type TomlBare = { readonly text: string }
export type TomlTable = Map<string, Toml>

/** What is wrong, and on which line (from 1). */
export type BadToml = { readonly line: number; readonly message: string }

export function readToml(text: string): Outcome<TomlTable, BadToml> {
  const reader = new Reader(text.replace(/\r\n/g, "\n"))
  try {
    return accepted(reader.document())
  } catch (error) {
    if (!(error instanceof Stumble)) throw error
    return refused({ line: error.line, message: error.message })
  }
}

/** Thrown inside this file alone: a reader that descends has no shorter way out. */
class Stumble extends Error {
  readonly line: number
  constructor(line: number, message: string) {
    super(message)
    this.line = line
  }
}

const BARE_VALUE = new RegExp(
  [
    "[+-]?(?:inf|nan)",
    "0x[0-9A-Fa-f](?:_?[0-9A-Fa-f])*|0o[0-7](?:_?[0-7])*|0b[01](?:_?[01])*",
    String.raw`\d{4}-\d{2}-\d{2}(?:[Tt ]\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:[Zz]|[+-]\d{2}:\d{2})?)?|\d{2}:\d{2}:\d{2}(?:\.\d+)?`,
    String.raw`[+-]?(?:0|[1-9](?:_?\d)*)(?:\.\d(?:_?\d)*)?(?:[eE][+-]?\d(?:_?\d)*)?`,
  ]
    .map((form) => `(?:${form})`)
    .join("|"),
  "y",
)
const ESCAPES: { readonly [letter: string]: string } = { b: "\b", t: "\t", n: "\n", f: "\f", r: "\r", '"': '"', "\\": "\\" }
const DEEPEST = 100

class Reader {
  readonly #text: string
  #at = 0
  #depth = 0
  /** Tables that may not be opened or extended again: those given a header, and inline ones. */
  readonly #closed = new Set<TomlTable>()
  readonly #headed = new Set<TomlTable>()
  readonly #dotted = new Set<TomlTable>()
  readonly #lists = new Set<readonly Toml[]>()

  constructor(text: string) {
    this.#text = text
  }

  document(): TomlTable {
    const root: TomlTable = new Map()
    let current = root
    for (;;) {
      this.#skip(true)
      if (this.#at >= this.#text.length) return root
      if (this.#peek() === "[") current = this.#header(root)
      else this.#pair(current)
      this.#skip(false)
      if (this.#at < this.#text.length && this.#peek() !== "\n") this.#fail("only one thing may stand on a line")
    }
  }

  #header(root: TomlTable): TomlTable {
    this.#at++
    const isList = this.#take("[")
    const keys = this.#keys()
    this.#need("]")
    if (isList && !this.#take("]")) this.#fail(`"]]" is missing`)
    const last = keys.pop()!
    const parent = keys.reduce((table, key) => this.#descend(table, key), root)
    return isList ? this.#listItem(parent, last) : this.#open(parent, last)
  }

  #open(parent: TomlTable, key: string): TomlTable {
    const there = parent.get(key)
    const table = there ?? new Map<string, Toml>()
    if (!(table instanceof Map) || this.#headed.has(table) || this.#closed.has(table) || this.#dotted.has(table))
      this.#fail(`"${key}" is defined twice`)
    parent.set(key, table)
    this.#headed.add(table)
    return table
  }

  #listItem(parent: TomlTable, key: string): TomlTable {
    const there = parent.get(key)
    if (there !== undefined && !(Array.isArray(there) && this.#lists.has(there))) this.#fail(`"${key}" is defined twice`)
    const item: TomlTable = new Map()
    const list = [...((there as readonly Toml[] | undefined) ?? []), item]
    this.#lists.add(list)
    parent.set(key, list)
    return item
  }

  /** The table below `key`, made when it is not there. */
  #descend(table: TomlTable, key: string): TomlTable {
    const there = table.get(key)
    if (there === undefined) {
      const made: TomlTable = new Map()
      table.set(key, made)
      return made
    }
    const found = Array.isArray(there) && this.#lists.has(there) ? there.at(-1) : there
    if (!(found instanceof Map) || this.#closed.has(found)) this.#fail(`"${key}" is no table that can be added to`)
    return found
  }

  #pair(table: TomlTable): void {
    const keys = this.#keys()
    const last = keys.pop()!
    const parent = keys.reduce((above, key) => {
      const below = this.#descend(above, key)
      if (this.#headed.has(below)) this.#fail(`"${key}" is defined twice`)
      this.#dotted.add(below)
      return below
    }, table)
    this.#need("=")
    this.#skip(false, false)
    if (parent.has(last)) this.#fail(`"${last}" is defined twice`)
    parent.set(last, this.#value())
  }

  #keys(): string[] {
    const keys: string[] = []
    do {
      this.#skip(false, false)
      keys.push(this.#key())
      this.#skip(false, false)
    } while (this.#take("."))
    return keys
  }

  #key(): string {
    const next = this.#peek()
    if (next === '"' || next === "'") return this.#line(next)
    const [bare] = this.#match(/[A-Za-z0-9_-]+/y) ?? []
    return bare ?? this.#fail("a key is missing")
  }

  #value(): Toml {
    if (++this.#depth > DEEPEST) this.#fail("it is nested too deep")
    const value = this.#valueHere()
    this.#depth--
    return value
  }

  #valueHere(): Toml {
    const next = this.#peek()
    if (next === '"' || next === "'") return this.#text.startsWith(next.repeat(3), this.#at) ? this.#block(next) : this.#line(next)
    if (next === "[") return this.#array()
    if (next === "{") return this.#inlineTable()
    const [word] = this.#match(/(?:true|false)(?![A-Za-z0-9_-])/y) ?? []
    if (word !== undefined) return word === "true"
    const [bare] = this.#match(BARE_VALUE) ?? []
    if (bare === undefined || /[A-Za-z0-9_.+:-]/.test(this.#peek())) this.#fail("a value is missing or cannot be read")
    return { text: bare }
  }

  #array(): readonly Toml[] {
    this.#at++
    const items: Toml[] = []
    for (;;) {
      this.#skip(true)
      if (this.#take("]")) return items
      items.push(this.#value())
      this.#skip(true)
      if (this.#take(",")) continue
      if (this.#take("]")) return items
      this.#fail(`"," or "]" is missing in a list`)
    }
  }

  #inlineTable(): TomlTable {
    this.#at++
    const table: TomlTable = new Map()
    this.#skip(false, false)
    if (!this.#take("}")) {
      do this.#pair(table)
      while (this.#comma())
      if (!this.#take("}")) this.#fail(`"," or "}" is missing in a table`)
    }
    this.#close(table)
    return table
  }

  #comma(): boolean {
    this.#skip(false, false)
    return this.#take(",")
  }

  /** An inline table is whole: neither it nor what its dotted keys made is added to later. */
  #close(table: TomlTable): void {
    this.#closed.add(table)
    for (const item of table.values()) if (item instanceof Map) this.#close(item)
  }

  #line(quote: string): string {
    this.#at++
    return this.#characters(quote, quote)
  }

  #block(quote: string): string {
    this.#at += 3
    this.#take("\n")
    const text = this.#characters(quote.repeat(3), quote)
    // Up to two more quotes belong to the text: """"quoted"""" ends with one.
    const [more = ""] = this.#match(quote === '"' ? /"{0,2}/y : /'{0,2}/y) ?? []
    return text + more
  }

  #characters(end: string, quote: string): string {
    let text = ""
    for (;;) {
      if (this.#at >= this.#text.length) this.#fail("a string does not end")
      if (this.#text.startsWith(end, this.#at)) {
        this.#at += end.length
        return text
      }
      const character = this.#peek()
      if (character === "\n" && end.length === 1) this.#fail("a string does not end")
      if (/[\u0000-\u0008\u000b-\u001f\u007f]/.test(character)) this.#fail("a string holds a control character")
      if (character === "\\" && quote === '"') text += this.#escape(end.length > 1)
      else {
        text += character
        this.#at++
      }
    }
  }

  #escape(inBlock: boolean): string {
    this.#at++
    if (inBlock && this.#match(/[ \t]*\n[ \t\n]*/y)) return ""
    const [, code] = this.#match(/u([0-9A-Fa-f]{4})/y) ?? this.#match(/U([0-9A-Fa-f]{8})/y) ?? []
    if (code !== undefined) {
      const point = Number.parseInt(code, 16)
      if (point > 0x10ffff || (point >= 0xd800 && point < 0xe000)) this.#fail("a string names a character that does not exist")
      return String.fromCodePoint(point)
    }
    const plain = ESCAPES[this.#peek()]
    if (plain === undefined) this.#fail("a string holds an unknown escape")
    this.#at++
    return plain
  }

  /** Blanks and comments; line ends too where they mean nothing. */
  #skip(lineEnds: boolean, comments = true): void {
    this.#match(lineEnds ? /(?:[ \t\n]|#[\t -\u007e\u0080-\uffff]*)*/y : comments ? /[ \t]*(?:#[\t -\u007e\u0080-\uffff]*)?/y : /[ \t]*/y)
  }

  #peek(): string {
    return this.#text.charAt(this.#at)
  }

  #take(expected: string): boolean {
    if (this.#peek() !== expected) return false
    this.#at++
    return true
  }

  #need(expected: string): void {
    this.#skip(false, false)
    if (!this.#take(expected)) this.#fail(`"${expected}" is missing`)
  }

  #match(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.#at
    const found = pattern.exec(this.#text) ?? undefined
    if (found) this.#at += found[0].length
    return found
  }

  #fail(message: string): never {
    throw new Stumble(this.#text.slice(0, this.#at).split("\n").length, message)
  }
}
