/** Answers whose numbers must keep their spelling: a parameter of 1.0 is none of 1. */
import type { Request } from "#api/client.ts"
import type { RouteName } from "#api/contract.ts"
import { isObject, type Json, type JsonObject, own, parse } from "#base/json.ts"
import { api } from "#web/app/api.ts"

async function asItCame<N extends RouteName>(name: N, request: Request<N>): Promise<Json> {
  const text = await new Response(await api.stream(name, request)).text()
  const read = parse(text, { illFormed: "replace" })
  if (!read.ok) throw new Error(`The server's answer could not be read: ${read.refusal.message}.`)
  return read.value
}

/** The JSON Schema of a version's parameters; null where they could not be read. */
export async function schemaOfVersion(notebook: string, version: number): Promise<Json> {
  const told = await asItCame("getVersion", { params: { notebook, version } })
  return (isObject(told) ? own(told, "parameters") : undefined) ?? null
}

/** The same of what a template's name stands for, which outlives its notebook. */
export async function schemaOfTemplate(template: string): Promise<Json> {
  const told = await asItCame("getTemplate", { params: { template } })
  return (isObject(told) ? own(told, "parameters") : undefined) ?? null
}

/** What an earlier run was given; its secrets are not among it. */
export async function parametersOfRun(run: string): Promise<JsonObject> {
  const told = await asItCame("getRun", { params: { run } })
  const parameters = isObject(told) ? own(told, "parameters") : undefined
  return isObject(parameters) ? parameters : {}
}
