/** The parameters of a papermill command line, merged as papermill merges them: by kind first, then in order. */
import { isObject, type Json, type JsonObject } from "#base/json.ts"
import { accepted, type Outcome, refused } from "#base/outcome.ts"
import { readYaml } from "#case/index.ts"
import { readFloat, readInt } from "#cli/papermill/python-values.ts"
import { YAML_1_1 } from "#cli/papermill/yaml-1.1.ts"
import { decode } from "#cli/values.ts"

/** Where parameters come from, in rising order of precedence. */
export type ParameterSources = {
  readonly paths: readonly (readonly [string, string])[]
  readonly base64: readonly string[]
  readonly files: readonly string[]
  readonly yaml: readonly string[]
  readonly typed: readonly (readonly [string, string])[]
  readonly raw: readonly (readonly [string, string])[]
}

export type NamedValue = { readonly name: string; readonly value: Json }

/** Papermill ends with exit code 1 here. */
export type BadParameters = { readonly refused: "bad_parameters"; readonly message: string }

/**
 * One value a name, in the order in which the names first came up: that of the injected lines.
 *
 * @param read gives the bytes of a parameter file
 */
export async function mergeParameters(
  sources: ParameterSources,
  read: (uri: string) => Promise<Uint8Array>,
): Promise<Outcome<readonly NamedValue[], BadParameters>> {
  const merged = new Map<string, Json>(sources.paths)
  const mappings: Outcome<JsonObject, BadParameters>[] = [
    ...sources.base64.map((text) => fromBase64(text)),
    ...(await readAll(sources.files, read)),
    ...sources.yaml.map((text) => fromYaml(text, "The YAML of -y")),
  ]
  for (const mapping of mappings) {
    if (!mapping.ok) return mapping
    for (const [name, value] of Object.entries(mapping.value)) merged.set(name, value)
  }
  for (const [name, text] of sources.typed) merged.set(name, typed(text))
  for (const [name, text] of sources.raw) merged.set(name, text)
  return accepted([...merged].map(([name, value]) => ({ name, value })))
}

/** What -p takes a word for: True, False, None, then whatever Python's int() and float() take, else text. */
export function typed(text: string): Json {
  if (text === "True") return true
  if (text === "False") return false
  if (text === "None") return null
  return readInt(text) ?? readFloat(text) ?? text
}

/** One after the other: two of them may be standard input, and the second must find it used up. */
async function readAll(files: readonly string[], read: (uri: string) => Promise<Uint8Array>): Promise<Outcome<JsonObject, BadParameters>[]> {
  const all: Outcome<JsonObject, BadParameters>[] = []
  for (const file of files) {
    const text = decode(await read(file))
    all.push(text === undefined ? bad(`The parameter file ${file} is not UTF-8 text.`) : fromYaml(text, `The parameter file ${file}`))
  }
  return all
}

function fromBase64(encoded: string): Outcome<JsonObject, BadParameters> {
  // As Python decodes it: what is not of the alphabet is passed over, the padding must be right.
  const [body = ""] = encoded.replaceAll(/[^A-Za-z0-9+/=]/g, "").match(/^[^=]*=*/) ?? []
  let binary: string
  try {
    if (body.length % 4 !== 0) throw new Error("padding")
    binary = atob(body)
  } catch {
    return bad("The value of -b is not base 64.")
  }
  const text = decode(Uint8Array.from(binary, (char) => char.charCodeAt(0)))
  return text === undefined ? bad("The value of -b is not UTF-8 text in base 64.") : fromYaml(text, "The YAML of -b")
}

function fromYaml(text: string, what: string): Outcome<JsonObject, BadParameters> {
  const read = readYaml(text, YAML_1_1)
  if (!read.ok) return bad(`${what} is not valid: line ${read.refusal.line}, column ${read.refusal.column}: ${read.refusal.message}.`)
  // `or {}`: nothing, false, 0, "" and [] all count as no parameters.
  if (!read.value || (Array.isArray(read.value) && read.value.length === 0)) return accepted({})
  // Python would take a list of pairs too; nobody writes parameters so, and a list is rather a mistake.
  return isObject(read.value) ? accepted(read.value) : bad(`${what} must hold names and values ("name: value").`)
}

function bad(message: string): Outcome<never, BadParameters> {
  return refused({ refused: "bad_parameters", message })
}
