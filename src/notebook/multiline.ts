/**
 * Which texts of a cell nbformat 4 keeps as lists of lines in a file and as one text in memory.
 *
 * Reading joins more than writing splits: a picture that somebody's tool split comes back as one string, as Jupyter does it.
 */
import { isList, isObject, type Json, type JsonObject } from "#base/json.ts"
import { splitLines } from "#notebook/lines.ts"

/** The cell with every list of lines joined. The cell itself when there was none. */
export function joinCell(cell: JsonObject): JsonObject {
  return convertCell(cell, { source: joinList, bundle: joinBundle, output: joinOutput })
}

/** The cell as a file has it. */
export function splitCell(cell: JsonObject): JsonObject {
  return convertCell(cell, { source: splitText, bundle: splitBundle, output: splitOutput })
}

/** The output as a file has it. */
export function splitOutput(output: JsonObject): JsonObject {
  if (isResult(output)) return withMember(output, "data", asBundle(output["data"], splitBundle))
  return output["output_type"] === "stream" ? withMember(output, "text", splitText(output["text"])) : output
}

type Conversion = {
  source(value: Json | undefined): Json | undefined
  bundle(bundle: JsonObject): JsonObject
  output(output: JsonObject): JsonObject
}

function convertCell(cell: JsonObject, to: Conversion): JsonObject {
  let converted = withMember(cell, "source", to.source(cell["source"]))
  const attachments = cell["attachments"]
  if (isObject(attachments)) {
    converted = withMember(
      converted,
      "attachments",
      mapMembers(attachments, (bundle) => asBundle(bundle, to.bundle)),
    )
  }
  const outputs = cell["outputs"]
  if (cell["cell_type"] !== "code" || !isList(outputs)) return converted
  return withMember(
    converted,
    "outputs",
    outputs.map((output) => (isObject(output) ? to.output(output) : output)),
  )
}

function withMember(object: JsonObject, key: string, value: Json | undefined): JsonObject {
  return value === undefined || value === object[key] ? object : { ...object, [key]: value }
}

function mapMembers(object: JsonObject, map: (value: Json, key: string) => Json): JsonObject {
  const entries = Object.entries(object)
  const mapped = entries.map(([key, value]): [string, Json] => [key, map(value, key)])
  return mapped.every(([, value], i) => value === entries[i]?.[1]) ? object : Object.fromEntries(mapped)
}

function asBundle<Other extends Json | undefined>(value: Other, convert: (bundle: JsonObject) => JsonObject): Other | JsonObject {
  return isObject(value) ? convert(value) : value
}

/** Results and displays carry a bundle; every other output, known or not, may carry a text. */
function joinOutput(output: JsonObject): JsonObject {
  if (isResult(output)) return withMember(output, "data", asBundle(output["data"], joinBundle))
  return withMember(output, "text", joinList(output["text"]))
}

function isResult(output: JsonObject): boolean {
  return output["output_type"] === "execute_result" || output["output_type"] === "display_data"
}

function joinBundle(bundle: JsonObject): JsonObject {
  return mapMembers(bundle, (value, mime) => (isJsonMime(mime) ? value : (joinList(value) ?? value)))
}

function splitBundle(bundle: JsonObject): JsonObject {
  return mapMembers(bundle, (value, mime) => (isTextMime(mime) ? (splitText(value) ?? value) : value))
}

/** A list of texts as one; whatever else, as it is. */
function joinList(value: Json | undefined): Json | undefined {
  return isList(value) && value.every((line) => typeof line === "string") ? value.join("") : value
}

function splitText(value: Json | undefined): Json | undefined {
  return typeof value === "string" ? splitLines(value) : value
}

/** Media types whose value is JSON itself, so that a list there is data, not lines. */
function isJsonMime(mime: string): boolean {
  return mime === "application/json" || (mime.startsWith("application/") && mime.endsWith("+json"))
}

function isTextMime(mime: string): boolean {
  return mime.startsWith("text/") || mime === "application/javascript" || mime === "image/svg+xml"
}
