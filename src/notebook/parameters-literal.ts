/** Literals of source code as JSON values: numbers and escaped text, in what all languages here have in common. */
import { isWellFormed, type Json, parse } from "#base/json.ts"
import { floatText } from "#notebook/literals/number.ts"

const UNREAL = { nan: "NaN", plus: "Infinity", minus: "-Infinity" }

/** A number as JSON spells it, kept to the last digit. `text` is a decimal as any language writes it, sign allowed; else undefined is thrown away as null. */
export function numberJson(text: string): Json {
  const plain = text.replace(/^\+/, "")
  const read = /^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?$/.test(plain) ? parse(plain) : parse(floatText(Number(plain), UNREAL))
  return read.ok ? read.value : null
}

/** A number literal without its sign and suffix: decimal, or 0x, 0o, 0b with whole digits; undefined for anything else (017, 1j). */
export function numberLiteral(text: string): Json | undefined {
  const digits = text.replaceAll("_", "")
  if (/^0(?:x[0-9a-f]+|o[0-7]+|b[01]+)$/i.test(digits)) return numberJson(String(BigInt(digits.toLowerCase())))
  return /^(?:0+|[1-9][0-9]*|(?:[0-9]+\.[0-9]*|\.[0-9]+|[0-9]+(?=[eE]))(?:[eE][-+]?[0-9]+)?)$/.test(digits)
    ? numberJson(digits.replace(/^0+(?=[0-9])/, ""))
    : undefined
}

/** −n for a number literal; undefined when `value` is no number. */
export function negated(value: Json | undefined): Json | undefined {
  if (value === undefined) return undefined
  const text = numberSpelling(value)
  if (text === undefined) return undefined
  return numberJson(text.startsWith("-") ? text.slice(1) : text === "0" ? "0" : `-${text}`)
}

function numberSpelling(value: Json): string | undefined {
  if (typeof value === "number") return String(value)
  return typeof value === "object" && value !== null && "text" in value && typeof value.text === "string" ? value.text : undefined
}

export type Escapes = {
  /** What a backslash and this character stand for. */
  readonly simple: { readonly [letter: string]: string }
  /** \xHH: two digits, up to two, or none of it. */
  readonly x?: "two" | "upToTwo"
  /** \uXXXX and \UXXXXXXXX: all digits, fewer allowed, or braces as in JavaScript. */
  readonly u?: "full" | "fewer" | "braces"
  readonly octal?: boolean
  /** A backslash before anything else: stays, goes, or makes the text no literal. */
  readonly unknown: "keep" | "drop" | "fail"
}

const ESCAPE =
  /\\(?:x(?<x>[0-9a-fA-F]{1,2})|u\{(?<braced>[0-9a-fA-F]{1,8})\}|u(?<u>[0-9a-fA-F]{1,4})|U(?<U>[0-9a-fA-F]{1,8})|(?<octal>[0-7]{1,3})|(?<line>\r?\n)|(?<other>[\s\S]))/g

/** The text between the quotes with its escapes resolved; undefined when it is not Unicode text or has an escape of another kind. */
export function unescaped(body: string, escapes: Escapes): string | undefined {
  let failed = false
  const text = body.replace(ESCAPE, (...match) => {
    const resolved = resolve(match.at(-1) as { readonly [group: string]: string | undefined }, String(match[0]), escapes)
    failed ||= resolved === undefined
    return resolved ?? ""
  })
  return failed || !isWellFormed(text) ? undefined : text
}

function resolve(found: { readonly [group: string]: string | undefined }, whole: string, escapes: Escapes): string | undefined {
  if (found["line"] !== undefined) return escapes.simple["\n"] ?? unknown(whole, escapes)
  const simple = escapes.simple[whole.slice(1, 2)]
  if (simple !== undefined && found["octal"] === undefined) return simple
  if (found["x"] !== undefined && escapes.x) return escapes.x === "two" && found["x"].length < 2 ? undefined : character(found["x"], 16)
  if (found["braced"] !== undefined && escapes.u && escapes.u !== "full") return character(found["braced"], 16)
  if (found["u"] !== undefined && escapes.u) return found["u"].length < 4 && escapes.u !== "fewer" ? undefined : character(found["u"], 16)
  if (found["U"] !== undefined && escapes.u && escapes.u !== "braces") {
    return found["U"].length < 8 && escapes.u === "full" ? undefined : character(found["U"], 16)
  }
  if (found["octal"] !== undefined) return escapes.octal ? character(found["octal"], 8) : whole === "\\0" ? "\0" : undefined
  return unknown(whole, escapes)
}

function unknown(whole: string, escapes: Escapes): string | undefined {
  if (escapes.unknown === "fail") return undefined
  return escapes.unknown === "keep" ? whole : whole.slice(1)
}

function character(digits: string, base: number): string | undefined {
  const point = Number.parseInt(digits, base)
  return point <= 0x10ffff ? String.fromCodePoint(point) : undefined
}
