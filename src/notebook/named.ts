/** What a notebook gives by name, in the forms of scrapbook (`application/scrapbook.scrap.…+json`) and papermill's `record`. */
import { isObject, type Json, type JsonObject, own } from "#base/json.ts"

/** The names and values in the data of one output. */
export function namedIn(data: JsonObject): readonly (readonly [name: string, value: Json])[] {
  return Object.entries(data).flatMap(([mediaType, value]) => {
    if (!isObject(value)) return []
    if (mediaType === "application/papermill.record+json") return Object.entries(value)
    const name = mediaType.startsWith("application/scrapbook.scrap.") ? own(value, "name") : undefined
    return typeof name === "string" ? [[name, own(value, "data") ?? null] as const] : []
  })
}
