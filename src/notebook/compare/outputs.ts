/** What a cell showed, twice: streams whole, then one thing shown after the other, each compared as the kind of thing that it is. */
import { isList, isObject, type Json, type JsonObject, own, StringSpan } from "#base/json.ts"
import { comparePictures } from "#notebook/compare/picture.ts"
import { differs, quoted, SAME, type Said, type Terms, TOLERANCE, type Tolerance, unknown, worst } from "#notebook/compare/sameness.ts"
import { compareStructures } from "#notebook/compare/structure.ts"
import { compareTables, tableOfHtml, tableOfText } from "#notebook/compare/table.ts"
import { compareTexts } from "#notebook/compare/text.ts"
import type { Output } from "#notebook/document.ts"

export type ShownKind = "text" | "table" | "picture" | "json" | "chart" | "html" | "widget" | "error" | "other"

/** One thing shown: what kind of thing, and how the two sides relate. */
export type Part = Said & { readonly kind: ShownKind }

/** Of all outputs of a cell: the worst of its parts, and the sentence of that one. */
export type Compared = Said & { readonly parts: readonly Part[] }

export type CompareOptions = {
  readonly tolerance?: Partial<Tolerance> | undefined
  readonly ranAtMs?: number | undefined
  readonly tables?: "values" | "statistics" | undefined
}

export function compareOutputs(before: readonly Output[], after: readonly Output[], options: CompareOptions = {}): Compared {
  const terms: Terms = { tolerance: { ...TOLERANCE, ...options.tolerance }, ranAtMs: options.ranAtMs, tables: options.tables ?? "values" }
  const parts = [...streamsCompared(before, after, terms), ...shownCompared(before.filter(isShown), after.filter(isShown), terms)]
  return { ...worst(parts), parts }
}

export function isShown({ output_type }: Output): boolean {
  return output_type !== "stream"
}

export const STREAMS = { stdout: "standard output", stderr: "standard error" } as const

/** How two streams mix, and in which pieces they came, is chance: each is one text. */
function streamsCompared(before: readonly Output[], after: readonly Output[], terms: Terms): Part[] {
  const names = [...new Set([...before, ...after].filter((output) => !isShown(output)).map(streamName))]
  return names.map((stream) => {
    const [had, has] = [streamText(before, stream), streamText(after, stream)]
    const name = Object.hasOwn(STREAMS, stream) ? STREAMS[stream as keyof typeof STREAMS] : stream
    if (had === undefined || has === undefined) return { kind: "text", ...unknown(`The ${name} is too long to be looked into.`) }
    if (has.trim() === "" && had.trim() !== "")
      return { kind: "text", is: "missing", why: `Nothing was written to ${name}, where ${quoted(had)} is stored.` }
    if (had.trim() === "" && has.trim() !== "") return { kind: "text", ...differs(`New in ${name} is ${quoted(has)}.`) }
    return { kind: "text", ...compareTexts(had, has, { name, terms }) }
  })
}

export function streamName(output: Output): string {
  const name = own(output, "name")
  return typeof name === "string" ? name : "stdout"
}

/** Undefined when a piece of it was too long to be read. */
export function streamText(outputs: readonly Output[], name: string): string | undefined {
  const texts = outputs.filter((output) => !isShown(output) && streamName(output) === name).map((output) => own(output, "text") ?? "")
  return texts.some((text) => text instanceof StringSpan) ? undefined : texts.map(textIn).join("")
}

export function textIn(value: Json): string {
  return typeof value === "string" ? value : isList(value) ? value.map(textIn).join("") : ""
}

function shownCompared(before: readonly Output[], after: readonly Output[], terms: Terms): Part[] {
  const both = before.slice(0, after.length).map((output, at) => compareShown(output, after[at]!, terms))
  const gone = before
    .slice(after.length)
    .map((output): Part => ({ kind: kindOf(output), is: "missing", why: `${aKind(output, "A")} is stored that was not shown.` }))
  const come = after
    .slice(before.length)
    .map((output): Part => ({ kind: kindOf(output), ...differs(`${aKind(output, "A")} was shown that is not stored.`) }))
  return [...both, ...gone, ...come]
}

const KIND_WORDS: Readonly<Record<ShownKind, string>> = {
  text: "text",
  table: "table",
  picture: "picture",
  json: "JSON value",
  chart: "chart",
  html: "piece of HTML",
  widget: "widget",
  error: "error",
  other: "file",
}

function aKind(output: Output, article: "a" | "A"): string {
  const kind = kindOf(output)
  return `${article}${kind === "error" ? "n" : ""} ${KIND_WORDS[kind]}`
}

function kindOf(output: Output): ShownKind {
  return output.output_type === "error" ? "error" : kindOfType(bestType(dataOf(output)) ?? "", dataOf(output))
}

