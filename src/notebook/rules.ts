/**
 * Checks of JSON values, each telling every problem it finds with its path: the small vocabulary that the
 * rules of the notebook formats (validate.ts, validate-old.ts) are written in.
 */
import { isList, isObject, type Json, memberPath, NumberLexeme, StringSpan } from "#base/json.ts"

/** One thing that is not as the format wants it; `path` as in "cells[3].outputs[0].data", "" for the whole document. */
export type Problem = { readonly path: string; readonly message: string }

export type Check = (value: Json, path: string) => readonly Problem[]

const fine: readonly Problem[] = []

export function problem(path: string, message: string): readonly Problem[] {
  return [{ path, message }]
}

export const anything: Check = () => fine

export const text: Check = (value, path) => (isText(value) ? fine : problem(path, `is ${kind(value)}, but must be a text`))

export const flag: Check = (value, path) => (typeof value === "boolean" ? fine : problem(path, `is ${kind(value)}, but must be true or false`))

export const object: Check = (value, path) => (isObject(value) ? fine : problem(path, `is ${kind(value)}, but must be an object`))

export const list: Check = (value, path) => (isList(value) ? fine : problem(path, `is ${kind(value)}, but must be a list`))

export function wholeNumber(least: number, most = Number.POSITIVE_INFINITY): Check {
  const range = most === Number.POSITIVE_INFINITY ? `of at least ${least}` : least === most ? `${least}` : `from ${least} to ${most}`
  return (value, path) => {
    const number = asWhole(value)
    if (number === undefined) return problem(path, `is ${kind(value)}, but must be a whole number`)
    return number >= least && number <= most ? fine : problem(path, `is ${number}, but must be ${least === most ? range : `a number ${range}`}`)
  }
}

export function orNull(check: Check): Check {
  return (value, path) => (value === null ? fine : check(value, path).map((found) => ({ ...found, message: `${found.message}, or null` })))
}

export function textMatching(pattern: RegExp, wish: string): Check {
  return (value, path) => {
    if (typeof value !== "string") return text(value, path)
    return pattern.test(value) ? fine : problem(path, `is ${quoted(value)}, but must be ${wish}`)
  }
}

export function oneOf(...allowed: readonly Json[]): Check {
  const wish = allowed.map((item) => JSON.stringify(item)).join(" or ")
  return (value, path) => (allowed.includes(value) ? fine : problem(path, `is ${kind(value)}, but must be ${wish}`))
}

export function listOf(item: Check): Check {
  return (value, path) => (isList(value) ? value.flatMap((each, i) => item(each, `${path}[${i}]`)) : list(value, path))
}

/** A text, or the list of its lines. */
export const lines: Check = (value, path) => {
  if (isText(value)) return fine
  if (!isList(value)) return problem(path, `is ${kind(value)}, but must be a text or a list of texts`)
  return value.flatMap((line, i) => text(line, `${path}[${i}]`))
}

export const tags: Check = (value, path) => {
  if (!isList(value)) return list(value, path)
  const tag = textMatching(/^[^,]+$/, "a text that is not empty and has no comma")
  const again = value.flatMap((each, i) => (value.indexOf(each) < i ? problem(`${path}[${i}]`, `repeats the tag ${quoted(String(each))}`) : fine))
  return [...value.flatMap((each, i) => tag(each, `${path}[${i}]`)), ...again]
}

export type Shape = {
  /** Keys that must be there, in the order they are asked for. */
  readonly needs?: readonly string[]
  readonly members?: Readonly<Record<string, Check>>
  /** Every key that `members` does not name: a check for its value, or undefined when no such key may stand. Default: anything goes. */
  others?(key: string): Check | undefined
}

export function shaped(shape: Shape): Check {
  const { needs = [], members = {}, others = () => anything } = shape
  return (value, path) => {
    if (!isObject(value)) return object(value, path)
    const missing = needs.filter((key) => !Object.hasOwn(value, key)).map((key) => ({ path: memberPath(path, key), message: "is missing" }))
    const found = Object.entries(value).flatMap(([key, member]) => {
      const at = memberPath(path, key)
      const check = Object.hasOwn(members, key) ? members[key] : others(key)
      return check ? check(member, at) : problem(at, "may not stand here: the format has no such key")
    })
    return [...missing, ...found]
  }
}

/** The check that a type member chooses; an unknown type gets `unknown`, or is a problem. */
export function byType(member: string, kinds: Readonly<Record<string, Check>>, unknown?: Check): Check {
  return (value, path) => {
    if (!isObject(value)) return object(value, path)
    const type = value[member]
    if (typeof type !== "string") return type === undefined ? problem(`${path}.${member}`, "is missing") : text(type, `${path}.${member}`)
    const check = Object.hasOwn(kinds, type) ? kinds[type] : unknown
    return check ? check(value, path) : oneOf(...Object.keys(kinds))(type, `${path}.${member}`)
  }
}

/** What a value is, for a sentence. */
export function kind(value: Json): string {
  if (value === null) return "null"
  if (typeof value === "string") return quoted(value)
  if (typeof value === "number" || typeof value === "boolean") return String(value)
  if (value instanceof NumberLexeme) return value.text
  if (value instanceof StringSpan) return "a text"
  return isList(value) ? "a list" : "an object"
}

function quoted(value: string): string {
  return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value)
}

function isText(value: Json): boolean {
  return typeof value === "string" || value instanceof StringSpan
}

/** Whole means spelled so: 3.0 is none to the format's schema. */
function asWhole(value: Json): number | undefined {
  if (typeof value === "number") return Number.isInteger(value) && !Object.is(value, -0) ? value : undefined
  return value instanceof NumberLexeme && /^-?\d+$/.test(value.text) ? value.valueOf() : undefined
}
