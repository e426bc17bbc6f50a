/** What Stet's own YAML files mean: YAML 1.2, core schema (`yes` and `012` are what they look like), numbers to the last digit. */
import { type Json, NumberLexeme } from "#base/json.ts"
import { accepted } from "#base/outcome.ts"
import type { YamlRules } from "#case/yaml.ts"

/** YAML 1.2.2 §10.3, the core schema. */
export const YAML_1_2: YamlRules = {
  version: "1.2",
  mergeKeys: false,
  duplicateKeys: "refused",
  keyOf: () => undefined,
  plain: (text) => accepted(coreValue(text)),
}

function coreValue(text: string): Json | undefined {
  if (/^(null|Null|NULL|~|)$/.test(text)) return null
  if (/^(true|True|TRUE)$/.test(text)) return true
  if (/^(false|False|FALSE)$/.test(text)) return false
  if (/^[-+]?[0-9]+$/.test(text)) return integer(BigInt(text.replace(/^[-+]/, "")) * (text.startsWith("-") ? -1n : 1n))
  if (/^0o[0-7]+$/.test(text) || /^0x[0-9a-fA-F]+$/.test(text)) return integer(BigInt(text))
  if (/^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$/.test(text)) return decimal(text)
  const [, sign, word] = /^([-+]?)\.(inf|Inf|INF|nan|NaN|NAN)$/.exec(text) ?? []
  if (word === undefined) return undefined
  if (/nan/i.test(word)) return sign === "" ? new NumberLexeme("NaN") : undefined
  return new NumberLexeme(sign === "-" ? "-Infinity" : "Infinity")
}

/** A JavaScript number as long as it is exact. */
export function integer(value: bigint): Json {
  return Number.isSafeInteger(Number(value)) ? Number(value) : new NumberLexeme(value.toString())
}

/** As it was written, put into the form that JSON knows: `.5` is 0.5, `+1.` is 1.0. */
function decimal(text: string): Json {
  const [, sign = "", whole = "", fraction = "", exponent = ""] = /^([-+]?)([0-9]*)(\.[0-9]*)?([eE][-+]?[0-9]+)?$/.exec(text) ?? []
  const lexeme = `${sign === "-" ? "-" : ""}${whole.replace(/^0+(?=\d)/, "") || "0"}${fraction === "." ? ".0" : fraction}${exponent}`
  // With an exponent a JavaScript number would be written differently, or as a whole number.
  return exponent === "" && String(Number(lexeme)) === lexeme ? Number(lexeme) : new NumberLexeme(lexeme)
}
