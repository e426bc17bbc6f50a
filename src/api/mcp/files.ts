/** Parameters that are files, for agents: small ones come within the call, as text or base64, and are sent for them as the routes would. */
import { worldOf } from "#api/handlers/template-world.ts"
import type { Calling } from "#api/mcp/calling.ts"
import type { AnyRefusal } from "#api/problem.ts"
import { schemaFor } from "#api/template-openapi.ts"
import { isList, isObject, type Json, type JsonObject, own } from "#base/json.ts"
import { accepted, type Outcome, refused } from "#base/outcome.ts"
import { getPromoted, sendTemplateFile } from "#template/index.ts"

const MOST_BYTES = 1024 ** 2

/** The schema of a template's own tool: a file is an object, or what names one. */
export function toolSchema(parameters: Json): Readonly<Record<string, unknown>> {
  const schema = schemaFor(parameters) as { readonly properties?: JsonObject }
  if (!isObject(schema.properties)) return schema
  const properties = Object.entries(schema.properties).map(([name, one]) => [name, withFiles(one)])
  return { ...schema, properties: Object.fromEntries(properties) }
}

function isFile(schema: Json | undefined): schema is JsonObject {
  return isObject(schema) && own(schema, "format") === "x-stet-file"
}

function withFiles(schema: Json): Json {
  if (!isObject(schema)) return schema
  const items = own(schema, "items")
  if (isFile(items)) return { ...schema, items: withFile(items) }
  return isFile(schema) ? withFile(schema) : schema
}

function withFile({ title, description, default: fallback, ...one }: JsonObject): JsonObject {
  const inline = {
    type: "object",
    properties: {
      name: { type: "string", maxLength: 200, description: "As orders.csv: its ending counts." },
      text: { type: "string", description: "What is in it, for a file of text." },
      base64: { type: "string", description: "What is in it, for any other file." },
    },
    required: ["name"],
    additionalProperties: false,
    description: `The file itself, up to ${MOST_BYTES / 1024} KB, as text or base64.`,
  }
  const named = { ...one, description: "upload: and the id of what POST …/uploads took: for larger files." }
  return {
    ...(title === undefined ? {} : { title }),
    ...(description ? { description } : {}),
    ...(fallback === undefined ? {} : { default: fallback }),
    anyOf: [inline, named],
  }
}

/** With what names the files in place of the files. */
export async function filesWithin(calling: Calling, template: string, parameters: JsonObject): Promise<Outcome<JsonObject, AnyRefusal>> {
  const given = Object.entries(parameters).filter(([, value]) => isObject(value) || (isList(value) && value.some(isObject)))
  if (given.length === 0) return accepted(parameters)
  const { api, actor } = calling
  const found = await getPromoted(worldOf(api), actor, template)
  const schema = found.ok && isObject(found.value.promotion.parameters) ? own(found.value.promotion.parameters, "properties") : undefined
  const sent = { ...parameters }
  for (const [name, value] of given) {
    const one = isObject(schema) ? own(schema, name) : undefined
    const isMany = isList(value) && isObject(one) && isFile(own(one, "items"))
    if (!isMany && !isFile(one)) continue
    const named = await namesOf(calling, { template, name, values: isList(value) ? value : [value] })
    if (!named.ok) return named
    sent[name] = isMany ? named.value : (named.value[0] ?? "")
  }
  return accepted(sent)
}

type Sending = { readonly template: string; readonly name: string; readonly values: readonly Json[] }

/** Those that are files are sent; what names one already stays. */
async function namesOf({ api, actor }: Calling, { template, name, values }: Sending): Promise<Outcome<readonly Json[], AnyRefusal>> {
  const named: Json[] = []
  for (const value of values) {
    const file = isObject(value) ? fileIn(name, value) : undefined
    if (file && !file.ok) return file
    const upload = file && (await sendTemplateFile(worldOf(api), actor, { template, ...file.value }))
    if (upload && !upload.ok) return upload
    named.push(upload ? `upload:${upload.value.upload.id}` : value)
  }
  return accepted(named)
}

function fileIn(parameter: string, value: JsonObject): Outcome<{ readonly name: string; readonly content: Uint8Array }, AnyRefusal> {
  const [name, text, base64] = [own(value, "name"), own(value, "text"), own(value, "base64")]
  const wrong = (message: string) => refused<AnyRefusal>({ refused: "bad_parameters", message, problems: [{ path: parameter, message }] })
  if (typeof name !== "string" || name === "") return wrong(`The file for ${parameter} has no name: give one, with its ending.`)
  if ((typeof text === "string") === (typeof base64 === "string"))
    return wrong(`The file for ${parameter} comes as text or as base64, one of the two.`)
  const encoded = typeof base64 === "string" ? base64.replaceAll(/\s/gu, "") : ""
  if (!/^[A-Za-z0-9+/]*={0,2}$/u.test(encoded)) return wrong(`What is in the file for ${parameter} is no base64.`)
  const content = typeof text === "string" ? new TextEncoder().encode(text) : Buffer.from(encoded, "base64")
  if (content.length > MOST_BYTES)
    return wrong(`The file for ${parameter} is larger than ${MOST_BYTES / 1024} KB: send it by POST …/uploads, and give upload: with its id.`)
  return accepted({ name, content })
}
