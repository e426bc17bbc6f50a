/**
 * YAML text as plain data. The npm package `yaml` finds the structure; what a scalar *means* is decided here by the
 * given rules, because Stet needs numbers to the last digit and two dialects side by side: YAML 1.2's core schema for
 * its own parameter and test-case files (yaml-1.2.ts), and what PyYAML makes of YAML 1.1 for papermill's (cli/papermill/yaml-1.1.ts).
 */
import {
  type Alias,
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseAllDocuments,
  type Scalar,
  type YAMLMap,
} from "yaml"
import { isWellFormed, type Json, NumberLexeme } from "#base/json.ts"
import { accepted, type Outcome, refused } from "#base/outcome.ts"

export type YamlRules = {
  readonly version: "1.1" | "1.2"
  /** What a scalar without quotes and tag means; undefined: a string. A message when it means nothing. */
  readonly plain: (text: string) => Outcome<Json | undefined, string>
  /** `<<` takes over the entries of another mapping. */
  readonly mergeKeys: boolean
  /** What happens to a key that stands twice. */
  readonly duplicateKeys: "last wins" | "refused"
  /** How a key that is not a string is written as one; undefined: refused. */
  readonly keyOf: (key: Json) => string | undefined
}

/** Where and why a text is not YAML that Stet can use. `line` and `column` count from 1. */
export type BadYaml = { readonly refused: "bad_yaml"; readonly message: string; readonly line: number; readonly column: number }

/** Aliases may multiply what a short text says; more values than this are not parameters any more. */
const MAX_VALUES = 1_000_000

/** What walks a value later may recurse this deep, not deeper. */
const DEEPEST = 1000

/** An empty text is null. */
export function readYaml(text: string, rules: YamlRules): Outcome<Json, BadYaml> {
  const read = readPlaced(text, rules)
  return read.ok ? accepted(read.value.json) : read
}

export type Placed = {
  readonly json: Json
  /** The line, from 1, of what is at this path; of the nearest thing around it where there is nothing. */
  readonly lineOf: (path: readonly (string | number)[]) => number
}

/** The same, with the places of things, for whoever has something to say about them. */
export function readPlaced(text: string, rules: YamlRules): Outcome<Placed, BadYaml> {
  const lines = new LineCounter()
  const at = (offset: number) => {
    const { line, col } = lines.linePos(offset)
    return { line: Math.max(line, 1), column: Math.max(col, 1) }
  }
  try {
    const options = {
      version: rules.version,
      schema: "failsafe",
      resolveKnownTags: false,
      merge: false,
      uniqueKeys: false,
      lineCounter: lines,
    } as const
    const documents = parseAllDocuments(text.replace(/^\uFEFF/, "").replaceAll(/\r\n?/g, "\n"), { ...options, prettyErrors: false })
    if (!Array.isArray(documents) || documents.length === 0) return accepted({ json: null, lineOf: () => 1 })
    const [document, second] = documents as readonly Document.Parsed[]
    if (!document) return accepted({ json: null, lineOf: () => 1 })
    const [error] = document.errors
    if (error) return bad(error.message, at(error.pos[0]))
    if (second) return bad("there is a second document (---); this takes one document", at(second.range[0]))
    const { json } = new Reader(rules, document).value(document.contents)
    return accepted({ json, lineOf: (path) => at(offsetOf(document, path)).line })
  } catch (error) {
    if (error instanceof Trouble) return bad(error.message, at(error.offset))
    if (error instanceof RangeError) return bad("it is nested too deep", { line: 1, column: 1 })
    throw error
  }
}

function offsetOf(document: Document, path: readonly (string | number)[]): number {
  for (let length = path.length; length > 0; length--) {
    const found = document.getIn(path.slice(0, length), true)
    if ((isScalar(found) || isMap(found) || isSeq(found)) && found.range) return found.range[0]
  }
  return document.range?.[0] ?? 0
}

function bad(message: string, where: { readonly line: number; readonly column: number }): Outcome<never, BadYaml> {
  return refused({ refused: "bad_yaml", message: message.replace(/\.$/, ""), ...where })
}

/** Leaves the recursion below; never leaves this file. */
class Trouble extends Error {
  readonly offset: number
  constructor(message: string, node: Node | null | undefined) {
    super(message)
    this.offset = node?.range?.[0] ?? 0
  }
}

/** A value and how many values it holds, aliases counted as often as they stand. */
type Sized = { readonly json: Json; readonly size: number }
type Entry = { readonly key: string; readonly value: Sized; readonly from: Node | null }

class Reader {
  readonly #rules: YamlRules
  readonly #document: Document
  readonly #done = new Map<Node, Sized>()
  readonly #open = new Set<Node>()

  constructor(rules: YamlRules, document: Document) {
    this.#rules = rules
    this.#document = document
  }

