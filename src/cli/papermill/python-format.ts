/**
 * Python's format specifications ("Format Specification Mini-Language" of its library reference) for the values that
 * parameters have: `03d`, `.2f`, `>10`, `,`, `x`, `%` and their like. Floats are rounded from their exact binary value,
 * half to even, as Python does; JavaScript's toFixed rounds halves up and stops at 1e21.
 */
import { isList, isObject, type Json } from "#base/json.ts"
import { accepted, type Outcome, refused } from "#base/outcome.ts"
import { floatText, numberOf, str } from "#cli/papermill/python-values.ts"

/** Refused with the end of a sentence: "… cannot be formatted: ". */
export function format(value: Json, spec: string): Outcome<string, string> {
  if (spec === "") return accepted(str(value))
  if (value === null || isList(value) || isObject(value)) return refused(`${nameOf(value)} takes no format, but "${spec}" is given`)
  const read = readSpec(spec)
  if (!read) return refused(`"${spec}" is not a format`)
  if (typeof value === "string") return formatText(value, read)
  const number = typeof value === "boolean" ? ({ is: "int", value: value ? 1n : 0n } as const) : numberOf(value)
  if (!number) return refused(`${nameOf(value)} takes no format`)
  return number.is === "int" ? formatInt(number.value, read) : formatFloat(number.value, read)
}

function nameOf(value: Json): string {
  if (value === null) return "None"
  return isList(value) ? "a list" : "a mapping"
}

type Spec = {
  readonly fill: string
  readonly align: string
  /** "" when none is given. */
  readonly sign: string
  readonly noMinusZero: boolean
  readonly alternate: boolean
  readonly width: number
  readonly grouping: string
  readonly precision: number | undefined
  readonly type: string
  readonly text: string
}

// A file name longer than this is not meant.
const WIDEST = 10_000

