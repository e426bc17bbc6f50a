/**
 * What a comment says of a parameter in square brackets: `# [title: Days; min: 1; max: 31; order: 2] How far back`. The same in every
 * language, because it is in the comment; brackets that begin with none of these words are part of the help.
 */
import { isList, type Json, parse } from "#base/json.ts"
import { toValue } from "#notebook/literals/value.ts"
import type { ParameterType } from "#notebook/parameters-type.ts"

export type Facts = {
  /** What people read in place of the name. */
  readonly title?: string
  readonly min?: Json
  readonly max?: Json
  /** As written. */
  readonly choices?: readonly string[]
  /** Where it stands in a form: the lower first, then those that say nothing. */
  readonly order?: number
  /** The endings of the files that it takes, as written: then its value is a file, and `max` a size. */
  readonly file?: readonly string[]
  /** It names a table, or a connection, and which ones may be named. */
  readonly table?: readonly string[]
  readonly connection?: readonly string[]
  /** The name of the parameter whose value it takes when it is given none itself. */
  readonly follows?: string
}

const FACTS = /\[\s*((?:title|min|max|choices|order|follows|file|table|connection)\s*:[^\]]*)\]/i

/** The facts of a line of comment, and what is left of it. */
export function factsIn(line: string): { readonly facts: Facts; readonly rest: string } {
  const found = FACTS.exec(line)
  if (!found) return { facts: {}, rest: line }
  const rest = `${line.slice(0, found.index)} ${line.slice(found.index + found[0].length)}`.replace(/\s+/g, " ").trim()
  const pairs = (found[1] ?? "")
    .split(";")
    .map((pair) => [pair.slice(0, pair.indexOf(":")).trim().toLowerCase(), pair.slice(pair.indexOf(":") + 1).trim()])
  return { facts: Object.assign({}, ...pairs.map(([key = "", value = ""]) => factOf(key, value))), rest }
}

function factOf(key: string, text: string): Facts {
  if (text === "") return {}
  switch (key) {
    case "title":
      return { title: text }
    case "min":
      return { min: bound(text) }
    case "max":
      return { max: bound(text) }
    case "choices":
      return { choices: text.split("|").flatMap((one) => one.trim() || []) }
    case "order":
      return /^-?\d{1,6}$/.test(text) ? { order: Number(text) } : {}
    case "follows":
      return { follows: text }
    case "file":
    case "table":
    case "connection":
      return { [key]: text.split(/[,|\s]+/).filter((one) => one !== "") }
    default:
      return {}
  }
}

/** A number, or the text of a date or time. */
function bound(text: string): Json {
  const read = /^-?[0-9]/.test(text) ? parse(text) : undefined
  return read?.ok ? read.value : text
}

/** The type with the choices: of a list, those of its items. */
export function chosenFrom(type: ParameterType, choices: readonly string[]): ParameterType {
  switch (type.kind) {
    case "list":
      return { kind: "list", items: chosenFrom(type.items, choices) }
    case "either":
      return { kind: "either", of: type.of.map((one) => (one.kind === "null" ? one : chosenFrom(one, choices))) }
    case "integer":
    case "number": {
      const numbers = choices.map((text) => parse(text))
      return numbers.every((one) => one.ok) ? { kind: "choice", of: numbers.flatMap((one) => (one.ok ? [one.value] : [])) } : type
    }
    case "string":
    case "any":
      return { kind: "choice", of: [...choices] }
    default:
      return type
  }
}

/** What is wrong with a value of the right type that is out of bounds, as the end of a sentence; undefined when nothing is. */
export function outOfBounds({ min, max }: Facts, value: Json): string | undefined {
  if (isList(value)) {
    const at = value.findIndex((item) => outOfBounds(definedOf(min, max), item) !== undefined)
    return at < 0 ? undefined : `${outOfBounds(definedOf(min, max), value[at] as Json)} as item ${at + 1}`
  }
  if (min !== undefined && isBelow(value, min)) return `at least ${plainText(min)}`
  if (max !== undefined && isBelow(max, value)) return `at most ${plainText(max)}`
  return undefined
}

function definedOf(min: Json | undefined, max: Json | undefined): Facts {
  return { ...(min === undefined ? {} : { min }), ...(max === undefined ? {} : { max }) }
}

/** Numbers by their value, to the last digit where both are whole; dates and times as they are written, which sorts. What cannot be compared is not below. */
function isBelow(a: Json, b: Json): boolean {
  if (typeof a === "string" && typeof b === "string") return a < b
  const [left, right] = [toValue(a), toValue(b)]
  if (left.is === "integer" && right.is === "integer") return BigInt(left.digits) < BigInt(right.digits)
  const number = (value: typeof left) => (value.is === "integer" ? Number(value.digits) : value.is === "float" ? value.value : Number.NaN)
  return number(left) < number(right)
}

function plainText(value: Json): string {
  return typeof value === "string" ? value : String(value instanceof Object && "text" in value ? value.text : value)
}
