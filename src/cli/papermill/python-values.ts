/**
 * Values as Python has them: how `int()` and `float()` read text, and how `str()` and `repr()` write values. Papermill's
 * command line is defined by them. A JavaScript number that is whole stands for an int, any other for a float; a
 * NumberLexeme is an int when it consists of digits alone.
 */
import { isList, type Json, NumberLexeme } from "#base/json.ts"
import { integer } from "#case/index.ts"

export type PythonNumber = { readonly is: "int"; readonly value: bigint } | { readonly is: "float"; readonly value: number }

/** Undefined for what is not a number. */
export function numberOf(value: Json): PythonNumber | undefined {
  if (typeof value === "number") {
    return Number.isInteger(value) && !Object.is(value, -0) ? { is: "int", value: BigInt(value) } : { is: "float", value }
  }
  if (!(value instanceof NumberLexeme)) return undefined
  return /^-?\d+$/.test(value.text) ? { is: "int", value: BigInt(value.text) } : { is: "float", value: Number(value.text) }
}

/** A float, spelled as Python spells it, so that 1.0 does not become 1. */
export function float(value: number): Json {
  const text = floatText(value)
  return text === String(value) && /^-?\d+\.\d+$/.test(text) ? value : new NumberLexeme(text.replace("inf", "Infinity").replace("nan", "NaN"))
}

// What Python counts as space around a number.
const SPACE = "(?:(?!\\ufeff)[\\s\\x85])*"
const DIGITS = "[0-9](?:_?[0-9])*"
const INT = new RegExp(`^${SPACE}([-+]?)(${DIGITS})${SPACE}$`)
const FLOAT = new RegExp(`^${SPACE}([-+]?)((?:${DIGITS}\\.?(?:${DIGITS})?|\\.${DIGITS})(?:[eE][-+]?${DIGITS})?|inf(?:inity)?|nan)${SPACE}$`, "i")

/** `int(text)`, for ASCII digits; undefined where it raises. */
export function readInt(text: string): Json | undefined {
  const [, sign, digits] = INT.exec(text) ?? []
  return digits === undefined ? undefined : integer(BigInt(digits.replaceAll("_", "")) * (sign === "-" ? -1n : 1n))
}

/** `float(text)`, for ASCII digits; undefined where it raises. */
export function readFloat(text: string): Json | undefined {
  const [, sign, body] = FLOAT.exec(text) ?? []
  if (body === undefined) return undefined
  const word = body.toLowerCase()
  const size = word.startsWith("inf") ? Number.POSITIVE_INFINITY : Number(word.replaceAll("_", ""))
  return float(sign === "-" ? -size : size)
}

/** `repr()` of a float: the shortest digits that mean it, as an exponent below 1e-4 and from 1e16 on. */
export function floatText(value: number): string {
  if (Number.isNaN(value)) return "nan"
  if (!Number.isFinite(value)) return value < 0 ? "-inf" : "inf"
  if (value === 0) return Object.is(value, -0) ? "-0.0" : "0.0"
  const [digits = "", exponent = "0"] = value.toExponential().split("e")
  const power = Number(exponent)
  if (power < -4 || power >= 16) return `${digits}e${power < 0 ? "-" : "+"}${String(Math.abs(power)).padStart(2, "0")}`
  const [whole = "", fraction = ""] = plainDecimal(value).split(".")
  return `${whole}.${fraction || "0"}`
}

/** JavaScript turns to exponents below 1e-6 already. */
function plainDecimal(value: number): string {
  const text = String(value)
  const [, sign = "", first = "", rest = "", power = ""] = /^(-?)(\d)(?:\.(\d+))?e-(\d+)$/.exec(text) ?? []
  return power === "" ? text : `${sign}0.${"0".repeat(Number(power) - 1)}${first}${rest}`
}

/** `str(value)`. */
export function str(value: Json): string {
  return typeof value === "string" ? value : repr(value)
}

/** `repr(value)`. */
export function repr(value: Json): string {
  if (value === null) return "None"
  if (typeof value === "boolean") return value ? "True" : "False"
  if (typeof value === "string") return stringRepr(value)
  const number = numberOf(value)
  if (number) return number.is === "int" ? number.value.toString() : floatText(number.value)
  if (isList(value)) return `[${value.map(repr).join(", ")}]`
  return `{${Object.entries(value)
    .map(([key, item]) => `${stringRepr(key)}: ${repr(item as Json)}`)
    .join(", ")}}`
}

/** `ascii(value)`: a repr with everything beyond ASCII escaped. */
export function ascii(value: Json): string {
  return [...repr(value)].map((char) => (char > "\x7f" ? escaped(char) : char)).join("")
}

const NAMED: { readonly [char: string]: string } = { "\n": "\\n", "\r": "\\r", "\t": "\\t", "\\": "\\\\" }

function stringRepr(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'"
  const body = [...text].map((char) => (char === quote ? `\\${char}` : (NAMED[char] ?? (isPrintable(char) ? char : escaped(char)))))
  return quote + body.join("") + quote
}

function isPrintable(char: string): boolean {
  return char === " " || !/^[\p{C}\p{Z}]$/u.test(char)
}

function escaped(char: string): string {
  const code = char.codePointAt(0) ?? 0
  const hex = (length: number) => code.toString(16).padStart(length, "0")
  if (code < 0x100) return `\\x${hex(2)}`
  return code < 0x10000 ? `\\u${hex(4)}` : `\\U${hex(8)}`
}
