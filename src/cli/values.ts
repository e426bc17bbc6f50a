/**
 * Parameter files of `stet run -f`: a JSON object, or a YAML 1.2 mapping (core schema: `yes` and `012` are what they
 * look like). Numbers keep every digit.
 */
import { isList, isObject, type Json, type JsonObject, parse } from "#base/json.ts"
import { accepted, type Outcome, refused } from "#base/outcome.ts"
import { readYaml, YAML_1_2 } from "#case/index.ts"

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
