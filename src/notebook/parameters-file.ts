/**
 * Parameters that are files: `data = "orders.csv"  # [file: .csv, .parquet; max: 20 MB]`. The value is text: in a kernel the path at which the
 * file lies; in a launch also `upload:` and the id of bytes that were sent before. Pure.
 */
import { isList, type Json } from "#base/json.ts"
import type { Parameter, ParameterProblem } from "#notebook/parameters-declared.ts"
import type { Facts } from "#notebook/parameters-facts.ts"
import { eitherOf, type FileType, isText, mayBeNull, NULL, type ParameterType } from "#notebook/parameters-type.ts"

const REFERENCE = /^upload:([0-9A-HJKMNP-TV-Z]{26})$/

/** The id in `upload:01J…`; undefined when the value is a path, or no text. */
export function uploadIn(value: Json | undefined): string | undefined {
  return typeof value === "string" ? REFERENCE.exec(value)?.[1] : undefined
}

export function uploadNamed(id: string): string {
  return `upload:${id}`
}

/** Which files a parameter takes: one, or several in a list. */
export type FilePlace = { readonly type: FileType; readonly isMany: boolean }

/** Where a parameter is a file, a list of files, or one of these or nothing. */
export function filePlaceOf(type: ParameterType): FilePlace | undefined {
  if (type.kind === "file") return { type, isMany: false }
  if (type.kind === "list") return type.items.kind === "file" ? { type: type.items, isMany: true } : undefined
  if (type.kind !== "either") return undefined
  const [only, ...others] = type.of.filter(({ kind }) => kind !== "null")
  return only && others.length === 0 ? filePlaceOf(only) : undefined
}

/** The texts that a value of it has: one, or those of a list. */
export function pathsIn(value: Json | undefined): readonly string[] {
  return (isList(value) ? value : [value]).filter((one) => typeof one === "string")
}

/** With the type that its comment gives it. What is no text, or a secret, cannot be one: `fileProblems` says so. */
export function asFile(parameter: Parameter): Parameter {
  const { facts, type, secret } = parameter
  if (!facts.file || secret || !(isText(type) || isTexts(type))) return parameter
  const maxBytes = sizeIn(facts.max)
  const file: FileType = { kind: "file", accept: facts.file.flatMap((text) => endingIn(text) ?? []), ...(maxBytes === undefined ? {} : { maxBytes }) }
  const { min: _, max: __, ...others } = facts
  const given: ParameterType = isText(type) ? file : { kind: "list", items: file }
  return { ...parameter, type: mayBeNull(type) || parameter.default === null ? eitherOf([given, NULL]) : given, facts: others }
}

/** A list of texts, or of what nobody said; or nothing. */
function isTexts(type: ParameterType): boolean {
  if (type.kind === "either") return type.of.every((one) => one.kind === "null" || isTexts(one))
  return type.kind === "list" && isText(type.items)
}

/** "csv", "*.csv" and ".csv" are the same; "any" and "*" are none. */
function endingIn(text: string): string | undefined {
  const found = /^\*?\.?([\w+-]+(?:\.[\w+-]+)*)$/.exec(text.toLowerCase())?.[1]
  return found === undefined || found === "any" ? undefined : `.${found}`
}

const POWERS: { readonly [unit: string]: number } = { "": 0, k: 1, m: 2, g: 3, t: 4 }

/** "20 MB" in bytes: 1,024 KB are a MB, as everywhere where Stet tells a size. A bare number is bytes. Undefined: it is no size. */
function sizeIn(text: Json | undefined): number | undefined {
  const [, digits = "", unit = ""] = /^(\d{1,15}(?:\.\d+)?)\s*([kmgt]?)i?b?$/i.exec(text === undefined ? "" : plainText(text)) ?? []
  return digits === "" ? undefined : Math.floor(Number(digits) * 1024 ** (POWERS[unit.toLowerCase()] ?? 0))
}

function plainText(value: Json): string {
  return typeof value === "string" ? value : String(value instanceof Object && "text" in value ? value.text : value)
}

