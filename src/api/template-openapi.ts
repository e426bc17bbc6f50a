/**
 * One template as OpenAPI 3.1: to run it, with the parameters that it declares and no others, and what is needed to wait for a run
 * and read what came of it. Whoever makes a client of it gets types, checks and documentation of that very template. Pure.
 */

import { CONTRACT, type Route, type RouteName } from "#api/contract.ts"
import { type Json, OPENAPI, operation, type Schemas, TOKEN, withProblem } from "#api/openapi.ts"
import { tagsOf } from "#api/tags.ts"
import { isList, isObject, type Json as JsonValue, own } from "#base/json.ts"

export type TemplateDocument = {
  /** "https://stet.example" */
  readonly url: string
  /** Its name, with @channel or @version where one was named. */
  readonly template: string
  readonly title: string
  /** Markdown. */
  readonly description: string
  readonly version: number
  /** JSON Schema of the object that holds all parameters; null where they could not be read. */
  readonly parameters: JsonValue
}

const AFTERWARDS = ["getRun", "getOutputs", "getResult", "cancelRun"] as const satisfies readonly RouteName[]

export function templateOpenApi({ url, template, title, description, version, parameters }: TemplateDocument): Json {
  const schemas: Schemas = {}
  const run = running(operation("run", CONTRACT.runTemplate, schemas), { title, parameters })
  const afterwards = AFTERWARDS.map((name): [string, Json] => {
    const route: Route = CONTRACT[name]
    return [route.path, { [route.method.toLowerCase()]: operation(name, route, schemas) }]
  })
  return {
    openapi: OPENAPI,
    info: {
      title,
      version: String(version),
      summary: `Runs the template ${template}`,
      ...(description === "" ? {} : { description }),
    },
    servers: [{ url }],
    security: [{ token: [] }],
    tags: tagsOf([{ tag: "Templates" }, { tag: "Runs" }]),
    paths: {
      [`/api/v1/templates/${encodeURIComponent(template)}/runs`]: { post: run },
      ...(takesFiles(parameters) ? sending(template, schemas) : {}),
      ...Object.fromEntries(afterwards),
    },
    components: { schemas: { Parameters: schemaFor(parameters), ...withProblem(schemas) }, securitySchemes: { token: TOKEN } },
  }
}

type Run = { readonly title: string; readonly parameters: JsonValue }

/** The template is in the address already, and its parameters are known. */
function running(made: Json, { title, parameters }: Run): Json {
  const headers = (made["parameters"] as readonly Json[]).filter((one) => one["in"] !== "path")
  const body = made["requestBody"] as { readonly content: { readonly "application/json": { readonly schema: Json } } }
  const { properties, ...rest } = body.content["application/json"].schema
  // Values as text are for command lines: a client that knows the types has no use for them. It runs where it was proven.
  const { parameterTexts: _, parameters: __, environment: ___, ...others } = properties as Json
  const schema = {
    ...rest,
    properties: { parameters: { $ref: "#/components/schemas/Parameters" }, ...others },
    ...(needsSome(parameters) ? { required: ["parameters"] } : {}),
  }
  return {
    ...made,
    summary: `Run: ${title}`,
    parameters: headers,
    requestBody: { required: true, content: { "application/json": { schema } } },
  }
}

function takesFiles(parameters: JsonValue): boolean {
  const properties = isObject(parameters) ? own(parameters, "properties") : undefined
  const isFile = (schema: JsonValue | undefined) => isObject(schema) && own(schema, "format") === "x-stet-file"
  return isObject(properties) && Object.values(properties).some((one) => isFile(one) || (isObject(one) && isFile(own(one, "items"))))
}

/** A parameter that is a file is given the `value` of what this answers; a list of files, one of each. */
function sending(template: string, schemas: Schemas): Json {
  const made = operation("sendFile", CONTRACT.sendTemplateFile, schemas)
  const parameters = (made["parameters"] as readonly Json[]).filter((one) => one["in"] !== "path")
  const content = { "application/octet-stream": { schema: { type: "string", format: "binary" } } }
  const [name = ""] = template.split("@")
  const post = { ...made, tags: ["Templates"], parameters, requestBody: { required: true, content } }
  return { [`/api/v1/templates/${encodeURIComponent(name)}/uploads`]: { post } }
}

function needsSome(parameters: JsonValue): boolean {
  const required = isObject(parameters) ? own(parameters, "required") : undefined
  return isList(required) && required.length > 0
}

/** OpenAPI 3.1 names the dialect for the whole document. */
export function schemaFor(parameters: JsonValue): Json {
  if (!isObject(parameters)) return { type: "object" }
  const { $schema: _, "x-stet-order": order, ...schema } = parameters
  const properties = own(schema, "properties")
  if (!isList(order) || !isObject(properties)) return schema
  const place = (name: string) => (order.includes(name) ? order.indexOf(name) : order.length)
  return { ...schema, properties: Object.fromEntries(Object.entries(properties).toSorted(([a], [b]) => place(a) - place(b))) }
}
