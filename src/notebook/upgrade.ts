/**
 * nbformat 2 and 3 as nbformat 4: worksheets are flattened, headings become markdown, outputs get media types.
 * (4.0 to 4.4 differ from 4.5 only in cell ids, which read.ts gives to every cell that has none.)
 */
import { isList, isObject, type Json, type JsonObject, parse } from "#base/json.ts"
import { splitLines, withoutEnd } from "#notebook/lines.ts"

/** The document as 4.5, ids still missing; a text when it is not one that can be upgraded. */
export function upgrade(old: JsonObject, major: 2 | 3): JsonObject | string {
  const { worksheets, metadata, orig_nbformat: _1, orig_nbformat_minor: _2, ...others } = old
  if (!isList(worksheets)) return `it has no worksheets: a notebook of format ${major} keeps its cells in a list of that name`
  const cells: Json[] = []
  for (const [i, sheet] of worksheets.entries()) {
    const inSheet = isObject(sheet) ? sheet["cells"] : undefined
    if (!isList(inSheet)) return `worksheets[${i}] has no list of cells`
    cells.push(...inSheet.map((cell) => (isObject(cell) ? upgradeCell(joinOldCell(cell, major)) : cell)))
  }
  // The name was the file's, the signature Jupyter's own seal: neither is written any more.
  const { name: _3, signature: _4, ...kept } = isObject(metadata) ? metadata : {}
  return { ...others, metadata: kept, nbformat: 4, nbformat_minor: 5, cells }
}

const LINES_OF_OUTPUT = ["text", "html", "svg", "latex", "javascript", "json"]

function joinOldCell(cell: JsonObject, major: 2 | 3): JsonObject {
  const join = (value: Json) =>
    isList(value) && value.every((line) => typeof line === "string") ? joinOldLines(value as readonly string[], major) : value
  if (cell["cell_type"] !== "code") return mapKeys(cell, ["source", "rendered"], join)
  const outputs = cell["outputs"]
  const joined = mapKeys(cell, ["input"], join)
  if (!isList(outputs)) return joined
  return { ...joined, outputs: outputs.map((output) => (isObject(output) ? mapKeys(output, LINES_OF_OUTPUT, join) : output)) }
}

/** Format 2 kept lines without their ends; format 3 with them, though early files of it did not. */
function joinOldLines(lines: readonly string[], major: 2 | 3): string {
  return lines.join(major === 3 && /[\n\r]$/.test(lines[0] ?? "") ? "" : "\n")
}

function mapKeys(object: JsonObject, keys: readonly string[], map: (value: Json) => Json): JsonObject {
  const mapped = keys.filter((key) => Object.hasOwn(object, key)).map((key): [string, Json] => [key, map(object[key] as Json)])
  return { ...object, ...Object.fromEntries(mapped) }
}

function upgradeCell(cell: JsonObject): JsonObject {
  const { trusted: _, ...kept } = cell
  const metadata = isObject(kept["metadata"]) ? kept["metadata"] : {}
  const type = kept["cell_type"]
  if (type === "code") return upgradeCodeCell({ ...kept, metadata })
  if (type === "heading") return upgradeHeading({ ...kept, metadata })
  return { ...kept, metadata, ...(type === "html" ? { cell_type: "markdown" } : {}) }
}

function upgradeCodeCell(cell: JsonObject): JsonObject {
  const { language: _, collapsed, input = "", prompt_number = null, outputs = [], ...kept } = cell
  const metadata = collapsed === undefined ? kept["metadata"] : { ...(kept["metadata"] as JsonObject), collapsed }
  return {
    ...kept,
    metadata: metadata as Json,
    source: input,
    execution_count: prompt_number,
    outputs: isList(outputs) ? outputs.map((output) => (isObject(output) ? upgradeOutput(output) : output)) : outputs,
  }
}

function upgradeHeading(cell: JsonObject): JsonObject {
  const { level = 1, source = "", ...kept } = cell
  const hashes = "#".repeat(Math.min(Math.max(Number(level) || 1, 1), 100))
  const line = typeof source === "string" ? splitLines(source).map(withoutEnd).join(" ") : ""
  return { ...kept, cell_type: "markdown", source: `${hashes} ${line}` }
}

function upgradeOutput(output: JsonObject): JsonObject {
  switch (output["output_type"]) {
    case "pyout": {
      const { prompt_number = null, ...kept } = output
      return { ...upgradeDisplay(kept), output_type: "execute_result", execution_count: prompt_number }
    }
    case "display_data":
      return upgradeDisplay(output)
    case "pyerr":
      return { ...output, output_type: "error" }
    case "stream": {
      const { stream = "stdout", ...kept } = output
      return { ...kept, name: stream }
    }
    default:
      return output
  }
}

/** Everything an old display held beside its type was data, under short names. */
function upgradeDisplay(output: JsonObject): JsonObject {
  const { output_type = "", metadata = {}, execution_count, ...bundle } = output
  const data = withMediaTypes(bundle)
  const json = data["application/json"]
  return {
    output_type,
    metadata: isObject(metadata) ? withMediaTypes(metadata) : metadata,
    data: typeof json === "string" ? { ...data, "application/json": decoded(json) } : data,
    ...(execution_count === undefined ? {} : { execution_count }),
  }
}

/** Format 3 kept JSON as a text of JSON; one that is none stays the text it was. */
function decoded(text: string): Json {
  const value = parse(text)
  return value.ok ? value.value : text
}

const MEDIA_TYPES: Readonly<Record<string, string>> = {
  text: "text/plain",
  html: "text/html",
  svg: "image/svg+xml",
  png: "image/png",
  jpeg: "image/jpeg",
  latex: "text/latex",
  json: "application/json",
  javascript: "application/javascript",
}

function withMediaTypes(object: JsonObject): JsonObject {
  const renamed = Object.entries(object).filter(([key]) => Object.hasOwn(MEDIA_TYPES, key))
  const others = Object.entries(object).filter(([key]) => !Object.hasOwn(MEDIA_TYPES, key))
  return Object.fromEntries([...others, ...renamed.map(([key, value]): [string, Json] => [MEDIA_TYPES[key] as string, value])])
}
