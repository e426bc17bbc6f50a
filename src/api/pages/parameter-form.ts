/** The form of a notebook's parameters, made from their JSON Schema; and what was typed into it, read by the same. Pure. */
import { wrongNote } from "#api/pages/layout.ts"
import { jsonText } from "#api/wire/json-text.ts"
import { isList, isObject, type Json, type JsonObject, NumberLexeme, own, parse } from "#base/json.ts"
import { html, type Markup, NOTHING, trusted } from "#page/index.ts"

export type Wrong = ReadonlyMap<string, string>

type Property = { readonly name: string; readonly schema: JsonObject; readonly required: boolean }
type Kind = "text" | "secret" | "number" | "flag" | "choice" | "date" | "time" | "json"

const PREFIX = "p."

export function propertiesOf(schema: Json): readonly Property[] {
  if (!isObject(schema)) return []
  const properties = own(schema, "properties")
  const required = own(schema, "required")
  if (!isObject(properties)) return []
  return Object.entries(properties).flatMap(([name, one]) =>
    isObject(one) ? [{ name, schema: one, required: isList(required) && required.includes(name) }] : [],
  )
}

export function parameterFields(schema: Json, typed: ReadonlyMap<string, string>, wrong: Wrong): Markup {
  return html`${propertiesOf(schema).map((property) => parameterField(property, typed.get(PREFIX + property.name), wrong.get(property.name)))}`
}

function parameterField({ name, schema, required }: Property, typed: string | undefined, wrong: string | undefined): Markup {
  const id = `p-${name}`
  const help = text(own(schema, "description"))
  const described = [help === "" ? "" : `${id}-help`, wrong === undefined ? "" : `${id}-wrong`].filter((part) => part !== "").join(" ")
  const attributes = html`id="${id}" name="${PREFIX}${name}"${required && trusted(" required")}${described !== "" && html` aria-describedby="${described}"`}${wrong !== undefined && trusted(' aria-invalid="true"')}`
  const value = typed ?? defaultText(schema)
  return html`<div><label for="${id}"><code>${name}</code> <span class="help">${typeWords(schema)}${required ? ", needed" : ""}</span></label>${help !== "" && html`<p class="help" id="${id}-help">${help}</p>`}${control(schema, attributes, value)}${wrongNote(id, wrong)}</div>`
}

function control(schema: JsonObject, attributes: Markup, value: string): Markup {
  switch (kindOf(schema)) {
    case "choice":
      return html`<select ${attributes}>${choicesOf(schema).map((choice) => option(jsonText(choice), choiceWord(choice), value))}</select>`
    case "flag":
      return html`<select ${attributes}>${[...(isNullable(schema) ? [option("", "none", value)] : []), option("true", "true", value), option("false", "false", value)]}</select>`
    case "number":
      return html`<input ${attributes} inputmode="decimal" value="${value}">`
    case "date":
      return html`<input ${attributes} type="date" value="${value}">`
    case "time":
      return html`<input ${attributes} placeholder="2026-01-31T12:00:00" value="${value}">`
    case "secret":
      return html`<input ${attributes} type="password" autocomplete="off" value="">`
    case "json":
      return html`<textarea ${attributes} spellcheck="false">${value}</textarea>`
    case "text":
      return value.includes("\n") || value.length > 80
        ? html`<textarea ${attributes}>${value}</textarea>`
        : html`<input ${attributes} value="${value}">`
  }
}

function option(key: string, word: string, value: string): Markup {
  return html`<option value="${key}"${key === value ? trusted(" selected") : NOTHING}>${word}</option>`
}

export type Typed = { readonly parameters: JsonObject; readonly wrong: Wrong }

/** What differs from the defaults, typed as the schema says; what cannot be read as that is handed on as text, for the notebook's own check to refuse. */
export function typedParameters(schema: Json, form: ReadonlyMap<string, string>): Typed {
  const wrong = new Map<string, string>()
  const given = propertiesOf(schema).flatMap(({ name, schema: one, required }): [string, Json][] => {
    const typed = form.get(PREFIX + name)
    if (typed === undefined || (!required && typed === defaultText(one))) return []
    const value = valueOfText(one, typed)
    if (value === undefined) wrong.set(name, "This is not JSON: write lists as [1, 2] and texts in double quotes.")
    return value === undefined || value === SKIPPED ? [] : [[name, value]]
  })
  return { parameters: Object.fromEntries(given), wrong }
}

