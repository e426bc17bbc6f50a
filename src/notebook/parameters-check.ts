/** Whether a value is of a parameter's type, and the words for both. */
import { equal, isList, isObject, type Json, NumberLexeme, write } from "#base/json.ts"
import { accepted, type Outcome, refused } from "#base/outcome.ts"
import { toValue, type Value } from "#notebook/literals/value.ts"
import { describeFile, hasEnding, uploadIn } from "#notebook/parameters-file.ts"
import { numberJson } from "#notebook/parameters-literal.ts"
import { describeName, isName } from "#notebook/parameters-named.ts"
import type { ParameterType } from "#notebook/parameters-type.ts"

/**
 * The value as the type has it: 3.0 becomes 3 where an integer is wanted (JSON Schema calls both integers), all else stays.
 * The refusal is the most particular complaint, without the parameter's name.
 */
export function conform(type: ParameterType, value: Json): Outcome<Json, Misfit> {
  switch (type.kind) {
    case "any":
      return accepted(value)
    case "null":
      return value === null ? accepted(value) : misfit(type, value)
    case "boolean":
      return typeof value === "boolean" ? accepted(value) : misfit(type, value)
    case "integer":
      return integer(type, value)
    case "number":
      return isNumber(value) ? accepted(value) : misfit(type, value)
    case "string":
      return typeof value === "string" && hasFormat(type.format, value) ? accepted(value) : misfit(type, value)
    case "list":
      return isList(value) ? items(value, () => type.items) : misfit(type, value)
    case "tuple":
      return isList(value) && value.length === type.items.length ? items(value, (at) => type.items[at] as ParameterType) : misfit(type, value)
    case "map":
      return isObject(value) ? members(type.values, value) : misfit(type, value)
    case "choice":
      return choice(type, value)
    case "either":
      return either(type, value)
    case "file":
      return isFile(type, value) ? accepted(value) : misfit(type, value)
    case "named":
      return isName(type, value) ? accepted(value) : misfit(type, value)
  }
}

export type Misfit = {
  readonly problem: "wrong_type" | "not_a_choice"
  readonly expected: string
  /** Not to be shown for a secret. */
  readonly got: string
}

function misfit(type: ParameterType, value: Json): Outcome<Json, Misfit> {
  return refused({ problem: type.kind === "choice" ? "not_a_choice" : "wrong_type", expected: describeType(type), got: show(value) })
}

function integer(type: ParameterType, value: Json): Outcome<Json, Misfit> {
  if (!isNumber(value)) return misfit(type, value)
  const seen = toValue(value)
  if (seen.is === "integer") return accepted(value)
  const isWhole = seen.is === "float" && Number.isInteger(seen.value)
  return isWhole ? accepted(numberJson(String(BigInt(seen.value)))) : misfit(type, value)
}

function items(values: readonly Json[], typeAt: (at: number) => ParameterType): Outcome<Json, Misfit> {
  const out: Json[] = []
  for (const [at, value] of values.entries()) {
    const one = conform(typeAt(at), value)
    if (!one.ok) return refused({ ...one.refusal, expected: `${one.refusal.expected} as item ${at + 1}` })
    out.push(one.value)
  }
  return accepted(out)
}

function members(type: ParameterType, object: { readonly [key: string]: Json }): Outcome<Json, Misfit> {
  const out: [string, Json][] = []
  for (const [key, value] of Object.entries(object)) {
    const one = conform(type, value)
    if (!one.ok) return refused({ ...one.refusal, expected: `${one.refusal.expected} for the key ${show(key)}` })
    out.push([key, one.value])
  }
  return accepted(Object.fromEntries(out))
}

function choice(type: ParameterType & { readonly kind: "choice" }, value: Json): Outcome<Json, Misfit> {
  const same = type.of.find((one) => sameValue(one, value))
  return same === undefined ? misfit(type, value) : accepted(same)
}

/** The complaint of the one alternative that the value could have been meant for, else of all. */
function either(type: ParameterType & { readonly kind: "either" }, value: Json): Outcome<Json, Misfit> {
  const tried = type.of.map((one) => conform(one, value))
  const hit = tried.find((one) => one.ok)
  if (hit) return hit
  const others = type.of.flatMap((one, at) => (one.kind === "null" ? [] : [tried[at]]))
  return others.length === 1 && others[0] && !others[0].ok ? others[0] : misfit(type, value)
}