function compareShown(before: Output, after: Output, terms: Terms): Part {
  const isError = [before, after].map(({ output_type }) => output_type === "error")
  if (isError[0] && isError[1]) return { kind: "error", ...compareErrors(before, after, terms) }
  if (isError[1]) return { kind: "error", ...differs(`It raised ${quoted(errorText(after))}, where ${aKind(before, "a")} is stored.`) }
  if (isError[0])
    return { kind: kindOf(after), ...differs(`It showed ${aKind(after, "a")}, where the error ${quoted(errorText(before))} is stored.`) }
  const [had, has] = [dataOf(before), dataOf(after)]
  const { isShared, typeBefore, typeAfter } = typesOf(had, has)
  if (!isShared && typeBefore !== typeAfter)
    return { kind: kindOf(after), ...differs(`It showed ${aKind(after, "a")}, where ${aKind(before, "a")} is stored.`) }
  return compareAs(typeBefore, { before: own(had, typeBefore) ?? "", after: own(has, typeAfter) ?? "", terms, kind: kindOfType(typeBefore, had) })
}

export function errorText(output: Output): string {
  return `${textIn(own(output, "ename") ?? "")}: ${textIn(own(output, "evalue") ?? "")}`
}

/** By which type each side is compared: the best that both have, else the best of each. */
export function typesOf(had: JsonObject, has: JsonObject): { readonly isShared: boolean; readonly typeBefore: string; readonly typeAfter: string } {
  const type = FROM_BEST.find((pattern) => typeLike(had, pattern) !== undefined && typeLike(has, pattern) !== undefined)
  return type
    ? { isShared: true, typeBefore: typeLike(had, type)!, typeAfter: typeLike(has, type)! }
    : { isShared: false, typeBefore: bestType(had) ?? "", typeAfter: bestType(has) ?? "" }
}

/** By what was raised and what it said: a traceback names the libraries' own lines. */
function compareErrors(before: Output, after: Output, terms: Terms): Said {
  return compareTexts(errorText(before), errorText(after), { name: "error", terms })
}

export function dataOf(output: Output): JsonObject {
  const data = own(output, "data")
  return isObject(data) ? data : {}
}

// What says the most of what is meant, first. Both sides are compared by the first of these that both have.
const FROM_BEST: readonly RegExp[] = [
  /^application\/vnd\.(?:plotly|vega|vegalite)\.[\w.]+\+json$/,
  /^application\/vnd\.jupyter\.widget-view\+json$/,
  /^application\/(?:json|(?!vnd\.jupyter|vnd\.bokehjs)[\w.-]+\+json)$/,
  /^image\/png$/,
  /^image\/svg\+xml$/,
  /^image\//,
  /^text\/html$/,
  /^text\/(?:markdown|latex)$/,
  /^text\/(?!plain$)/,
  /^text\/plain$/,
]

function typeLike(data: JsonObject, pattern: RegExp): string | undefined {
  return Object.keys(data).find((type) => pattern.test(type))
}

function bestType(data: JsonObject): string | undefined {
  for (const pattern of FROM_BEST) {
    const type = typeLike(data, pattern)
    if (type !== undefined) return type
  }
  return Object.keys(data)[0]
}

function kindOfType(type: string, data: JsonObject): ShownKind {
  if (/^application\/vnd\.(?:plotly|vega|vegalite)\./.test(type)) return "chart"
  if (type.includes("widget-view")) return "widget"
  if (type.endsWith("json")) return "json"
  if (type.startsWith("image/")) return "picture"
  if (type === "text/html") return tableOfHtml(textIn(own(data, type) ?? "")) ? "table" : "html"
  if (type === "text/plain") return tableOfText(textIn(own(data, type) ?? "")) ? "table" : "text"
  return type.startsWith("text/") ? "text" : "other"
}

type Pair = { readonly before: Json; readonly after: Json; readonly terms: Terms; readonly kind: ShownKind }

function compareAs(type: string, { before, after, terms, kind }: Pair): Part {
  if (before instanceof StringSpan || after instanceof StringSpan)
    return { kind, ...unknown(`The ${KIND_WORDS[kind]} is too long to be looked into.`) }
  // A widget is its model, whose id is new each time; what it held is not in the output.
  if (kind === "widget") return { kind, ...SAME }
  if (kind === "chart" || kind === "json") return { kind, ...compareStructures(before, after, { name: kind === "chart" ? "chart" : "JSON", terms }) }
  const [had, has] = [textIn(before), textIn(after)]
  if (had === has) return { kind, ...SAME }
  if (kind === "picture" && type !== "image/svg+xml") return { kind, ...comparePictures(had, has, { type, tolerance: terms.tolerance }) }
  if (kind === "table") return compareAsTables(type, { had, has, terms })
  if (kind === "other") return { kind, ...unknown(`The bytes differ; ${type} is not looked into.`) }
  return { kind, ...compareTexts(had, has, { name: KIND_WORDS[kind], terms }) }
}

function compareAsTables(type: string, { had, has, terms }: { readonly had: string; readonly has: string; readonly terms: Terms }): Part {
  const read = type === "text/html" ? tableOfHtml : tableOfText
  const [left, right] = [read(had), read(has)]
  if (left && right) return { kind: "table", ...compareTables(left, right, terms) }
  return { kind: "table", ...compareTexts(had, has, { name: "table", terms }) }
}