const SKIPPED = Symbol("left empty") as never

/** Undefined for what is no JSON where that is needed. */
function valueOfText(schema: JsonObject, typed: string): Json | undefined {
  switch (kindOf(schema)) {
    case "secret":
      return typed === "" ? SKIPPED : typed
    case "choice":
    case "json":
      return typed.trim() === "" ? emptyValue(schema) : jsonOf(typed)
    case "flag":
      return typed === "" ? null : typed === "true"
    case "number":
      return typed.trim() === "" ? emptyValue(schema) : (numberOf(typed.trim()) ?? typed)
    case "date":
    case "time":
      return typed === "" ? emptyValue(schema) : typed
    case "text":
      return typed === "" && isNullable(schema) ? null : typed
  }
}

function emptyValue(schema: JsonObject): Json {
  return isNullable(schema) ? null : SKIPPED
}

function jsonOf(typed: string): Json | undefined {
  const read = parse(typed)
  return read.ok ? read.value : undefined
}

function numberOf(typed: string): Json | undefined {
  const read = /^[-+0-9.eE_]+$/u.test(typed) ? parse(typed.replaceAll("_", "").replace(/^\+/u, "")) : undefined
  return read?.ok && (typeof read.value === "number" || read.value instanceof NumberLexeme) ? read.value : undefined
}

function kindOf(schema: JsonObject): Kind {
  if (own(schema, "x-stet-secret") === true) return "secret"
  if (choicesOf(schema).length > 0) return "choice"
  const types = typesOf(schema)
  if (types.length !== 1) return "json"
  if (types[0] === "string") return formatKind(text(own(schema, "format")))
  return types[0] === "integer" || types[0] === "number" ? "number" : types[0] === "boolean" ? "flag" : "json"
}

function formatKind(format: string): Kind {
  return format === "date" ? "date" : format === "date-time" ? "time" : "text"
}

function typesOf(schema: JsonObject): readonly string[] {
  const type = own(schema, "type")
  const all = typeof type === "string" ? [type] : isList(type) ? type.map(text) : []
  return all.filter((one) => one !== "null")
}

function isNullable(schema: JsonObject): boolean {
  const type = own(schema, "type")
  return isList(type) && type.includes("null")
}

function choicesOf(schema: JsonObject): readonly Json[] {
  const choices = own(schema, "enum")
  return isList(choices) ? choices : []
}

function choiceWord(choice: Json): string {
  return typeof choice === "string" ? choice : choice === null ? "none" : jsonText(choice)
}

/** As it stands in the field before anybody typed. */
function defaultText(schema: JsonObject): string {
  const value = own(schema, "default")
  if (value === undefined || own(schema, "x-stet-secret") === true) return ""
  const kind = kindOf(schema)
  if (kind === "choice" || kind === "json") return value === null && kind === "json" ? "null" : jsonText(value)
  return value === null ? "" : typeof value === "string" ? value : jsonText(value)
}

function typeWords(schema: JsonObject): string {
  if (kindOf(schema) === "choice") return "one of these"
  const words: Record<string, string> = {
    string: "text",
    integer: "whole number",
    number: "number",
    boolean: "yes or no",
    array: "list (JSON)",
    object: "JSON",
  }
  const types = typesOf(schema).map((type) => words[type] ?? type)
  const format = text(own(schema, "format"))
  return `${types.length === 0 ? "any JSON" : types.join(" or ")}${format === "" ? "" : `, ${format}`}${isNullable(schema) ? " or nothing" : ""}`
}

function text(value: Json | undefined): string {
  return typeof value === "string" ? value : ""
}

/** The values of an earlier run, as they would have been typed. */
export function typedFrom(parameters: JsonObject): ReadonlyMap<string, string> {
  return new Map(
    Object.entries(parameters).map(([name, value]) => [PREFIX + name, typeof value === "string" ? value : value === null ? "" : jsonText(value)]),
  )
}
