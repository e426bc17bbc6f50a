/** The fields of a launch form, made from the JSON Schema of a version's parameters. Pure. */
import { isList, isObject, type Json, type JsonObject, own, write } from "#base/json.ts"
import { sizeWords } from "#web/app/words.ts"

export type FieldKind =
  | "text"
  | "longText"
  | "secret"
  | "integer"
  | "number"
  | "flag"
  | "choice"
  | "date"
  | "time"
  | "dateTime"
  | "table"
  | "connection"
  | "list"
  | "choices"
  | "file"
  | "files"
  | "json"

export type Field = {
  readonly name: string
  /** What people read; the name itself where the author gave none. */
  readonly title: string
  readonly kind: FieldKind
  readonly help: string
  /** What may stand in it, in a few words. */
  readonly words: string
  readonly required: boolean
  /** May be null: then an empty field says null. */
  readonly nullable: boolean
  readonly choices: readonly Choice[]
  readonly min: Json | undefined
  readonly max: Json | undefined
  /** Of a file: the endings that it may have, none for any, and its greatest size. */
  readonly accept: readonly string[]
  readonly maxBytes: number | undefined
  /** The field whose value it takes as long as nobody typed another. */
  readonly follows: string | undefined
  /** As it stands in the field when nobody has typed; "" where the notebook has no default. */
  readonly defaultText: string
  /** The value of the run that is run again, kept as it was until somebody types. */
  readonly given: Json | undefined
  readonly initial: string
  readonly schema: JsonObject
}

/** `key` is what the field holds, `word` what people read. */
export type Choice = { readonly key: string; readonly word: string; readonly value: Json }

export type FieldsFor = {
  readonly fields: readonly Field[]
  /** Values of the earlier run that this version has no parameter for. */
  readonly dropped: readonly string[]
  /** Secrets of the earlier run, which nobody can read any more. */
  readonly secretsToGive: readonly string[]
}

export function fieldsOf(schema: Json, given: JsonObject = {}): FieldsFor {
  const properties = isObject(schema) ? own(schema, "properties") : undefined
  const required = isObject(schema) ? own(schema, "required") : undefined
  const known = isObject(properties) ? Object.entries(properties).flatMap(([name, one]) => (isObject(one) ? [[name, one] as const] : [])) : []
  const order = isObject(schema) ? own(schema, "x-stet-order") : undefined
  const place = (name: string) => (isList(order) && order.includes(name) ? order.indexOf(name) : known.length)
  const fields = known
    .toSorted(([a], [b]) => place(a) - place(b))
    .map(([name, one]) => fieldOf(name, one, { given: own(given, name), required: isList(required) && required.includes(name) }))
  const names = new Set(fields.map(({ name }) => name))
  return {
    fields,
    dropped: Object.keys(given).filter((name) => !names.has(name)),
    secretsToGive: fields.filter(({ kind }) => kind === "secret").map(({ name }) => name),
  }
}

/** Of the schema, the parameters for which the notebook has no value of its own; undefined when it has them all. */
export function lackingIn(schema: Json): JsonObject | undefined {
  const properties = isObject(schema) ? own(schema, "properties") : undefined
  const required = isObject(schema) ? own(schema, "required") : undefined
  if (!isObject(schema) || !isObject(properties) || !isList(required) || required.length === 0) return undefined
  return { ...schema, properties: Object.fromEntries(Object.entries(properties).filter(([name]) => required.includes(name))) }
}

function fieldOf(name: string, schema: JsonObject, { given, required }: { readonly given: Json | undefined; readonly required: boolean }): Field {
  const fallback = own(schema, "default")
  const kind = kindOf(schema, [fallback, given])
  const choices = choicesOf(schema)
  const defaultText = kind === "secret" ? "" : textOf(kind, fallback)
  const initial = given === undefined || kind === "secret" ? defaultText : textOf(kind, given)
  const help = own(schema, "description")
  const [title, follows] = [textIn(schema, "title"), textIn(schema, "x-stet-follows")]
  const [min, max] = [boundOf(schema, "minimum"), boundOf(schema, "maximum")]
  const ofFile = fileSchemaIn(schema)
  const facts = {
    name,
    title: title || name,
    min,
    max,
    accept: acceptOf(ofFile),
    maxBytes: maxBytesOf(ofFile),
    follows,
    kind,
    help: typeof help === "string" ? help : "",
    words: wordsOf(schema, kind),
    required,
    nullable: isNullable(schema),
  }
  return {
    ...facts,
    choices: choices.length > 0 ? choices : itemChoices(schema),
    defaultText,
    given: kind === "secret" ? undefined : given,
    initial,
    schema,
  }
}

/** Of a list of files, that of each. */
function fileSchemaIn(schema: JsonObject): JsonObject {
  const items = own(schema, "items")
  return isObject(items) && isFileList(schema) ? items : schema
}

function textIn(schema: JsonObject, name: string): string | undefined {
  const value = own(schema, name)
  return typeof value === "string" ? value : undefined
}

function acceptOf(schema: JsonObject): readonly string[] {
  const accept = own(schema, "x-stet-accept")
  return isList(accept) ? accept.map(String) : []
}

function maxBytesOf(schema: JsonObject): number | undefined {
  const most = own(schema, "x-stet-max-bytes")
  return most === undefined ? undefined : Number(typeof most === "object" ? write(most) : most)
}

function boundOf(schema: JsonObject, word: "minimum" | "maximum"): Json | undefined {
  const items = own(schema, "items")
  return own(schema, word) ?? own(schema, `x-stet-${word}`) ?? (isObject(items) ? boundOf(items, word) : undefined)
}