/** What its comment says of a file and cannot be. */
export function fileProblems({ name, type, secret, cellId, line }: Parameter, said: Facts): ParameterProblem[] {
  if (!said.file) return []
  const problem = (message: string): ParameterProblem[] => [{ cellId, line, message }]
  if (secret) return problem(`The parameter ${name} cannot be a file and a secret: take one of the two out of its comment.`)
  if (!filePlaceOf(type))
    return problem(
      `The parameter ${name} cannot be a file: its type is another. Declare it as a text, whose value is the file's path, or as a list of texts.`,
    )
  if (said.max !== undefined && sizeIn(said.max) === undefined)
    return problem(`The greatest size of the file ${name} cannot be read: write it as in [file: .csv; max: 20 MB].`)
  const strange = said.file.filter((text) => !/^(?:any|\*)$/i.test(text) && endingIn(text) === undefined)
  if (strange.length > 0)
    return problem(`The parameter ${name} takes files that end in ${strange.join(", ")}, which is no ending: write them as .csv, .parquet.`)
  return []
}

/** "a file (.csv or .parquet, at most 20 MB)" */
export function describeFile({ accept, maxBytes }: FileType): string {
  const about = [...(accept.length === 0 ? [] : [accept.join(" or ")]), ...(maxBytes === undefined ? [] : [`at most ${fileSize(maxBytes)}`])]
  return about.length === 0 ? "a file" : `a file (${about.join(", ")})`
}

/** "812 B", "4.2 KB", "20 MB" */
export function fileSize(bytes: number): string {
  const power = bytes < 1024 ? 0 : Math.min(4, Math.floor(Math.log(bytes) / Math.log(1024)))
  const size = bytes / 1024 ** power
  const digits = power > 0 && size < 10 && !Number.isInteger(size) ? 1 : 0
  return `${size.toFixed(digits)} ${["B", "KB", "MB", "GB", "TB"][power]}`
}

export function hasEnding(accept: readonly string[], name: string): boolean {
  const lower = name.toLowerCase()
  return accept.length === 0 || accept.some((ending) => lower.endsWith(ending) && lower.length > ending.length)
}

/** Why a file cannot be the value, in a sentence; undefined when it can. */
export function fileMisfit(parameter: string, type: FileType, file: { readonly name: string; readonly sizeBytes: number }): string | undefined {
  const { accept, maxBytes } = type
  if (!hasEnding(accept, file.name))
    return `The parameter ${parameter} takes ${describeFile(type)}, and ${shown(file.name)} has another ending: give a file that ends in ${accept.join(" or ")}.`
  if (file.sizeBytes === 0) return `The file ${shown(file.name)} for ${parameter} is empty: give one with something in it.`
  if (maxBytes !== undefined && file.sizeBytes > maxBytes)
    return `The file ${shown(file.name)} for ${parameter} has ${fileSize(file.sizeBytes)}, and at most ${fileSize(maxBytes)} are taken: give a smaller one.`
  return undefined
}

function shown(name: string): string {
  return JSON.stringify(name.length > 80 ? `${name.slice(0, 79)}…` : name)
}

const LONGEST_STEM = 80
const LONGEST_ENDING = 20

/**
 * The name under which bytes are laid down, made from one that is not to be trusted: what a path, a shell, a terminal or another system could
 * take for something else is gone, and it does not begin with a dot or a dash. Its ending stays, because programs read it.
 */
export function safeFileName(name: string): string {
  const last = name.normalize("NFC").split(/[/\\]/).at(-1) ?? ""
  const plain = last
    .replace(/[^\p{L}\p{N}._-]+/gu, "_")
    .replace(/^[._-]+/, "")
    .replace(/\.{2,}/g, ".")
    .replace(/\.$/, "")
  const ending = /(?:\.[A-Za-z0-9]{1,10}){1,2}$/.exec(plain)?.[0] ?? ""
  const stem = [...plain.slice(0, plain.length - ending.length)].slice(0, LONGEST_STEM).join("")
  return `${stem === "" || RESERVED.test(stem) ? `file${stem === "" ? "" : `-${stem}`}` : stem}${ending.slice(0, LONGEST_ENDING + 2)}`
}

const RESERVED = /^(?:con|prn|aux|nul|com\d|lpt\d)$/i
