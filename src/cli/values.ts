/**
 * Parameter files of `stet run -f`: a JSON object, or a YAML 1.2 mapping (core schema: `yes` and `012` are what they
 * look like). Numbers keep every digit.
 */
import { isList, isObject, type Json, type JsonObject, NumberLexeme, parse } from "#base/json.ts"
import { accepted, type Outcome, refused } from "#base/outcome.ts"
import { readYaml, type YamlRules } from "#cli/yaml.ts"

/** `message` is one sentence that names the file, the line and the column. */
export type BadParameterFile = { readonly refused: "bad_parameter_file"; readonly message: string }

/** `name` is the path or URI as it was given; what ends in .json must be JSON. An empty file holds no parameters. */
export function readParameterFile(name: string, bytes: Uint8Array): Outcome<JsonObject, BadParameterFile> {
  const shown = name === "-" ? "standard input" : name
  const text = decode(bytes)
  if (text === undefined) return bad(`The parameter file ${shown} is not UTF-8 text.`)
  const isJson = /\.json$/i.test(name.replace(/[?#].*$/, ""))
  const read = isJson && text.trim() !== "" ? parse(text) : readYaml(text, YAML_1_2)
  if (!read.ok) {
    const { message, line, column } = read.refusal
    return bad(`The parameter file ${shown} is not valid ${isJson ? "JSON" : "YAML"}: line ${line}, column ${column}: ${message.replace(/\.$/, "")}.`)
  }
  if (read.value === null) return accepted({})
  if (isObject(read.value)) return accepted(read.value)
  return bad(`The parameter file ${shown} must hold names and values ("name: value" or {"name": value}), not ${kindOf(read.value)}.`)
}

/** Undefined when it is not UTF-8. */
export function decode(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes)
  } catch {
    return undefined
  }
}

function kindOf(value: Json): string {
  if (isList(value)) return "a list"
  if (typeof value === "string") return "a text"
  return typeof value === "boolean" ? "a yes or no" : "a number"
}

function bad(message: string): Outcome<never, BadParameterFile> {
  return refused({ refused: "bad_parameter_file", message })
}

/** YAML 1.2.2 §10.3, the core schema. */
const YAML_1_2: YamlRules = {
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
