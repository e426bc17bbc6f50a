/** Files that are given to a run on a server: looked at here, and sent before the run is ordered. */
import { openAsBlob } from "node:fs"
import { basename, resolve } from "node:path"
import { ApiProblem } from "#api/client.ts"
import { isList, isObject, type Json, own } from "#base/json.ts"
import { accepted, type Outcome, refused } from "#base/outcome.ts"
import { type FilePlaces, type FilesGiven, filesGiven, gathered, wrongWith } from "#cli/local-files.ts"
import type { Remote } from "#cli/server/act.ts"
import { referenceOf } from "#cli/server/reference.ts"
import { type FilePlace, type FileType, type Given, type GivenValue, uploadIn } from "#notebook/index.ts"

export type Sending = {
  readonly client: Remote["client"]
  /** As it was typed: `space/path@3`, or a template's name. */
  readonly what: string
  readonly isTemplate: boolean
  /** From where paths are meant. */
  readonly folder: string
}

/** With the uploads in place of the paths; every file that cannot be sent is told at once. @throws ApiProblem, Unreachable */
export async function filesSent(given: Given, sending: Sending): Promise<Outcome<Given, readonly string[]>> {
  // Whoever gives no text gives no file, and need not wait for the answer.
  if (!given.some((one) => "text" in one || typeof one.value === "string" || isList(one.value))) return accepted(given)
  const places = await placesOf(sending)
  const looked = gathered(places, given).map((one) => ({ one, files: filesGiven(places, one) }))
  const wrong = looked.flatMap(({ one, files }) =>
    pathsToSend(files).flatMap((path) => (files && wrongWith(one.name, files.type, { path, whole: resolve(sending.folder, path) })) ?? []),
  )
  if (wrong.length > 0) return refused(wrong)
  const sent: GivenValue[] = []
  for (const { one, files } of looked) sent.push(files ? { name: one.name, value: await sentOf(sending, files) } : one)
  return accepted(sent)
}

/** Those that name no upload yet. */
function pathsToSend(files: FilesGiven | undefined): readonly string[] {
  return files?.paths.filter((path) => uploadIn(path) === undefined) ?? []
}

async function sentOf(sending: Sending, { paths, isMany }: FilesGiven): Promise<Json> {
  const values: string[] = []
  for (const path of paths) values.push(uploadIn(path) === undefined ? await send(sending, resolve(sending.folder, path)) : path)
  return isMany ? values : (values[0] ?? "")
}

async function send({ client, what, isTemplate }: Sending, path: string): Promise<string> {
  const asked = { query: { name: basename(path) }, body: await openAsBlob(path) }
  const [template = ""] = what.split("@")
  const sent = isTemplate
    ? await client.call("sendTemplateFile", { params: { template }, ...asked })
    : await client.call("sendFile", { params: { notebook: referenceOf(what).notebook }, ...asked })
  return sent.value
}

/** Which parameters are files, as far as whoever asks may read what is declared: else the server will say what is wrong. */
async function placesOf(sending: Sending): Promise<FilePlaces> {
  try {
    const schema = await schemaOf(sending)
    const properties = isObject(schema) ? own(schema, "properties") : undefined
    return new Map(Object.entries(isObject(properties) ? properties : {}).flatMap(([name, schema]) => fileIn(name, schema)))
  } catch (error) {
    if (error instanceof ApiProblem && [403, 404, 409].includes(error.status)) return new Map()
    throw error
  }
}

async function schemaOf({ client, what, isTemplate }: Sending): Promise<Json> {
  if (!isTemplate) {
    const { notebook, version } = referenceOf(what)
    const number = version === "latest" ? (await client.call("getNotebook", { params: { notebook } })).latest : version
    return typeof number === "number" ? ((await client.call("getVersion", { params: { notebook, version: number } })).parameters as Json) : null
  }
  const document = (await client.call("getTemplateOpenApi", { params: { template: what } })) as { components?: { schemas?: { Parameters?: Json } } }
  return document.components?.schemas?.Parameters ?? null
}

function fileIn(name: string, schema: Json): readonly (readonly [string, FilePlace & { readonly isNullable: boolean }])[] {
  if (!isObject(schema)) return []
  const items = own(schema, "items")
  const isMany = isObject(items)
  const file = isMany ? items : schema
  if (own(file, "format") !== "x-stet-file") return []
  const [accept, maxBytes] = [own(file, "x-stet-accept"), own(file, "x-stet-max-bytes")]
  const type: FileType = {
    kind: "file",
    accept: isList(accept) ? accept.map(String) : [],
    ...(maxBytes === undefined ? {} : { maxBytes: Number(maxBytes) }),
  }
  return [[name, { type, isMany, isNullable: isList(own(schema, "type")) }]]
}
