/**
 * Types of parameters, read from annotations as each language spells them: `Optional[int]`, `Array<number> | null`,
 * `Union{Int, Nothing}`, `Seq[String]`. One reader serves all: a name with arguments in brackets of whatever kind.
 * What it does not know is the type "any": the notebook knows better.
 */
import type { Json } from "#base/json.ts"
import { numberJson } from "#notebook/parameters-literal.ts"

/** A file: text, the path at which it lies. `accept`: the endings that its name may have, in lower case, each with its dot; none: any. */
export type FileType = { readonly kind: "file"; readonly accept: readonly string[]; readonly maxBytes?: number }

/** Text that names something of a database. `among`: those that may be given, with stars for letters; none: any. */
export type NamedType = { readonly kind: "named"; readonly of: "table" | "connection"; readonly among: readonly string[] }

export type ParameterType =
  | { readonly kind: "any" }
  | { readonly kind: "null" }
  | { readonly kind: "boolean" }
  | { readonly kind: "integer" }
  | { readonly kind: "number" }
  /** Dates and times arrive in the kernel as text. */
  | { readonly kind: "string"; readonly format?: "date" | "date-time" | "time" }
  | { readonly kind: "list"; readonly items: ParameterType }
  | { readonly kind: "tuple"; readonly items: readonly ParameterType[] }
  | { readonly kind: "map"; readonly values: ParameterType }
  | { readonly kind: "choice"; readonly of: readonly Json[] }
  | { readonly kind: "either"; readonly of: readonly ParameterType[] }
  | FileType
  | NamedType

export const ANY: ParameterType = { kind: "any" }
export const NULL: ParameterType = { kind: "null" }

export type Annotation = {
  readonly type: ParameterType
  readonly secret: boolean
  /** From Annotated[T, "help"]; "" when there is none. */
  readonly help: string
  /** Where the type ends in the text that was read. */
  readonly end: number
}

export type TypeDialect = {
  /** In Python, `x: "int"` is int; elsewhere a quoted text is that one value. */
  readonly quotedIsType: boolean
  /** Classes of the same cell, by name. */
  readonly known: ReadonlyMap<string, ParameterType>
}

const NAMES: { readonly [kind: string]: string } = {
  integer: `int integer int8 int16 int32 int64 int128 uint uint8 uint16 uint32 uint64 uint128 long short byte bigint biginteger positiveint
    nonnegativeint signed unsigned`,
  number: "float double number numeric real float16 float32 float64 decimal abstractfloat bigdecimal bigfloat",
  boolean: "bool boolean logical",
  string: "str string character char abstractstring text path purepath",
  date: "date localdate",
  "date-time": "datetime timestamp posixct posixlt localdatetime instant zoneddatetime offsetdatetime",
  time: "time localtime",
  null: "none nonetype nothing null undefined void missing unit",
  list: `list array sequence iterable collection set frozenset mutableset mutablesequence vector abstractvector seq readonlyarray readonlyset
    indexedseq abstractset`,
  tuple: "tuple ntuple",
  map: "dict mapping mutablemapping map record abstractdict ordereddict defaultdict hashmap typeddict",
  union: "union",
  optional: "optional option maybe nullable partial",
  wrapper: "annotated final classvar const readonly required notrequired some",
  literal: "literal",
  secret: "secret secretstr secretbytes",
}
const KIND_OF: ReadonlyMap<string, string> = new Map(
  Object.entries(NAMES).flatMap(([kind, names]) => names.split(/\s+/).map((name) => [name, kind] as const)),
)

