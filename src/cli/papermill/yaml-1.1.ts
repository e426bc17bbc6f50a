/**
 * What PyYAML's safe loader, without its time stamps, makes of a plain scalar: YAML 1.1 as papermill's users know it.
 * `yes` and `on` are true (`y` is not), `012` is octal, `1:30` is 90, `1e3` is a string (an exponent needs a point and a
 * sign), dates stay strings, of a key that stands twice the last one wins.
 *
 * Different from it on purpose: a lone `=` or `<<` as a value, which PyYAML fails on, is a string; values that JSON has
 * no form for (`!!binary`, `!!set`, `!!timestamp`) are refused by name, where papermill injects something else or fails.
 */
import { isList, isObject, type Json } from "#base/json.ts"
import { accepted, type Outcome, refused } from "#base/outcome.ts"
import { integer, type YamlRules } from "#case/index.ts"
import { float, str } from "#cli/papermill/python-values.ts"

export const YAML_1_1: YamlRules = {
  version: "1.1",
  mergeKeys: true,
  duplicateKeys: "last wins",
  keyOf: (key) => (isList(key) || isObject(key) ? undefined : str(key)),
  plain,
}

const INT = /^(?:[-+]?0b[0-1_]+|[-+]?0[0-7_]+|[-+]?(?:0|[1-9][0-9_]*)|[-+]?0x[0-9a-fA-F_]+|[-+]?[1-9][0-9_]*(?::[0-5]?[0-9])+)$/
const FLOAT =
  /^(?:[-+]?[0-9][0-9_]*\.[0-9_]*(?:[eE][-+][0-9]+)?|\.[0-9][0-9_]*(?:[eE][-+][0-9]+)?|[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+\.[0-9_]*|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/

function plain(text: string): Outcome<Json | undefined, string> {
  if (/^(?:~|null|Null|NULL|)$/.test(text)) return accepted(null)
  if (/^(?:yes|Yes|YES|true|True|TRUE|on|On|ON)$/.test(text)) return accepted(true)
  if (/^(?:no|No|NO|false|False|FALSE|off|Off|OFF)$/.test(text)) return accepted(false)
  if (FLOAT.test(text)) return accepted(float(floatMeant(text)))
  if (!INT.test(text)) return accepted(undefined)
  const meant = intMeant(text)
  return meant === undefined ? refused(`${text} is not a number, though it begins like one; quote it if it is a text`) : accepted(integer(meant))
}

function intMeant(text: string): bigint | undefined {
  const sign = text.startsWith("-") ? -1n : 1n
  const digits = text.replace(/^[-+]/, "").replaceAll("_", "")
  if (digits.includes(":")) return sign * sixties(digits.split(":").map(BigInt), 60n)
  if (/^0[bx]$/.test(digits)) return undefined
  if (/^0[bx]/.test(digits)) return sign * BigInt(digits)
  return sign * BigInt(/^0./.test(digits) ? `0o${digits}` : digits)
}

function sixties(parts: readonly bigint[], base: bigint): bigint {
  return parts.reduce((sum, part) => sum * base + part, 0n)
}

function floatMeant(text: string): number {
  const sign = text.startsWith("-") ? -1 : 1
  const body = text.replace(/^[-+]/, "").replaceAll("_", "").toLowerCase()
  if (body === ".inf") return sign * Number.POSITIVE_INFINITY
  if (body === ".nan") return Number.NaN
  if (!body.includes(":")) return sign * Number(body)
  // Summed from the smallest part up, as PyYAML does: floating point sums depend on the order.
  const parts = body.split(":").map(Number).reverse()
  return sign * parts.reduce((sum, part, index) => sum + part * 60 ** index, 0)
}