/** Of a list, what its items may be. */
function itemChoices(schema: JsonObject): readonly Choice[] {
  const items = own(schema, "items")
  return isObject(items) ? choicesOf(items) : []
}

/** The values that it must be able to show decide as well: a list with an empty text in it cannot be shown line by line. */
function kindOf(schema: JsonObject, values: readonly (Json | undefined)[]): FieldKind {
  if (own(schema, "x-stet-secret") === true) return "secret"
  if (isList(own(schema, "enum"))) return "choice"
  const types = typesOf(schema)
  const [type] = types
  if (types.length !== 1 || type === undefined) return "json"
  const kind = type === "string" ? textKind(schema, values) : (PLAIN_KINDS[type] ?? "json")
  if (kind !== "list") return kind
  if (isFileList(schema)) return "files"
  if (itemChoices(schema).length > 0) return "choices"
  return isLineable(schema) && values.every((value) => value === undefined || value === null || fitsLines(value)) ? "list" : "json"
}

const PLAIN_KINDS: Readonly<Record<string, FieldKind>> = { integer: "integer", number: "number", boolean: "flag", array: "list", object: "json" }
const FORMAT_KINDS: Readonly<Record<string, FieldKind>> = {
  ...{ "x-stet-file": "file", "x-stet-table": "table", "x-stet-connection": "connection" },
  ...{ date: "date", time: "time", "date-time": "dateTime" },
}
const LONG = 80

function textKind(schema: JsonObject, values: readonly (Json | undefined)[]): FieldKind {
  const format = own(schema, "format")
  const kind = typeof format === "string" ? FORMAT_KINDS[format] : undefined
  if (kind) return kind
  return values.some((value) => typeof value === "string" && (value.includes("\n") || value.length > LONG)) ? "longText" : "text"
}

function isFileList(schema: JsonObject): boolean {
  const items = own(schema, "items")
  return isObject(items) && own(items, "format") === "x-stet-file"
}

/** One item a line: only where each line has one plain type. */
function isLineable(schema: JsonObject): boolean {
  return itemType(schema) !== undefined && own(schema, "prefixItems") === undefined
}

export function itemType(schema: JsonObject): "string" | "integer" | "number" | undefined {
  const items = own(schema, "items")
  const type = isObject(items) && own(items, "enum") === undefined && own(items, "format") === undefined ? own(items, "type") : undefined
  return type === "string" || type === "integer" || type === "number" ? type : undefined
}

function fitsLines(value: Json): boolean {
  return isList(value) && value.every((item) => typeof item !== "string" || (item !== "" && item === item.trim() && !/[\n\r]/u.test(item)))
}

function typesOf(schema: JsonObject): readonly string[] {
  const type = own(schema, "type")
  const all = typeof type === "string" ? [type] : isList(type) ? type.filter((one) => typeof one === "string") : []
  return all.filter((one) => one !== "null")
}

function isNullable(schema: JsonObject): boolean {
  const type = own(schema, "type")
  return isList(type) && type.includes("null")
}

function choicesOf(schema: JsonObject): readonly Choice[] {
  const choices = own(schema, "enum")
  return isList(choices) ? choices.map((value) => ({ key: write(value), word: choiceWord(value), value })) : []
}

function choiceWord(value: Json): string {
  return typeof value === "string" ? value : value === null ? "none" : write(value)
}

/** A value as it would have been typed. */
function textOf(kind: FieldKind, value: Json | undefined): string {
  if (value === undefined) return ""
  if (kind === "choice") return write(value)
  if (kind === "choices") return isList(value) ? value.map((item) => write(item)).join("\n") : ""
  if (value === null) return kind === "json" ? "null" : ""
  if ((kind === "list" || kind === "files") && isList(value)) return value.map((item) => (typeof item === "string" ? item : write(item))).join("\n")
  if (kind === "json") return prettyJson(value)
  return typeof value === "string" ? value : write(value)
}

const SHORT_JSON = 60

function prettyJson(value: Json): string {
  const short = write(value)
  return short.length <= SHORT_JSON ? short : write(value, 2)
}

const KIND_WORDS: Readonly<Record<FieldKind, string>> = {
  text: "text",
  longText: "text",
  secret: "secret",
  integer: "whole number",
  number: "number",
  flag: "yes or no",
  choice: "one of these",
  date: "date",
  time: "time",
  dateTime: "date and time",
  table: "table",
  connection: "connection",
  list: "list, one item a line",
  choices: "any of these",
  file: "file",
  files: "files",
  json: "JSON",
}

function wordsOf(schema: JsonObject, kind: FieldKind): string {
  const type = typesOf(schema)
  const base =
    kind === "json" && type.length === 1 && type[0] === "array"
      ? "list as JSON"
      : kind === "json" && type[0] === "object"
        ? "object as JSON"
        : kind === "file" || kind === "files"
          ? fileWords(kind, fileSchemaIn(schema))
          : [KIND_WORDS[kind], ...amongOf(schema)].join(", ")
  return isNullable(schema) ? `${base}, may be left empty` : base
}

/** "table, sales.* or staging.*" */
function amongOf(schema: JsonObject): readonly string[] {
  const among = own(schema, "x-stet-among")
  return isList(among) && among.length > 0 ? [among.filter((one) => typeof one === "string").join(" or ")] : []
}

/** "file, .csv or .parquet, up to 20 MB"; "files, .csv, up to 20 MB each" */
function fileWords(kind: "file" | "files", schema: JsonObject): string {
  const [accept, most] = [acceptOf(schema), maxBytesOf(schema)]
  const size = most === undefined ? [] : [`up to ${sizeWords(most)}${kind === "files" ? " each" : ""}`]
  return [kind, ...(accept.length === 0 ? [] : [accept.join(" or ")]), ...size].join(", ")
}