/** 1 and 1.0 are the same choice. */
function sameValue(a: Json, b: Json): boolean {
  if (!isNumber(a) || !isNumber(b)) return equal(a, b)
  const [left, right] = [toValue(a), toValue(b)]
  return left.is === "integer" && right.is === "integer" ? left.digits === right.digits : Number(a) === Number(b)
}

function isNumber(value: Json): value is number | NumberLexeme {
  return typeof value === "number" || value instanceof NumberLexeme
}

/** What was sent before, or a path; whether anything lies there is seen by whoever can look. */
function isFile({ accept }: ParameterType & { readonly kind: "file" }, value: Json): boolean {
  if (typeof value !== "string" || value.trim() === "" || /[\0\r\n]/.test(value)) return false
  return uploadIn(value) !== undefined || hasEnding(accept, value)
}

function hasFormat(format: "date" | "date-time" | "time" | undefined, text: string): boolean {
  const [, date = "", , time = ""] = /^(\d{4}-\d{2}-\d{2})?([T ])?(\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[-+]\d{2}:?\d{2})?)?$/i.exec(text) ?? []
  switch (format) {
    case undefined:
      return true
    case "date":
      return isDate(date) && text === date
    case "time":
      return isTime(time) && text === time
    case "date-time":
      return isDate(date) && (text === date || (isTime(time) && text.length === date.length + 1 + time.length))
  }
}

function isDate(text: string): boolean {
  const [year = 0, month = 0, day = 0] = text.split("-").map(Number)
  const daysIn = [31, (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
  return text !== "" && day >= 1 && day <= (daysIn[month - 1] ?? 0)
}

function isTime(text: string): boolean {
  const [hours = 99, minutes = 99, seconds = 0] = text.split(/[:Zz+-]/).map(Number)
  return text !== "" && hours < 24 && minutes < 60 && seconds < 61
}

const FORMATS = { date: "a date such as 2026-01-31", "date-time": "a date and time such as 2026-01-31T08:30:00", time: "a time such as 08:30:00" }

/** A type in words, with its article: "an integer", "a list of texts". */
export function describeType(type: ParameterType): string {
  switch (type.kind) {
    case "any":
      return "any value"
    case "null":
      return "null"
    case "boolean":
      return "true or false"
    case "integer":
      return "an integer"
    case "number":
      return "a number"
    case "string":
      return type.format ? FORMATS[type.format] : "a text"
    case "list":
      return type.items.kind === "any" ? "a list" : `a list (each item ${describeType(type.items)})`
    case "tuple":
      return `a list of ${type.items.length} items (${type.items.map(describeType).join(", ")})`
    case "map":
      return type.values.kind === "any" ? "an object" : `an object (each value ${describeType(type.values)})`
    case "choice":
      return `one of ${type.of.map(show).join(", ")}`
    case "either":
      return type.of.map(describeType).join(" or ")
    case "file":
      return describeFile(type)
    case "named":
      return describeName(type)
  }
}

const LONGEST_SHOWN = 80

export function show(value: Json): string {
  const text = typeof value === "string" ? JSON.stringify(value) : write(value)
  return text.length > LONGEST_SHOWN ? `${text.slice(0, LONGEST_SHOWN)}…` : text
}

/** The type that a literal has when nobody said: what is mixed or empty is "any" inside. */
export function typeOfValue(value: Value): ParameterType {
  switch (value.is) {
    case "null":
      return { kind: "any" }
    case "boolean":
      return { kind: "boolean" }
    case "integer":
      return { kind: "integer" }
    case "float":
      return { kind: "number" }
    case "text":
      return { kind: "string" }
    case "list":
      return { kind: "list", items: commonType(value.items) }
    case "map":
      return { kind: "map", values: { kind: "any" } }
  }
}

function commonType(items: readonly Value[]): ParameterType {
  const kinds = new Set(items.map((item) => item.is))
  const [kind] = kinds
  if (kinds.size === 2 && kinds.has("integer") && kinds.has("float")) return { kind: "number" }
  if (kinds.size !== 1) return { kind: "any" }
  return kind === "list" || kind === "map" || kind === "null" ? { kind: "any" } : typeOfValue(items[0] as Value)
}
