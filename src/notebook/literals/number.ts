/** Numbers as source text. */

/** The spellings that languages give to what is not a number. */
export type Unreal = { readonly nan: string; readonly plus: string; readonly minus: string }

/** A double as Python's repr() writes it (1.0, 1e-07, 1e+16), a form that every language here reads; `unreal` for the rest. */
export function floatText(value: number, unreal: Unreal): string {
  if (Number.isNaN(value)) return unreal.nan
  if (!Number.isFinite(value)) return value > 0 ? unreal.plus : unreal.minus
  const sign = value < 0 || Object.is(value, -0) ? "-" : ""
  const [mantissa = "0", power = "0"] = Math.abs(value).toExponential().split("e")
  return sign + spell(mantissa.replace(".", ""), Number(power))
}

/** digits d1d2d3… and power p stand for d1.d2d3… × 10^p. */
function spell(digits: string, power: number): string {
  if (power < -4 || power >= 16) {
    const rest = digits.length > 1 ? `.${digits.slice(1)}` : ""
    return `${digits[0]}${rest}e${power < 0 ? "-" : "+"}${String(Math.abs(power)).padStart(2, "0")}`
  }
  if (power < 0) return `0.${"0".repeat(-power - 1)}${digits}`
  const whole = digits.slice(0, power + 1).padEnd(power + 1, "0")
  return `${whole}.${digits.slice(power + 1) || "0"}`
}

/** Whether a decimal integer fits in that many bits, two's complement. */
export function fits(digits: string, bits: 32 | 64): boolean {
  const value = BigInt(digits)
  return BigInt.asIntN(bits, value) === value
}
