/**
 * Reading a notebook of any format that Stet knows (2, 3, 4.0 to 4.5, and later minors of 4) into the one shape of document.ts.
 *
 * Lists of lines are joined, what Jupyter never keeps in a file (signatures, trust, the original format) is dropped,
 * and what the shape needs but the file lacks is put in and reported. Everything else stays as it is, valid or not:
 * whether a notebook is valid is validate.ts's question. A later minor keeps its number and what it alone knows.
 */
import { type BadJson, isList, isObject, type Json, type JsonObject, memberPath, NumberLexeme, parse } from "#base/json.ts"
import { accepted, type Outcome, refused } from "#base/outcome.ts"
import { type Notebook, withoutSource } from "#notebook/document.ts"
import { cellIdFor, isCellId } from "#notebook/ids.ts"
import { joinCell } from "#notebook/multiline.ts"
import { stripCell, stripMetadata } from "#notebook/transient.ts"
import { upgrade } from "#notebook/upgrade.ts"

export type Reading = {
  readonly notebook: Notebook
  /** What was put in or replaced so that the document holds what it must; the upgrade of an older format is not a repair. */
  readonly repairs: readonly Repair[]
  /** Major and minor of the format the file is in. */
  readonly wasFormat: readonly [major: number, minor: number]
}

/** One thing that was mended. `path` names it as "cells[3].id"; `was` is undefined where nothing stood. */
export type Repair = {
  readonly path: string
  readonly what: "missing" | "invalid" | "duplicate"
  readonly was: Json | undefined
  readonly now: Json
}

export type ReadRefusal =
  | BadJson
  | { readonly refused: "not_a_notebook"; readonly message: string }
  | { readonly refused: "unsupported_format"; readonly message: string; readonly format: string }
  | { readonly refused: "too_large"; readonly message: string; readonly sizeBytes: number; readonly limitBytes: number }

// A JavaScript engine's longest text is 2^29 characters, and the document has to be one text to be read or written.
const LIMIT_BYTES = 512 * 1024 * 1024 - 1024

/** Each costs some hundred bytes of memory and two of the file: 60 MB of brackets would take more than a process has. */
const CONTAINERS = 5_000_000

export function read(source: Uint8Array | string): Outcome<Reading, ReadRefusal> {
  if (source.length > LIMIT_BYTES) {
    const message = `the notebook has ${source.length} bytes and at most ${LIMIT_BYTES} can be read: clear or move its largest outputs`
    return refused({ refused: "too_large", message, sizeBytes: source.length, limitBytes: LIMIT_BYTES })
  }
  const parsed = parse(source, { most: { containers: CONTAINERS } })
  return parsed.ok ? readValue(parsed.value) : parsed
}

/** The same for JSON that was parsed already. */
function readValue(value: Json): Outcome<Reading, ReadRefusal> {
  if (!isObject(value)) return notANotebook(`it is ${kindOf(value)}, and a notebook is an object with cells, metadata and nbformat`)
  const major = wholeNumber(value["nbformat"])
  if (value["nbformat"] === undefined) return notANotebook("it has no nbformat: the number that says which notebook format this is")
  if (major === undefined) return notANotebook("its nbformat is not a whole number")
  const minor = wholeNumber(value["nbformat_minor"]) ?? 0
  if (major === 4) return settle(value, [major, minor])
  if (major !== 2 && major !== 3) return unsupported(major, minor)
  const upgraded = upgrade(value, major)
  return typeof upgraded === "string" ? notANotebook(upgraded) : settle(upgraded, [major, minor])
}

function notANotebook(why: string): { readonly ok: false; readonly refusal: ReadRefusal } {
  return refused({ refused: "not_a_notebook", message: `this is not a notebook: ${why}` })
}

function unsupported(major: number, minor: number): { readonly ok: false; readonly refusal: ReadRefusal } {
  const remedy = major > 4 ? "save it as nbformat 4 with a tool that knows the newer format" : "open it once in Jupyter, which converts it"
  const message = `the notebook is in nbformat ${major}.${minor}, and Stet reads formats 2 to 4: ${remedy}`
  return refused({ refused: "unsupported_format", message, format: `${major}.${minor}` })
}

/** A whole number, however it is spelled (`4`, `4.0`). */
function wholeNumber(value: Json | undefined): number | undefined {
  const number = value instanceof NumberLexeme ? value.valueOf() : value
  return typeof number === "number" && Number.isSafeInteger(number) && number >= 0 ? number : undefined
}

function kindOf(value: Json | undefined): string {
  if (value === undefined) return "missing"
  if (value === null) return "null"
  if (isList(value)) return "a list"
  if (isObject(value)) return "an object"
  if (typeof value === "string") return "a text"
  return typeof value === "boolean" ? String(value) : "a number"
}

