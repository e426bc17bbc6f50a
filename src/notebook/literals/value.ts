/** A JSON value as the literal writers see it, and the checks that come before any of them writes a word. */
import { isList, isWellFormed, type Json, type JsonObject, NumberLexeme, StringSpan, write } from "#base/json.ts"

export type Value =
  | { readonly is: "null" }
  | { readonly is: "boolean"; readonly value: boolean }
  /** Decimal digits of any length, with "-" when negative; never "-0". */
  | { readonly is: "integer"; readonly digits: string }
  /** `spelled` is how the number was written, where anybody did. */
  | { readonly is: "float"; readonly value: number; readonly spelled: string }
  | { readonly is: "text"; readonly value: string }
  | { readonly is: "list"; readonly items: readonly Value[] }
  | { readonly is: "map"; readonly entries: readonly (readonly [string, Value])[] }

export function toValue(json: Json): Value {
  if (json === null) return { is: "null" }
  if (typeof json === "boolean") return { is: "boolean", value: json }
  if (typeof json === "string") return { is: "text", value: json }
  if (typeof json === "number") return numberFrom(write(json))
  if (json instanceof NumberLexeme) return numberFrom(json.text)
  if (json instanceof StringSpan) throw new Error("a parameter's text must be in memory, not a span of bytes")
  if (isList(json)) return { is: "list", items: json.map(toValue) }
  return { is: "map", entries: Object.entries(json as JsonObject).map(([key, value]) => [key, toValue(value)] as const) }
}

function numberFrom(text: string): Value {
  return /^-?[0-9]+$/.test(text) ? { is: "integer", digits: String(BigInt(text)) } : { is: "float", value: Number(text), spelled: text }
}

/** What a language cannot hold in a literal. */
export type Limits = {
  /** Text may hold U+0000. */
  readonly nul: boolean
  /** Integers beyond 2^53 must be doubles that are exactly that number. */
  readonly wholeDoubles?: boolean
  /** Lists and maps inside one another; 1 is a list of scalars. Deeper nesting stops the parsers of some languages. */
  readonly depth: number
  readonly emptyKeys?: boolean
  /** Keys that differ only by case are one key. */
  readonly caselessKeys?: boolean
}

/** Why a value has no literal under these limits, as the end of a sentence; undefined when it has one. */
export function beyond(limits: Limits, value: Value, depth = 0): string | undefined {
  switch (value.is) {
    case "text":
      return textProblem(limits, value.value)
    case "integer":
      return limits.wholeDoubles && !isWholeDouble(value.digits) ? `cannot hold the whole number ${brief(value.digits)} exactly` : undefined
    case "list":
      return tooDeep(limits, depth) ?? firstProblem(value.items, (item) => beyond(limits, item, depth + 1))
    case "map":
      return (
        tooDeep(limits, depth) ??
        keyProblem(limits, value.entries) ??
        firstProblem(value.entries, ([key, item]) => textProblem(limits, key) ?? beyond(limits, item, depth + 1))
      )
    default:
      return undefined
  }
}

function firstProblem<Item>(items: readonly Item[], problemOf: (item: Item) => string | undefined): string | undefined {
  for (const item of items) {
    const problem = problemOf(item)
    if (problem) return problem
  }
  return undefined
}

function textProblem(limits: Limits, text: string): string | undefined {
  if (!isWellFormed(text)) return "cannot hold half a surrogate pair, which is not Unicode text"
  return !limits.nul && text.includes("\0") ? "cannot hold the character U+0000" : undefined
}

function tooDeep(limits: Limits, depth: number): string | undefined {
  if (depth < limits.depth) return undefined
  return limits.depth === 1 ? "has no list or map inside another" : `takes at most ${limits.depth} lists or maps inside one another`
}

function keyProblem(limits: Limits, entries: readonly (readonly [string, Value])[]): string | undefined {
  if (limits.emptyKeys === false && entries.some(([key]) => key === "")) return "has no empty key in a map"
  if (!limits.caselessKeys) return undefined
  const folded = entries.map(([key]) => key.toLowerCase())
  return new Set(folded).size < folded.length ? "cannot tell keys apart that differ only by case" : undefined
}

function isWholeDouble(digits: string): boolean {
  const near = Number(digits)
  return Number.isSafeInteger(near) || (Number.isFinite(near) && BigInt(near) === BigInt(digits))
}

function brief(digits: string): string {
  return digits.length > 40 ? `${digits.slice(0, 40)}…` : digits
}
