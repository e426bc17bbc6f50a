/** The contract as OpenAPI 3.1. Pure. */
import { z } from "zod"
import { Problem } from "#api/contract/shapes.ts"
import { CONTRACT, type Content, type Route } from "#api/contract.ts"
import { tagsOf } from "#api/tags.ts"

export type Json = { readonly [key: string]: unknown }
export type Schemas = Record<string, unknown>

/** Problems that every route may tell, beside those it names. */
const ALWAYS = [400, 404, 429, 431, 500, 503]
const WORDS: Record<number, string> = {
  400: "The request cannot be used as it is",
  401: "Not signed in",
  403: "Not allowed",
  404: "Not there, or not to be seen by the asker",
  409: "In conflict with what is there",
  410: "Used, taken back or too old",
  412: "Another state than was expected",
  413: "Too large",
  415: "Of a type that is not taken",
  416: "No such range",
  422: "Understood, and not possible",
  429: "Asked too often",
  431: "The address and the headers are too large",
  500: "Something failed here",
  502: "Somebody else's server failed",
  503: "Not possible at the moment",
}

export function openApi({ version, url }: { readonly version: string; readonly url: string }): Json {
  const schemas: Schemas = {}
  const paths: Record<string, Record<string, unknown>> = {}
  for (const [name, route] of Object.entries<Route>(CONTRACT)) {
    paths[route.path] = { ...paths[route.path], [route.method.toLowerCase()]: operation(name, route, schemas) }
  }
  return {
    openapi: OPENAPI,
    info: {
      title: "Stet",
      version,
      summary: "Notebooks with immutable versions, typed parameters, and results that are true",
      license: { name: "Apache-2.0", identifier: "Apache-2.0" },
    },
    servers: [{ url }],
    security: [{ token: [] }, { session: [] }],
    tags: tagsOf(Object.values<Route>(CONTRACT)),
    paths,
    components: { schemas: withProblem(schemas), securitySchemes: { token: TOKEN, session: SESSION } },
  }
}

export const OPENAPI = "3.1.1"
export const TOKEN = { type: "http", scheme: "bearer", description: "An API token" } as const
const SESSION = {
  type: "apiKey",
  in: "cookie",
  name: "__Host-stet",
  description: "A browser's session. Writes also need the header X-Stet or a JSON body",
} as const

/** What every operation refers to, and what some do. */
export function withProblem(schemas: Schemas): Schemas {
  return { Problem: schemaOf(Problem, "output", schemas).inner, ...schemas }
}

/** Shapes with a name are added to `schemas`. */
export function operation(name: string, route: Route, schemas: Schemas): Json {
  const problems = [
    ...new Set([...ALWAYS, ...(route.auth === "public" ? [] : [401, 403]), ...(route.body ? [413] : []), ...(route.problems ?? [])]),
  ].sort()
  const answers = Object.entries(route.answers).map(([status, { what, content }]) => [
    status,
    { description: what, ...contentOf(content, "output", schemas) },
  ])
  const told = problems
    .filter((status) => !(status in route.answers))
    .map((status) => [
      String(status),
      { description: WORDS[status] ?? "A problem", content: { "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } } } },
    ])
  return {
    operationId: name,
    tags: [route.tag],
    summary: route.summary,
    description: accessWords(route),
    ...(route.auth === "public" ? { security: [] } : {}),
    parameters: [
      ...parametersOf(route.params, "path", schemas),
      ...parametersOf(route.query, "query", schemas),
      ...parametersOf(route.headers, "header", schemas),
    ],
    ...(route.body ? { requestBody: { required: needsBody(route.body), ...contentOf(route.body, "input", schemas) } } : {}),
    responses: Object.fromEntries([...answers, ...told]),
  }
}

export function accessWords({ auth }: Route): string {
  switch (auth) {
    case "public":
      return "For everybody."
    case "person":
      return "For whoever is signed in."
    case "session":
      return "For a browser's session only."
    case "administrator":
      return "For administrators of the platform."
    default:
      return `For those who may ${auth} it.`
  }
}

function contentOf(content: Content, io: "input" | "output", schemas: Schemas): Json {
  switch (content.kind) {
    case "json":
      return { content: { "application/json": { schema: schemaOf(content.schema, io, schemas).inner } } }
    case "bytes":
      return {
        content: Object.fromEntries(content.mediaTypes.map((type) => [type, { schema: ofBytes(type, content.limitBytes) }])),
      }
    case "events":
      return {
        content: {
          "text/event-stream": {
            schema: { type: "string", description: "Server-sent events: id is the event's seq, event its type, data its JSON; `end` is the last" },
          },
        },
      }
    case "empty":
      return {}
  }
}

/** What is JSON is read as JSON by whoever gets it: the schema is that of its value. */
function ofBytes(type: string, limitBytes: number | undefined): Json {
  if (type === "application/json" || type.endsWith("+json")) return { type: "object" }
  return { type: "string", contentMediaType: type, ...(limitBytes === undefined ? {} : { maxLength: limitBytes }) }
}

/** A body whose members all have defaults may be left out. */
function needsBody(content: Content): boolean {
  return content.kind !== "json" || !content.schema.safeParse(undefined).success
}

function parametersOf(shape: z.ZodObject | undefined, where: "path" | "query" | "header", schemas: Schemas): Json[] {
  if (!shape) return []
  return Object.entries<z.ZodType>(shape.shape as Record<string, z.ZodType>).map(([name, schema]) => {
    const { inner } = schemaOf(schema, "input", schemas)
    const { description, ...rest } = inner
    return {
      name,
      in: where,
      required: where === "path" || !schema.safeParse(undefined).success,
      ...(description === undefined ? {} : { description }),
      schema: rest,
    }
  })
}

/** Named shapes go to `components` and are referred to. */
function schemaOf(schema: z.ZodType, io: "input" | "output", schemas: Schemas): { readonly inner: Json } {
  const made = z.toJSONSchema(schema, {
    io,
    unrepresentable: "any",
    target: "draft-2020-12",
    reused: "inline",
    override: ({ jsonSchema }) => {
      open(jsonSchema, io)
      alike(jsonSchema as Record<string, unknown>)
    },
  }) as Json
  const { $schema: _, $defs, ...own } = made
  for (const [id, definition] of Object.entries(($defs ?? {}) as Record<string, Json>)) schemas[id] = referring(plainDefinition(definition))
  const id = own["id"]
  const inner = referring(plainDefinition(own))
  if (typeof id !== "string") return { inner }
  schemas[id] = inner
  return { inner: { $ref: `#/components/schemas/${id}` } }
}

/** Answers may have more members one day; a client that refuses them would break. */
function open(made: { additionalProperties?: unknown }, io: "input" | "output"): void {
  if (io === "output" && made.additionalProperties === false) delete made.additionalProperties
}

/** A tuple of things of one kind, as a list of so many: most generators know no other. */
function alike(made: Record<string, unknown>): void {
  const each = made["prefixItems"]
  if (!Array.isArray(each) || (made["items"] ?? false) !== false || new Set(each.map((one) => JSON.stringify(one))).size !== 1) return
  delete made["prefixItems"]
  Object.assign(made, { items: each[0], minItems: each.length, maxItems: each.length })
}

function plainDefinition({ id: _, ...definition }: Json): Json {
  return definition
}

function referring(value: unknown): Json {
  return rewritten(value) as Json
}

function rewritten(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(rewritten)
  if (typeof value !== "object" || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [
      key,
      key === "$ref" && typeof item === "string" ? item.replace("#/$defs/", "#/components/schemas/") : rewritten(item),
    ]),
  )
}