const CLOSING: { readonly [open: string]: string } = { "[": "]", "<": ">", "{": "}", "(": ")" }
const TOKEN =
  /\s*(?:(?<name>[\p{L}_$][\p{L}\p{N}_$]*(?:\s*\.\s*[\p{L}_$][\p{L}\p{N}_$]*)*)|(?<text>"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')|(?<number>[-+]?[0-9]+(?:\.[0-9]+)?)|(?<mark>\.\.\.|=>|[^\s]))/uy
const DEEPEST = 50
const LONGEST = 10_000

type Token = { readonly name?: string; readonly text?: string; readonly number?: string; readonly mark?: string; readonly end: number }
type Reading = { readonly source: string; at: number; readonly dialect: TypeDialect; depth: number; secret: boolean; help: string }

/** The type that a text begins with; "any" with `end` 0 when it begins with none. */
export function readType(source: string, dialect: TypeDialect): Annotation {
  const reading: Reading = { source: source.slice(0, LONGEST), at: 0, dialect, depth: 0, secret: false, help: "" }
  const type = union(reading) ?? ANY
  return { type, secret: reading.secret, help: reading.help, end: reading.at }
}

function peek(reading: Reading): Token {
  TOKEN.lastIndex = reading.at
  const match = TOKEN.exec(reading.source)
  return match ? { ...match.groups, end: TOKEN.lastIndex } : { end: reading.at }
}

function union(reading: Reading): ParameterType | undefined {
  if (++reading.depth > DEEPEST) return undefined
  const of: ParameterType[] = []
  if (peek(reading).mark === "|") reading.at = peek(reading).end
  for (;;) {
    const before = reading.at
    const one = suffixed(reading)
    if (!one) {
      reading.at = before
      break
    }
    of.push(one)
    const next = peek(reading)
    if (next.mark !== "|") break
    reading.at = next.end
  }
  reading.depth--
  return of.length === 0 ? undefined : eitherOf(of)
}

function suffixed(reading: Reading): ParameterType | undefined {
  let type = primary(reading)
  while (type && /^\s*\[\s*\]/.test(reading.source.slice(reading.at, reading.at + 20))) {
    reading.at = reading.source.indexOf("]", reading.at) + 1
    type = { kind: "list", items: type }
  }
  return type
}

function primary(reading: Reading): ParameterType | undefined {
  const token = peek(reading)
  if (token.text !== undefined) return quotedType(reading, token.text, token.end)
  if (token.number !== undefined) return take(reading, token.end, { kind: "choice", of: [numberJson(token.number)] })
  if (token.mark !== undefined) return marked(reading, token.mark)
  return token.name === undefined ? undefined : named(reading, token.name, token.end)
}

function take(reading: Reading, end: number, type: ParameterType): ParameterType {
  reading.at = end
  return type
}

function quotedType(reading: Reading, text: string, end: number): ParameterType {
  reading.at = end
  if (!reading.dialect.quotedIsType) return { kind: "choice", of: [unquote(text)] }
  const inner: Reading = { ...reading, source: text.slice(1, -1), at: 0 }
  const type = union(inner) ?? ANY
  reading.secret ||= inner.secret
  reading.help ||= inner.help
  return type
}

/** `[A, B]` is a tuple, `{…}` an object, `(A)` is A; any other mark begins no type. */
function marked(reading: Reading, mark: string): ParameterType | undefined {
  if (mark === "[") return tupleOf(args(reading))
  if (mark === "{") return skipBracket(reading) ? { kind: "map", values: ANY } : undefined
  if (mark !== "(") return undefined
  const inside = args(reading)
  return inside.length === 1 ? inside[0] : ANY
}

function named(reading: Reading, name: string, end: number): ParameterType {
  reading.at = end
  const short = name.split(".").at(-1)?.trim() ?? name
  const known = reading.dialect.known.get(short)
  if (known) return known
  if (short === "true" || short === "false") return { kind: "choice", of: [short === "true"] }
  const kind = KIND_OF.get(short.toLowerCase()) ?? "any"
  if (kind === "literal") return { kind: "choice", of: literals(reading) }
  const isAnnotated = short.toLowerCase() === "annotated"
  return build(reading, kind, hasArguments(reading) ? args(reading, isAnnotated) : [])
}

function hasArguments(reading: Reading): boolean {
  const next = peek(reading)
  if (next.mark === undefined || !"[<{".includes(next.mark)) return false
  // `number[]` is a list of numbers, `Vector{}` and `List[]` say nothing.
  return !/^\s*\[\s*\]/.test(reading.source.slice(reading.at, reading.at + 20))
}

function build(reading: Reading, kind: string, inside: readonly ParameterType[]): ParameterType {
  const [first = ANY, second = ANY] = inside
  switch (kind) {
    case "integer":
    case "number":
    case "boolean":
    case "string":
    case "null":
      return { kind }
    case "date":
    case "date-time":
    case "time":
      return { kind: "string", format: kind }
    case "list":
      return { kind: "list", items: first }
    case "tuple":
      return tupleOf(inside)
    case "map":
      return { kind: "map", values: second }
    case "union":
      return inside.length === 0 ? ANY : eitherOf(inside)
    case "optional":
      return eitherOf([first, NULL])
    case "wrapper":
      return first
    case "secret":
      reading.secret = true
      return inside.length === 0 ? { kind: "string" } : first
    default:
      return ANY
  }
}

const REST: ParameterType = { kind: "tuple", items: [] }

/** The types between a bracket and its partner. In Annotated[…], texts after the type are help, and names may mark a secret. */
function args(reading: Reading, annotated = false): ParameterType[] {
  const open = peek(reading)
  const close = CLOSING[open.mark ?? ""]
  reading.at = open.end
  const out: ParameterType[] = []
  for (;;) {
    const token = peek(reading)
    if (token.end === reading.at) return out
    if (token.mark === close) {
      reading.at = token.end
      return out
    }
    if (token.mark === "...") out.push(REST)
    if (annotated && out.length > 0 && token.text !== undefined) reading.help ||= unquote(token.text)
    const type = token.mark === "," || token.mark === "..." || (annotated && out.length > 0 && token.text !== undefined) ? undefined : union(reading)
    if (type) out.push(type)
    else reading.at = Math.max(reading.at, token.end)
  }
}

/** Texts, numbers, booleans and None between the brackets of Literal[…]; enum members and other names are left out. */
function literals(reading: Reading): Json[] {
  if (!hasArguments(reading)) return []
  reading.at = peek(reading).end
  const out: Json[] = []
  for (;;) {
    const token = peek(reading)
    if (token.end === reading.at) return out
    reading.at = token.end
    if (token.mark === "]") return out
    if (token.text !== undefined) out.push(unquote(token.text))
    else if (token.number !== undefined) out.push(numberJson(token.number))
    else if (token.name === "None") out.push(null)
    else if (token.name === "True" || token.name === "False") out.push(token.name === "True")
  }
}

function skipBracket(reading: Reading): boolean {
  let depth = 0
  for (;;) {
    const token = peek(reading)
    if (token.end === reading.at) return false
    reading.at = token.end
    if (token.mark === "{") depth++
    if (token.mark === "}" && --depth === 0) return true
  }
}

function tupleOf(items: readonly ParameterType[]): ParameterType {
  if (items.length === 0) return { kind: "list", items: ANY }
  return items[1] === REST ? { kind: "list", items: items[0] ?? ANY } : { kind: "tuple", items: items.filter((item) => item !== REST) }
}

/** Alternatives as one type: choices run together, what is inside another alternative opens out, "any" swallows all. */
export function eitherOf(types: readonly ParameterType[]): ParameterType {
  const flat = types.flatMap((type) => (type.kind === "either" ? type.of : [type]))
  if (flat.some((type) => type.kind === "any")) return ANY
  const choices = flat.flatMap((type) => (type.kind === "choice" ? type.of : []))
  const others = flat.filter((type) => type.kind !== "choice")
  const distinct = [...new Map(others.map((type) => [JSON.stringify(type), type])).values()]
  const of: ParameterType[] = choices.length > 0 ? [{ kind: "choice", of: choices }, ...distinct] : distinct
  return of.length === 1 && of[0] ? of[0] : { kind: "either", of }
}

/** Text without a format of its own: what a comment can make a file or a name of. */
export function isText(type: ParameterType): boolean {
  if (type.kind === "either") return type.of.every((one) => one.kind === "null" || isText(one))
  return type.kind === "any" || type.kind === "file" || type.kind === "named" || (type.kind === "string" && type.format === undefined)
}

export function mayBeNull(type: ParameterType): boolean {
  return type.kind === "either" && type.of.some(({ kind }) => kind === "null")
}

/** The values that a type allows, when it names them; undefined when it does not. */
export function choicesOf(type: ParameterType): readonly Json[] | undefined {
  if (type.kind === "choice") return type.of
  if (type.kind !== "either" || !type.of.every((one) => one.kind === "choice" || one.kind === "null")) return undefined
  return type.of.flatMap((one) => (one.kind === "choice" ? one.of : [null]))
}

const ESCAPES: { readonly [letter: string]: string } = { n: "\n", t: "\t", r: "\r" }

function unquote(text: string): string {
  return text.slice(1, -1).replace(/\\(.)/g, (_, letter: string) => ESCAPES[letter] ?? letter)
}
