/** Parameters as JSON Schema, draft 2020-12. */
import { isList, isObject, type Json, type JsonObject, NumberLexeme } from "#base/json.ts"
import type { Parameter } from "#notebook/parameters-declared.ts"
import type { Facts } from "#notebook/parameters-facts.ts"
import { NAME_PATTERNS } from "#notebook/parameters-named.ts"
import type { NamedType, ParameterType } from "#notebook/parameters-type.ts"

/** One object: a property for each parameter, in the order of forms, and no others. */
export function schemaOf(declared: readonly Parameter[]): JsonObject {
  const parameters = declared.toSorted((a, b) => placeOf(a) - placeOf(b))
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: "Parameters",
    type: "object",
    properties: Object.fromEntries(parameters.map((parameter) => [parameter.name, property(parameter)])),
    required: parameters.filter((parameter) => parameter.required).map((parameter) => parameter.name),
    ...orderOf(parameters.map(({ name }) => name)),
    additionalProperties: false,
  }
}

/** Written JSON has its keys sorted, so their order is said where it is another one. */
function orderOf(names: readonly string[]): JsonObject {
  const sorted = names.toSorted()
  return names.every((name, at) => name === sorted[at]) ? {} : { "x-stet-order": names }
}

/** Those that say where they stand come first; the others as they were declared. */
function placeOf({ facts }: Parameter): number {
  return facts.order ?? Number.MAX_SAFE_INTEGER
}

function property(parameter: Parameter): JsonObject {
  const { secret, help, facts } = parameter
  // A secret's default is in the notebook for all to read; that is no reason to carry it further.
  const shown = secret || parameter.default === undefined || !isStrict(parameter.default) ? {} : { default: parameter.default }
  return {
    title: facts.title ?? parameter.name,
    ...(help === "" ? {} : { description: help }),
    ...bounded(typeSchema(parameter.type), facts),
    ...shown,
    ...(facts.follows === undefined ? {} : { "x-stet-follows": facts.follows }),
    ...(secret ? { writeOnly: true, "x-stet-secret": true } : {}),
  }
}

/** JSON Schema bounds numbers; for dates and times it has no word. Those of a list are its items'. */
function bounded(schema: JsonObject, { min, max }: Facts): JsonObject {
  const items = schema["items"]
  if (isObject(items)) return { ...schema, items: bounded(items, { ...(min === undefined ? {} : { min }), ...(max === undefined ? {} : { max }) }) }
  const word = (value: Json | undefined, number: string, text: string) =>
    value === undefined ? {} : typeof value === "string" ? { [text]: value } : { [number]: value }
  return { ...schema, ...word(min, "minimum", "x-stet-minimum"), ...word(max, "maximum", "x-stet-maximum") }
}

function typeSchema(type: ParameterType): JsonObject {
  switch (type.kind) {
    case "any":
      return {}
    case "string":
      return type.format ? { type: "string", format: type.format } : { type: "string" }
    case "list":
      return { type: "array", items: typeSchema(type.items) }
    case "tuple":
      return { type: "array", prefixItems: type.items.map(typeSchema), minItems: type.items.length, maxItems: type.items.length }
    case "map":
      return { type: "object", additionalProperties: type.values.kind === "any" ? true : typeSchema(type.values) }
    case "choice":
      return { enum: type.of }
    case "either":
      return eitherSchema(type.of)
    case "file":
      return fileSchema(type)
    case "named":
      return nameSchema(type)
    default:
      return { type: type.kind }
  }
}

/** JSON Schema has no word for a file beside its text. */
function fileSchema({ accept, maxBytes }: ParameterType & { readonly kind: "file" }): JsonObject {
  return {
    type: "string",
    format: "x-stet-file",
    ...(accept.length === 0 ? {} : { "x-stet-accept": accept }),
    ...(maxBytes === undefined ? {} : { "x-stet-max-bytes": maxBytes }),
  }
}

/** The pattern is for everybody; which of the names may be given, for those who know the word. */
function nameSchema({ of, among }: NamedType): JsonObject {
  return { type: "string", format: `x-stet-${of}`, pattern: NAME_PATTERNS[of], ...(among.length === 0 ? {} : { "x-stet-among": among }) }
}

/** `T or null` keeps T's own keywords, which forms understand better than alternatives. */
function eitherSchema(types: readonly ParameterType[]): JsonObject {
  const others = types.filter((type) => type.kind !== "null")
  const [only] = others
  const schema = only && others.length === 1 && others.length < types.length ? typeSchema(only) : undefined
  if (schema && isList(schema["enum"])) return { enum: schema["enum"].includes(null) ? schema["enum"] : [...schema["enum"], null] }
  if (schema && typeof schema["type"] === "string") return { ...schema, type: [schema["type"], "null"] }
  return { anyOf: types.map(typeSchema) }
}

/** NaN and the infinities are not JSON to others. */
function isStrict(value: Json): boolean {
  if (value instanceof NumberLexeme) return /[0-9]/.test(value.text)
  if (isList(value)) return value.every(isStrict)
  return isObject(value) ? Object.values(value).every(isStrict) : typeof value !== "number" || Number.isFinite(value)
}