  value(node: Node | null): Sized {
    if (node === null) return { json: null, size: 1 }
    if (isAlias(node)) return this.value(this.#target(node))
    const known = this.#done.get(node)
    if (known) return known
    if (this.#open.has(node)) throw new Trouble("it contains itself", node)
    if (this.#open.size > DEEPEST) throw new Trouble("it is nested too deep", node)
    this.#open.add(node)
    const read = this.#read(node)
    this.#open.delete(node)
    if (read.size > MAX_VALUES) throw new Trouble(`its aliases make more than ${MAX_VALUES} values of it`, node)
    this.#done.set(node, read)
    return read
  }

  #target(alias: Alias): Node {
    const target = alias.resolve(this.#document)
    if (!target) throw new Trouble("this alias names no anchor before it", alias)
    return target
  }

  #read(node: Node): Sized {
    if (isScalar(node)) return { json: this.#scalar(node), size: 1 }
    if (isSeq(node)) {
      refuseTag(node, "seq")
      const items = node.items.map((item) => this.value(item as Node | null))
      return { json: items.map(({ json }) => json), size: total(items) }
    }
    if (!isMap(node)) throw new Trouble("this is not a value", node)
    refuseTag(node, "map")
    const entries = this.#entries(node)
    const found = new Map<string, Sized>()
    for (const { key, value, from } of entries) {
      if (found.has(key) && this.#rules.duplicateKeys === "refused") throw new Trouble(`the key ${JSON.stringify(key)} stands twice`, from)
      found.set(key, value)
    }
    return { json: Object.fromEntries([...found].map(([key, { json }]) => [key, json])), size: total([...found.values()]) }
  }

  /** Its own entries, behind those that it takes over: what comes later wins. */
  #entries(map: YAMLMap): readonly Entry[] {
    const taken: Entry[] = []
    const own: Entry[] = []
    for (const { key, value } of map.items as Pair<Node | null, Node | null>[]) {
      if (this.#rules.mergeKeys && isMergeKey(key)) taken.push(...this.#taken(value))
      else own.push({ key: this.#key(key), value: this.value(value), from: key })
    }
    return [...taken, ...own]
  }

  #taken(source: Node | null): readonly Entry[] {
    const node = isAlias(source) ? this.#target(source) : source
    if (isMap(node)) {
      if (this.#open.has(node)) throw new Trouble("it contains itself", source)
      this.#open.add(node)
      const entries = this.#entries(node)
      this.#open.delete(node)
      return entries
    }
    // Of several mappings the first one wins, so it comes last.
    if (isSeq(node)) return [...node.items].reverse().flatMap((item) => this.#taken(mappingOf(item as Node)))
    throw new Trouble("<< takes a mapping, or a list of mappings", source)
  }

  #key(key: Node | null): string {
    const { json } = this.value(key)
    const text = typeof json === "string" ? json : this.#rules.keyOf(json)
    if (text === undefined) throw new Trouble("a key must be a string: put it in quotes", key)
    return text
  }

  #scalar(node: Scalar): Json {
    const text = typeof node.value === "string" ? node.value : String(node.value ?? "")
    if (!isWellFormed(text)) throw new Trouble("this text holds half of a surrogate pair, which has no UTF-8 form", node)
    const tag = tagOf(node)
    // A lone ! means a string in YAML 1.2, and nothing at all to PyYAML.
    const quoted = node.tag === "!" ? this.#rules.version === "1.2" : node.type !== "PLAIN"
    if (tag === "str" || (tag === undefined && quoted)) return text
    const meant = this.#rules.plain(text)
    if (!meant.ok) throw new Trouble(meant.refusal, node)
    if (tag === undefined) return meant.value === undefined ? text : meant.value
    if (meant.value !== undefined && TAG_HOLDS[tag]?.(meant.value)) return tag === "float" ? withPoint(meant.value) : meant.value
    throw new Trouble(TAG_HOLDS[tag] ? `${JSON.stringify(text)} is not of the type !!${tag}` : typeRefused(node), node)
  }
}

function mappingOf(node: Node): Node {
  if (isMap(node) || isAlias(node)) return node
  throw new Trouble("<< takes a mapping, or a list of mappings", node)
}

function isMergeKey(key: Node | null): boolean {
  return isScalar(key) && key.value === "<<" && (tagOf(key) === "merge" || (key.type === "PLAIN" && key.tag === undefined))
}

const TAG_HOLDS: { readonly [tag: string]: (value: Json) => boolean } = {
  null: (value) => value === null,
  bool: (value) => typeof value === "boolean",
  int: (value) => /^-?\d+$/.test(String(numberText(value))),
  float: (value) => numberText(value) !== undefined,
}

function withPoint(number: Json): Json {
  const text = numberText(number) ?? ""
  return /^-?\d+$/.test(text) ? new NumberLexeme(`${text}.0`) : number
}

function numberText(value: Json): string | undefined {
  if (typeof value === "number") return String(value)
  return value instanceof NumberLexeme ? value.text : undefined
}

/** "int" for !!int; undefined without a tag; a tag of another family as it is. */
function tagOf(node: Node): string | undefined {
  const tag = node.tag
  return tag === undefined || tag === "!" ? undefined : tag.replace(/^tag:yaml\.org,2002:/, "")
}

function typeRefused(node: Node): string {
  return `the type ${node.tag?.replace("tag:yaml.org,2002:", "!!")} cannot be a parameter's`
}

function refuseTag(node: Node, usual: "seq" | "map"): void {
  const tag = tagOf(node)
  if (tag !== undefined && tag !== usual) throw new Trouble(typeRefused(node), node)
}

function total(parts: readonly Sized[]): number {
  return parts.reduce((sum, { size }) => sum + size, 1)
}