function settle(document: JsonObject, wasFormat: Reading["wasFormat"]): Outcome<Reading, ReadRefusal> {
  const cells = document["cells"]
  if (cells === undefined) return notANotebook("it has no cells: a notebook keeps its cells in a list of that name")
  if (!isList(cells)) return notANotebook(`its cells are ${kindOf(cells)}, not a list`)
  const complaint = cells.map(complaintAbout).find((said) => said !== undefined)
  if (complaint !== undefined) return notANotebook(complaint)

  const repairs: Repair[] = []
  const isUpgrade = wasFormat[0] < 4 || wasFormat[1] < 5
  const settled = cells.map((cell, i) => settleCell(cell as JsonObject, `cells[${i}]`, repairs))
  const notebook = {
    ...document,
    nbformat: 4,
    nbformat_minor: minorOf(document, wasFormat, repairs),
    metadata: stripMetadata(mended(document, "metadata", { path: "metadata", repairs, good: isObject, now: {} }) as JsonObject),
    cells: giveIds(settled, isUpgrade, repairs),
  } as unknown as Notebook
  return accepted({ notebook, repairs, wasFormat })
}

function minorOf(document: JsonObject, wasFormat: Reading["wasFormat"], repairs: Repair[]): number {
  const was = document["nbformat_minor"]
  const now = Math.max(5, wasFormat[0] === 4 ? wasFormat[1] : 5)
  if (wholeNumber(was) === undefined) repairs.push({ path: "nbformat_minor", what: was === undefined ? "missing" : "invalid", was, now })
  return now
}

/** Why this cannot be taken for a cell at all; undefined when it can. */
function complaintAbout(cell: Json, index: number): string | undefined {
  const path = `cells[${index}]`
  if (!isObject(cell)) return `${path} is ${kindOf(cell)}, not an object`
  if (typeof cell["cell_type"] !== "string") return `${path}.cell_type is ${kindOf(cell["cell_type"])}, where a text was expected`
  const source = cell["source"] ?? ""
  const lines = isList(source) ? source : [source]
  if (!lines.every((line) => typeof line === "string")) return `${path}.source is neither a text nor a list of texts`
  return cell["cell_type"] === "code" ? complaintAboutOutputs(cell["outputs"] ?? [], path) : undefined
}

function complaintAboutOutputs(outputs: Json, path: string): string | undefined {
  if (!isList(outputs)) return `${path}.outputs is ${kindOf(outputs)}, not a list`
  const bad = outputs.findIndex((output) => !isObject(output) || typeof output["output_type"] !== "string")
  if (bad < 0) return undefined
  return `${path}.outputs[${bad}] is not an output: it has no output_type`
}

function settleCell(cell: JsonObject, path: string, repairs: Repair[]): JsonObject {
  const metadata = mended(cell, "metadata", { path, repairs, good: isObject, now: {} })
  const whole = metadata === cell["metadata"] ? cell : { ...cell, metadata }
  return stripCell(joinCell(settleKind(whole, path, repairs)))
}

function settleKind(cell: JsonObject, path: string, repairs: Repair[]): JsonObject {
  const type = cell["cell_type"]
  const known = type === "code" || type === "markdown" || type === "raw"
  const absent = cell["source"] === undefined || cell["source"] === null
  // A type of a later minor may have no source at all; it must not get one by being read.
  if (absent && !known && !Object.hasOwn(cell, "source")) return withoutSource(cell)
  const source = absent ? mended(cell, "source", { path, repairs, good: () => false, now: "" }) : (cell["source"] as Json)
  const sourced = source === cell["source"] ? cell : { ...cell, source }
  if (type !== "code") return sourced
  const outputs = mended(sourced, "outputs", { path, repairs, good: isList, now: [] })
  const execution_count = mended(sourced, "execution_count", { path, repairs, good: (value) => value !== undefined, now: null })
  const same = outputs === sourced["outputs"] && Object.hasOwn(sourced, "execution_count")
  return same ? sourced : { ...sourced, outputs, execution_count }
}

type Mending = { readonly path: string; readonly repairs: Repair[]; readonly now: Json; good(value: Json | undefined): boolean }

/** The member if it is good, else what takes its place, reported. */
function mended(object: JsonObject, key: string, { path, repairs, good, now }: Mending): Json {
  const was = object[key]
  if (good(was)) return was as Json
  repairs.push({ path: path === key ? key : memberPath(path, key), what: was === undefined ? "missing" : "invalid", was, now })
  return now
}

/**
 * Every cell with an id of its own. A valid id stays with the first cell that has it. Before 4.5 a cell without one is as it
 * should be; from then on it is a repair.
 */
function giveIds(cells: readonly JsonObject[], isUpgrade: boolean, repairs: Repair[]): readonly JsonObject[] {
  const taken = new Set(cells.map((cell) => cell["id"]).filter(isCellId))
  const seen = new Set<string>()
  return cells.map((cell, i) => {
    const was = cell["id"]
    if (isCellId(was) && !seen.has(was)) {
      seen.add(was)
      return cell
    }
    const now = cellIdFor(i, String(cell["source"]), taken)
    taken.add(now)
    seen.add(now)
    const what = was === undefined ? "missing" : isCellId(was) ? "duplicate" : "invalid"
    if (!isUpgrade || was !== undefined) repairs.push({ path: `cells[${i}].id`, what, was, now })
    return { ...cell, id: now }
  })
}
