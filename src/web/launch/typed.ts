/** What was typed into a launch form, read as the fields declare; and the launch that it makes. Pure. */
import { isList, isObject, type Json, type JsonObject, NumberLexeme, own, parse, write } from "#base/json.ts"
import { accepted, type Outcome, refused } from "#base/outcome.ts"
import { type Field, itemType } from "#web/launch/field.ts"
import { itemsIn } from "#web/launch/given-file.ts"

export type Texts = ReadonlyMap<string, string>
/** Field to what is wrong with it. */
export type Problems = ReadonlyMap<string, string>

/** Undefined: the parameter is left out, and the notebook's own default counts. */
type Reading = Outcome<Json | undefined, string>

/** Every value that is given, or everything that is wrong, at once. */
export function valuesOf(fields: readonly Field[], texts: Texts): Outcome<JsonObject, Problems> {
  const readings = fields.map((field) => [field.name, readField(field, texts.get(field.name) ?? field.initial)] as const)
  const problems = new Map(readings.flatMap(([name, reading]) => (reading.ok ? [] : [[name, reading.refusal] as const])))
  if (problems.size > 0) return refused(problems)
  return accepted(
    Object.fromEntries(readings.flatMap(([name, reading]) => (reading.ok && reading.value !== undefined ? [[name, reading.value]] : []))),
  )
}

export function readField(field: Field, text: string): Reading {
  if (field.given !== undefined && text === field.initial) return accepted(field.given)
  // What says the same as the notebook is not said again, so that a later default is not overruled by today's.
  if (!field.required && text === field.defaultText) return accepted(undefined)
  const reading = text.trim() === "" && field.kind !== "text" && field.kind !== "longText" ? emptyField(field) : filledField(field, text)
  const beyond = reading.ok && reading.value !== undefined ? beyondBounds(field, reading.value) : undefined
  return beyond === undefined ? reading : refused(beyond)
}

/** As the server will say it, before it is asked. */
function beyondBounds({ min, max }: Field, value: Json): string | undefined {
  const values = isList(value) ? value : [value]
  if (min !== undefined && values.some((one) => isBelow(one, min))) return `Give at least ${plainText(min)}.`
  if (max !== undefined && values.some((one) => isBelow(max, one))) return `Give at most ${plainText(max)}.`
  return undefined
}

function isBelow(a: Json, b: Json): boolean {
  if (typeof a === "string" || typeof b === "string") return typeof a === "string" && typeof b === "string" && a < b
  return Number(plainText(a)) < Number(plainText(b))
}

function plainText(value: Json): string {
  return typeof value === "string" ? value : write(value)
}

function emptyField(field: Field): Reading {
  if (field.nullable) return accepted(null)
  if (["list", "choices", "files"].includes(field.kind) && !field.required) return accepted([])
  if (field.kind === "secret" && !field.required) return accepted(undefined)
  if (field.kind === "files") return refused("Choose files, or drop them here: it needs one or more.")
  if (field.kind === "file" && field.required) return refused("Choose a file, or drop one here: it needs one.")
  return refused(
    field.required ? `Give a value: the notebook has none of its own for ${field.name}.` : `Give ${ARTICLE[field.kind]}, or reset it to the default.`,
  )
}

const ARTICLE: Readonly<Record<Field["kind"], string>> = {
  text: "a text",
  longText: "a text",
  secret: "the secret",
  integer: "a whole number, such as 42",
  number: "a number, such as 0.25",
  flag: "yes or no",
  choice: "one of the choices",
  date: "a date, such as 2026-01-31",
  time: "a time, such as 08:30:00",
  dateTime: "a date and time, such as 2026-01-31T08:30:00",
  table: "the name of a table, such as sales.orders",
  connection: "the name of a connection, such as warehouse",
  list: "a list, one item a line",
  choices: "any of the choices",
  file: "a file",
  files: "files",
  json: "JSON",
}

function filledField(field: Field, text: string): Reading {
  switch (field.kind) {
    case "file":
      return accepted(text)
    case "files":
      return accepted(itemsIn(text))
    case "text":
    case "longText":
      return text === "" && field.nullable ? accepted(null) : text === "" && field.required ? emptyField(field) : accepted(text)
    case "secret":
      return accepted(text)
    case "integer":
      return integerOf(text) ?? refused(`${quoted(text)} is not ${ARTICLE.integer}.`)
    case "number":
      return numberOf(text) ?? refused(`${quoted(text)} is not ${ARTICLE.number}.`)
    case "flag":
      return text === "true" || text === "false" ? accepted(text === "true") : refused("Choose yes or no.")
    case "choice": {
      const chosen = field.choices.find(({ key }) => key === text)
      return chosen ? accepted(chosen.value) : refused("Choose one of these.")
    }
    case "date":
    case "time":
    case "dateTime":
      return PATTERNS[field.kind].test(text.trim()) ? accepted(text.trim()) : refused(`${quoted(text)} is not ${ARTICLE[field.kind]}.`)
    case "table":
    case "connection": {
      const pattern = own(field.schema, "pattern")
      const isName = typeof pattern !== "string" || new RegExp(pattern).test(text.trim())
      return isName ? accepted(text.trim()) : refused(`${quoted(text)} is not ${ARTICLE[field.kind]}.`)
    }
    case "choices": {
      const chosen = text.split("\n").flatMap((key) => (key === "" ? [] : [field.choices.find((choice) => choice.key === key)]))
      return chosen.every((one) => one !== undefined) ? accepted(chosen.flatMap((one) => (one ? [one.value] : []))) : refused("Choose among these.")
    }
    case "list":
      return listOf(field, text)
    case "json":
      return jsonOf(field, text)
  }
}

