/** When two values are the same to somebody who tests: numbers by what they are worth, whatever their spelling. */
import { isList, isObject, type Json, NumberLexeme, own, write } from "#base/json.ts"

/** Undefined when it is no number. */
export function numberIn(value: Json | undefined): number | undefined {
  if (typeof value === "number") return value
  return value instanceof NumberLexeme ? Number(value.text) : undefined
}

/** 42 and 42.0 are the same; whole numbers that a double cannot tell apart are not. */
export function isSame(a: Json, b: Json): boolean {
  const [one, other] = [numberIn(a), numberIn(b)]
  if (one !== undefined && other !== undefined) return isSameNumber(a, b, [one, other])
  if (isList(a)) return isList(b) && a.length === b.length && a.every((item, at) => isSame(item, b[at] as Json))
  if (!isObject(a)) return write(a) === write(b)
  const keys = Object.keys(a)
  return isObject(b) && keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key) && isSame(own(a, key)!, own(b, key)!))
}

function isSameNumber(a: Json, b: Json, [one, other]: readonly [number, number]): boolean {
  const isExact = Number.isSafeInteger(one) || !Number.isInteger(one)
  return isExact ? Object.is(one, other) || one === other : write(a) === write(b)
}

const MOST_SHOWN = 200

export function short(value: Json): string {
  return cut(write(value))
}

export function quoted(text: string): string {
  return JSON.stringify(cut(text))
}

function cut(text: string): string {
  return text.length > MOST_SHOWN ? `${text.slice(0, MOST_SHOWN)}…` : text
}
