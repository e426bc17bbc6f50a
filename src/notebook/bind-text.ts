/** Text from a command line as a value: by the parameter's type where it has one, else as papermill guesses. */
import { isList, isObject, type Json, parse } from "#base/json.ts"
import { conform, show } from "#notebook/parameters-check.ts"
import { numberJson } from "#notebook/parameters-literal.ts"
import type { ParameterType } from "#notebook/parameters-type.ts"

/** What the text stands for under that type; the text itself where it stands for nothing, which the type will then refuse. */
export function valueOfText(type: ParameterType, text: string): Json {
  switch (type.kind) {
    case "any":
      return guess(text)
    case "string":
    case "file":
    case "named":
      return text
    case "null":
      return text === "None" || text === "null" ? null : text
    case "boolean":
      return BOOLEANS.get(text.toLowerCase()) ?? text
    case "integer":
    case "number":
      return integerIn(text) ?? floatIn(text) ?? text
    case "list":
    case "tuple":
    case "map":
      return structured(text, type)
    case "choice":
      return chosen(type.of, text)
    case "either":
      return firstFit(type.of, text)
  }
}

const BOOLEANS: ReadonlyMap<string, boolean> = new Map([
  ...["true", "yes", "on", "1"].map((word) => [word, true] as const),
  ...["false", "no", "off", "0"].map((word) => [word, false] as const),
])

/** True, False, None, an integer, a float, each as Python reads it; else text. */
function guess(text: string): Json {
  if (text === "True") return true
  if (text === "False") return false
  if (text === "None") return null
  return integerIn(text) ?? floatIn(text) ?? text
}

/** An integer as Python's int() takes it: blanks around, a sign, underscores between digits, leading zeros, digits of any script, any size. */
function integerIn(text: string): Json | undefined {
  const plain = asciiDigits(text)
  return /^[-+]?[0-9]+(?:_[0-9]+)*$/.test(plain)
    ? numberJson(String(BigInt(plain.replaceAll("_", "").replace(/^\+/, "").replace(/^-0*$/, "0"))))
    : undefined
}

/** A float as Python's float() takes it; one that JSON can spell keeps its spelling (1.10 stays 1.10). */
function floatIn(text: string): Json | undefined {
  const plain = asciiDigits(text).toLowerCase()
  const word = /^([-+]?)(nan|inf|infinity)$/.exec(plain)
  if (word) return numberJson(word[2] === "nan" ? "NaN" : `${word[1] === "-" ? "-" : ""}Infinity`)
  const digits = "[0-9]+(?:_[0-9]+)*"
  const isFloat = new RegExp(`^[-+]?(?:${digits}\\.?(?:${digits})?|\\.${digits})(?:e[-+]?${digits})?$`).test(plain)
  return isFloat ? numberJson(plain.replaceAll("_", "")) : undefined
}

/** Without the blanks around, and with the decimal digits of every script made ASCII, as Python reads them. */
function asciiDigits(text: string): string {
  return text.replace(/^\p{White_Space}+|\p{White_Space}+$/gu, "").replace(/\p{Nd}/gu, (digit) => String(digitValue(digit.codePointAt(0) ?? 0)))
}

const MATHEMATICAL_DIGITS = { first: 0x1d7ce, last: 0x1d7ff }

/** Decimal digits stand in Unicode in runs of ten, none touching another but the mathematical ones. */
function digitValue(point: number): number {
  if (point >= MATHEMATICAL_DIGITS.first && point <= MATHEMATICAL_DIGITS.last) return (point - MATHEMATICAL_DIGITS.first) % 10
  let value = 0
  while (value < 9 && /\p{Nd}/u.test(String.fromCodePoint(point - value - 1))) value++
  return value
}

/** Lists and objects are written as JSON. */
function structured(text: string, type: ParameterType): Json {
  const read = parse(text)
  if (!read.ok) return text
  return (type.kind === "map" ? isObject(read.value) : isList(read.value)) ? read.value : text
}

function chosen(choices: readonly Json[], text: string): Json {
  const same =
    choices.find((choice) => choice === text) ??
    choices.find((choice) => typeof choice !== "string" && conform({ kind: "choice", of: [choice] }, guess(text)).ok)
  return same ?? (choices.some((choice) => show(choice) === text) ? (choices.find((choice) => show(choice) === text) as Json) : text)
}

/** null first, text last: "None" is null where null is allowed, "3" a number where numbers are. */
function firstFit(types: readonly ParameterType[], text: string): Json {
  const order = (type: ParameterType) =>
    type.kind === "null" ? 0 : type.kind === "choice" ? 1 : type.kind === "string" || type.kind === "file" ? 9 : 2
  const sorted = types.toSorted((a, b) => order(a) - order(b))
  for (const type of sorted) {
    const value = valueOfText(type, text)
    if (conform(type, value).ok) return value
  }
  return sorted.length > 0 ? valueOfText(sorted.at(-1) as ParameterType, text) : text
}