function readSpec(text: string): Spec | undefined {
  const parts = /^(?:(.)?([<>=^]))?([-+ ])?(z)?(#)?(0)?(\d+)?([,_])?(?:\.(\d+))?([bcdeEfFgGnosxX%])?$/su.exec(text)
  if (!parts) return undefined
  const [, fill, align, sign = "", z, alternate, zero, width = "0", grouping = "", precision, type = ""] = parts
  if (Number(width) > WIDEST || Number(precision ?? 0) > WIDEST) return undefined
  return {
    fill: fill ?? (zero ? "0" : " "),
    align: align ?? (zero ? "=" : ""),
    sign,
    noMinusZero: z !== undefined,
    alternate: alternate !== undefined,
    width: Number(width),
    grouping,
    precision: precision === undefined ? undefined : Number(precision),
    type,
    text,
  }
}

function formatText(value: string, spec: Spec): Outcome<string, string> {
  const { type, align, text } = spec
  const zeroFilled = align === "=" && !text.includes("=")
  const numeric = (type !== "" && type !== "s") || spec.grouping || spec.noMinusZero || spec.alternate || spec.sign
  if (numeric || (align === "=" && !zeroFilled)) return refused(`the format "${text}" is for numbers, and the value is a text`)
  const chars = [...value].slice(0, spec.precision)
  return accepted(pad({ sign: "", body: chars.join(""), length: chars.length }, { ...spec, align: zeroFilled ? "<" : align || "<" }))
}

const RADIX: { readonly [type: string]: number } = { b: 2, o: 8, x: 16, X: 16 }

function formatInt(value: bigint, spec: Spec): Outcome<string, string> {
  const { type } = spec
  if (/[eEfFgG%]/.test(type)) return formatFloat(Number(value), spec)
  if (type === "s") return refused(`the format "${spec.text}" is for texts, and the value is a whole number`)
  if (spec.precision !== undefined) return refused(`the format "${spec.text}" gives a precision, and the value is a whole number`)
  if (spec.noMinusZero) return refused(`the format "${spec.text}" is for numbers with a point, and the value is a whole number`)
  if (type === "c") return formatChar(value, spec)
  const radix = RADIX[type] ?? 10
  if ((spec.grouping === "," && radix !== 10) || (spec.grouping !== "" && type === "n"))
    return refused(`"${spec.grouping}" and "${type}" do not go together`)
  const size = value < 0n ? -value : value
  const digits = type === "X" ? size.toString(16).toUpperCase() : size.toString(radix)
  const prefix = spec.alternate && radix !== 10 ? `0${type}` : ""
  return accepted(padNumber({ sign: signOf(value < 0n, spec) + prefix, digits, rest: "" }, spec, radix === 10 ? 3 : 4))
}

function formatChar(value: bigint, spec: Spec): Outcome<string, string> {
  if (value < 0n || value > 0x10ffffn || spec.sign || spec.grouping || spec.alternate) return refused(`${value} is not a character`)
  return accepted(pad({ sign: "", body: String.fromCodePoint(Number(value)), length: 1 }, { ...spec, align: spec.align || ">" }))
}

function formatFloat(value: number, spec: Spec): Outcome<string, string> {
  const { type } = spec
  if (/[bcdosxX]/.test(type))
    return refused(`the format "${spec.text}" is for ${type === "s" ? "texts" : "whole numbers"}, and the value is a number with a point`)
  if (spec.grouping !== "" && type === "n") return refused(`"${spec.grouping}" and "n" do not go together`)
  const size = Math.abs(type === "%" ? value * 100 : value)
  const written = Number.isFinite(size) ? writeFinite(size, spec) : `${Number.isNaN(size) ? "nan" : "inf"}`
  const text = /[EFG]/.test(type) ? written.toUpperCase() : written
  const [, digits = "", rest = ""] = /^(\d*)(.*)$/s.exec(text + (type === "%" ? "%" : "")) ?? []
  const isNegative = (value < 0 || Object.is(value, -0)) && !(spec.noMinusZero && /^[0.e+-]+$/i.test(text))
  return accepted(padNumber({ sign: signOf(isNegative, spec), digits, rest }, spec, 3))
}

function writeFinite(size: number, { type, precision, alternate }: Spec): string {
  switch (type.toLowerCase()) {
    case "f":
    case "%":
      return withPoint(fixed(size, precision ?? 6), alternate)
    case "e":
      return withPoint(scientific(size, (precision ?? 6) + 1), alternate)
    case "g":
    case "n":
      return general({ size, digits: precision ?? 6, alternate, atLeastOneDecimal: false })
    default:
      return precision === undefined
        ? withPoint(floatText(size), alternate)
        : general({ size, digits: precision, alternate, atLeastOneDecimal: true })
  }
}

function withPoint(text: string, wanted: boolean): string {
  return wanted && !text.includes(".") ? text.replace(/^\d+/, "$&.") : text
}

type General = { readonly size: number; readonly digits: number; readonly alternate: boolean; readonly atLeastOneDecimal: boolean }

/** As an exponent when the number is small or has more digits before the point than are wanted; no trailing zeros. */
function general({ size, digits, alternate, atLeastOneDecimal }: General): string {
  const count = Math.max(digits, 1)
  const rounded = significant(size, count)
  const mantissa = alternate ? rounded.digits : rounded.digits.replace(/0+$/, "")
  const { power } = rounded
  if (power < -4 || power >= count - (atLeastOneDecimal ? 1 : 0)) return withPoint(exponential(mantissa || "0", power), alternate)
  const all = power < 0 ? "0".repeat(-power) + mantissa : mantissa.padEnd(power + 1, "0")
  const point = Math.max(power, 0) + 1
  const decimals = all.slice(point)
  return withPoint(`${all.slice(0, point)}${decimals ? `.${decimals}` : atLeastOneDecimal ? ".0" : ""}`, alternate)
}

function scientific(size: number, count: number): string {
  const { digits, power } = significant(size, count)
  return exponential(digits, power)
}

function exponential(digits: string, power: number): string {
  const mantissa = digits.length > 1 ? `${digits[0]}.${digits.slice(1)}` : digits
  return `${mantissa}e${power < 0 ? "-" : "+"}${String(Math.abs(power)).padStart(2, "0")}`
}

function fixed(size: number, decimals: number): string {
  const { top, bottom } = exactly(size)
  const digits = divideHalfEven(top * 10n ** BigInt(decimals), bottom)
    .toString()
    .padStart(decimals + 1, "0")
  return decimals === 0 ? digits : `${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`
}

/** `count` digits, the first of them worth 10^power. */
function significant(size: number, count: number): { readonly digits: string; readonly power: number } {
  if (size === 0) return { digits: "0".repeat(count), power: 0 }
  const { top, bottom } = exactly(size)
  const at = (power: number) => {
    const shift = count - 1 - power
    return shift >= 0 ? divideHalfEven(top * 10n ** BigInt(shift), bottom) : divideHalfEven(top, bottom * 10n ** BigInt(-shift))
  }
  // The estimate is off by one where rounding carries into a new digit, or where the shortest digits were rounded up.
  let power = Number(size.toExponential().split("e")[1])
  if (at(power).toString().length < count) power--
  if (at(power).toString().length > count) power++
  return { digits: at(power).toString(), power }
}

/** A float is exactly top / bottom. */
function exactly(size: number): { readonly top: bigint; readonly bottom: bigint } {
  const bits = new DataView(new ArrayBuffer(8))
  bits.setFloat64(0, size)
  const raw = bits.getBigUint64(0)
  const exponent = Number((raw >> 52n) & 0x7ffn)
  const mantissa = (raw & 0xf_ffff_ffff_ffffn) | (exponent === 0 ? 0n : 1n << 52n)
  const shift = Math.max(exponent, 1) - 1075
  return shift >= 0 ? { top: mantissa << BigInt(shift), bottom: 1n } : { top: mantissa, bottom: 1n << BigInt(-shift) }
}

function divideHalfEven(top: bigint, bottom: bigint): bigint {
  const whole = top / bottom
  const twice = (top % bottom) * 2n
  return twice > bottom || (twice === bottom && whole % 2n === 1n) ? whole + 1n : whole
}

function signOf(isNegative: boolean, { sign }: Spec): string {
  if (isNegative) return "-"
  return sign === "-" ? "" : sign
}

type Parts = { readonly sign: string; readonly digits: string; readonly rest: string }

function padNumber({ sign, digits, rest }: Parts, spec: Spec, group: number): string {
  // Zeros that fill the width are grouped like digits.
  const zeros = spec.fill === "0" && spec.align === "=" ? spec.width - sign.length - rest.length : 0
  const body = grouped(digits, { mark: spec.grouping, group, atLeast: zeros }) + rest
  return pad({ sign, body, length: body.length }, { ...spec, align: spec.align || ">" })
}

function grouped(digits: string, { mark, group, atLeast }: { readonly mark: string; readonly group: number; readonly atLeast: number }): string {
  if (mark === "" || digits === "") return digits
  let rest = digits
  let text = ""
  for (;;) {
    text = rest.slice(-group) + text
    rest = rest.slice(0, -group)
    if (rest === "") break
    text = mark + text
  }
  while (text.length < atLeast) {
    const first = text.split(mark)[0] ?? ""
    // A group that is full is followed by a mark and at least one more zero.
    text = first.length < group ? `0${text}` : `0${mark}${text}`
  }
  return text
}

function pad({ sign, body, length }: { readonly sign: string; readonly body: string; readonly length: number }, spec: Spec): string {
  const room = Math.max(0, spec.width - [...sign].length - length)
  const left = spec.align === "^" ? Math.floor(room / 2) : spec.align === "<" ? 0 : room
  if (spec.align === "=") return sign + spec.fill.repeat(room) + body
  return spec.fill.repeat(left) + sign + body + spec.fill.repeat(room - left)
}