const PATTERNS = {
  date: /^\d{4}-\d{2}-\d{2}$/,
  time: /^\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[-+]\d{2}:?\d{2})?$/i,
  dateTime: /^\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[-+]\d{2}:?\d{2})?)?$/i,
}

function integerOf(text: string): Reading | undefined {
  const plain = text
    .trim()
    .replace(/^\+/u, "")
    .replaceAll(/(?<=\d)[_ ,\u00a0\u202f](?=\d{3})/gu, "")
  return /^-?(0|[1-9]\d*)$/u.test(plain) ? lexeme(plain) : undefined
}

/** The spelling stays: 1.10 is sent as 1.10. */
function numberOf(text: string): Reading | undefined {
  const plain = text
    .trim()
    .replace(/^\+/u, "")
    .replaceAll(/(?<=\d)_(?=\d)/gu, "")
  return /^-?(0|[1-9]\d*)(\.\d+)?(e[-+]?\d+)?$/iu.test(plain) ? lexeme(plain) : undefined
}

function lexeme(text: string): Reading | undefined {
  const read = parse(text)
  return read.ok ? accepted(read.value) : undefined
}

function listOf({ schema }: Field, text: string): Reading {
  const type = itemType(schema)
  const lines = text.split("\n").map((line) => line.trim())
  const items = lines.flatMap((line, index): readonly (readonly [number, Reading | undefined])[] => {
    if (line === "") return []
    return [[index + 1, type === "string" ? accepted(line) : type === "integer" ? integerOf(line) : numberOf(line)]]
  })
  const wrong = items.flatMap(([line, item]) => (item?.ok ? [] : [line]))
  if (wrong.length > 0) return refused(`Line ${wrong.slice(0, 5).join(", ")} is not ${ARTICLE[type === "integer" ? "integer" : "number"]}.`)
  return accepted(items.flatMap(([, item]) => (item?.ok && item.value !== undefined ? [item.value] : [])))
}

function jsonOf({ schema }: Field, text: string): Reading {
  const read = parse(text)
  if (!read.ok) return refused(`This is not JSON (${read.refusal.message}). Write lists as [1, 2] and texts in double quotes.`)
  const type = own(schema, "type")
  if (type === "array" && !isList(read.value)) return refused("This is JSON, but no list. Write it in square brackets.")
  if (type === "object" && !isObject(read.value)) return refused('This is JSON, but no object. Write it as {"name": value}.')
  return accepted(read.value)
}

function quoted(text: string): string {
  const short = text.trim()
  return JSON.stringify(short.length > 40 ? `${short.slice(0, 40)}…` : short)
}

/** How the values travel: numbers whose spelling JavaScript would change go as they are spelled. */
export function onTheWire(values: JsonObject, rawJson: ((text: string) => unknown) | undefined): Record<string, unknown> {
  const raw = (value: Json): unknown => {
    if (value instanceof NumberLexeme) return rawJson && STRICT_NUMBER.test(value.text) ? rawJson(value.text) : Number(value.text)
    if (isList(value)) return value.map(raw)
    return isObject(value) ? Object.fromEntries(Object.entries(value).map(([key, item]) => [key, raw(item)])) : value
  }
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, raw(value)]))
}

const STRICT_NUMBER = /^-?(0|[1-9]\d*)(\.\d+)?([eE][-+]?\d+)?$/

/** What the server found wrong, at the fields; what belongs to no field comes back as `others`. */
export function serverProblems(
  errors: readonly { readonly path: string; readonly message: string }[],
  fields: readonly Field[],
): { readonly problems: Problems; readonly others: readonly string[] } {
  const names = new Set(fields.map(({ name }) => name))
  const nameOf = (path: string) => path.replace(/^parameters\./u, "")
  return {
    problems: new Map(errors.flatMap(({ path, message }) => (names.has(nameOf(path)) ? [[nameOf(path), message] as const] : []))),
    others: errors.flatMap(({ path, message }) => (names.has(nameOf(path)) ? [] : [message])),
  }
}

/** A value in one line, for lists and tables. */
export function shortValue(value: Json | undefined, longest = 120): string {
  if (value === undefined) return ""
  const text = typeof value === "string" ? value : write(value)
  return text.length > longest ? `${text.slice(0, longest - 1)}…` : text
}
