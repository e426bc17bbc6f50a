/** R, as papermill writes it where R reads that as it was meant. */
import { floatText } from "#notebook/literals/number.ts"
import { BACKSLASH_SHORT, hex, quoted } from "#notebook/literals/text.ts"
import type { Value } from "#notebook/literals/value.ts"
import type { Writer } from "#notebook/literals/writer.ts"

const UNREAL = { nan: "NaN", plus: "Inf", minus: "-Inf" }
// R stops reading a name in a call after 10,000 bytes.
const LONGEST_KEY = 1000

export const r: Writer = {
  // R's parser takes 50 open brackets, and a cell's own call needs some of them.
  limits: { nul: false, wholeDoubles: true, depth: 40 },
  comment: (text) => `# ${text}`.trim(),
  literal: write,
  assign: ({ name, literal }) => `${name} = ${literal}`,
}

function write(value: Value): string {
  switch (value.is) {
    case "null":
      return "NULL"
    case "boolean":
      return value.value ? "TRUE" : "FALSE"
    case "integer":
      return Number.isSafeInteger(Number(value.digits)) ? value.digits : hexInteger(BigInt(value.digits))
    case "float":
      return float(value.value)
    case "text":
      return rText(value.value)
    case "list":
      return `list(${value.items.map(write).join(", ")})`
    case "map":
      return map(value.entries)
  }
}

function map(entries: readonly (readonly [string, Value])[]): string {
  if (entries.some(([key]) => key === "" || key.length > LONGEST_KEY)) {
    return `structure(list(${entries.map(([, item]) => write(item)).join(", ")}), names = c(${entries.map(([key]) => rText(key)).join(", ")}))`
  }
  return `list(${entries.map(([key, item]) => `${rText(key)} = ${write(item)}`).join(", ")})`
}

/** In R, `\x` stands for a byte, and may not be mixed with `\u`: it is right only in text that is ASCII. */
export function rText(text: string): string {
  const short = { ...BACKSLASH_SHORT }
  if (/^[\x00-\x7f]*$/.test(text)) return quoted(text, short, (point) => `\\x${hex(point, 2)}`)
  return quoted(text, short, (point) => (point < 65536 ? `\\u${hex(point, 4)}` : `\\U${hex(point, 8)}`))
}

function float(value: number): string {
  const decimal = floatText(value, UNREAL)
  return !Number.isFinite(value) || readsBack(decimal, value) ? decimal : hexFloat(value)
}

function hexInteger(value: bigint): string {
  return value < 0n ? `-0x${(-value).toString(16)}` : `0x${value.toString(16)}`
}

/**
 * R reads a decimal as digits × or ÷ a power of ten in 64-bit-mantissa arithmetic and then rounds to a double: about one
 * fraction in two thousand comes out one bit off (src/main/arithmetic.c, R_strtod). Those are written in hexadecimal.
 */
function readsBack(decimal: string, value: number): boolean {
  const [, whole = "", fraction = "", power = "0"] = /^-?([0-9]+)\.?([0-9]*)(?:e([+-][0-9]+))?$/.exec(decimal) ?? []
  const digits = BigInt(whole + fraction)
  const exponent = Number(power) - fraction.length
  if (digits === 0n) return true
  const isExact = Math.abs(exponent) <= LAST_EXACT_POWER
  // Beyond, versions of R differ in the last bits of the power: nothing but short numbers such as 1e-30 can bear that.
  if (!isExact && (String(digits).replace(/0+$/, "").length > 5 || Math.abs(exponent) > 290)) return false
  const scale = powerOfTen(Math.abs(exponent))
  return roundTwice(exponent < 0 ? digits : digits * scale, exponent < 0 ? scale : 1n) === Math.abs(value)
}

// 10^27 is the last that a 64-bit mantissa holds exactly; no digits here pass 2^64.
const LAST_EXACT_POWER = 27

/** By squaring, as R does, each product rounded to 64 significant bits. */
function powerOfTen(exponent: number): bigint {
  let power = 1n
  for (let left = exponent, square = 10n; left > 0; left >>= 1, square = rounded(square * square, 64)) {
    if (left & 1) power = rounded(power * square, 64)
  }
  return power
}

/** numerator ÷ denominator, rounded to 64 significant bits and then to a double, ties to even. */
function roundTwice(numerator: bigint, denominator: bigint): number {
  const shift = 70 - (numerator.toString(2).length - denominator.toString(2).length)
  const top = shift >= 0 ? numerator << BigInt(shift) : numerator
  const bottom = shift >= 0 ? denominator : denominator << BigInt(-shift)
  const quotient = top / bottom
  const sticky = top % bottom === 0n ? 0n : 1n
  const extended = rounded((quotient << 1n) | sticky, 64)
  return Number(rounded(extended, 53)) * 2 ** -(shift + 1)
}

/** An integer with all but its leading bits cleared, rounded to nearest, ties to even. */
function rounded(value: bigint, bits: number): bigint {
  const spare = BigInt(Math.max(0, value.toString(2).length - bits))
  if (spare === 0n) return value
  const half = 1n << (spare - 1n)
  const kept = value >> spare
  const rest = value - (kept << spare)
  const up = rest > half || (rest === half && (kept & 1n) === 1n)
  return (up ? kept + 1n : kept) << spare
}

/** 0x1.8p+1 is 3: exact, whatever arithmetic the reader uses. */
function hexFloat(value: number): string {
  const size = Math.abs(value)
  let power = Math.max(-1022, Math.floor(Math.log2(size)))
  if (size / 2 ** power >= 2) power++
  if (size / 2 ** power < 1 && power > -1022) power--
  // Two steps, because 2^-1074 × 2^1022 × 2^52 must not pass through a number too large.
  const bits = BigInt((size / 2 ** power) * 2 ** 52)
  const fraction = (bits & ((1n << 52n) - 1n)).toString(16).padStart(13, "0").replace(/0+$/, "")
  return `${value < 0 ? "-" : ""}0x${bits >> 52n}${fraction ? `.${fraction}` : ""}p${power < 0 ? "-" : "+"}${Math.abs(power)}`
}
