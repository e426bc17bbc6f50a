/**
 * Named results: what a notebook gives by name, in the forms of scrapbook (`application/scrapbook.scrap.…+json`) and papermill
 * (`application/papermill.record+json`), read from the outputs of its cells. The last word for a name counts.
 */
import { isObject, type Json, own } from "#base/json.ts"
import type { Notebook } from "#notebook/index.ts"

export type Named = { readonly [name: string]: Json }

export function namedResults({ cells }: Notebook): Named {
  const bundles = cells.flatMap(({ outputs = [] }) => outputs.flatMap((output) => own(output, "data") ?? []))
  return Object.fromEntries(bundles.flatMap((data) => (isObject(data) ? Object.entries(data).flatMap(namedIn) : [])))
}

function namedIn([mediaType, value]: readonly [string, Json]): readonly (readonly [string, Json])[] {
  if (!isObject(value)) return []
  if (mediaType === "application/papermill.record+json") return Object.entries(value)
  const name = mediaType.startsWith("application/scrapbook.scrap.") ? own(value, "name") : undefined
  return typeof name === "string" ? [[name, own(value, "data") ?? null]] : []
}
