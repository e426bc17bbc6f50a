/** What the database knows of a version beside its bytes: read from the notebook when it is saved. */
import { isList, isObject, type Json } from "#base/json.ts"
import { accepted, type Outcome } from "#base/outcome.ts"
import type { LibraryWorld } from "#library/ports.ts"
import {
  type Beside,
  type Declared,
  declaredBeside,
  declaredParameters,
  grammarsOf,
  kernelNameOf,
  languageOf,
  type Notebook,
  type ReadRefusal,
  read,
} from "#notebook/index.ts"

/** One more whenever more is read from a parameters cell: then versions-schema.ts reads those of earlier versions anew. */
export const SCHEMA_EDITION = 1

export type About = {
  readonly document: Notebook
  readonly hasParameters: boolean
  readonly declared: Declared
  readonly facts: { readonly kernelName: string; readonly language: string }
}

const MOST_NAME = 200

export async function aboutNotebook(bytes: Uint8Array, { loadGrammars }: Pick<LibraryWorld, "loadGrammars">): Promise<Outcome<About, ReadRefusal>> {
  const reading = read(bytes)
  if (!reading.ok) return reading
  const document = reading.value.notebook
  const declared = declaredParameters(document, await grammarsOf(document, loadGrammars))
  return accepted({
    document,
    hasParameters: declared.parameters.length > 0,
    declared,
    facts: { kernelName: nameOf(kernelNameOf(document)), language: nameOf(languageOf(document)) },
  })
}

/** What the version takes, as JSON Schema; null for nothing. What it needs beside it decides as well. */
export function parametersOf({ declared, hasParameters }: About, beside: Beside): Json {
  return hasParameters ? storable(declaredBeside(declared, beside).schema) : null
}

function nameOf(text: string): string {
  return withoutNul(text).slice(0, MOST_NAME)
}

/** PostgreSQL keeps every text of JSON but those with U+0000; a default that has one is shown with what stands for it. */
function storable(value: Json): Json {
  if (typeof value === "string") return withoutNul(value)
  if (isList(value)) return value.map(storable)
  if (!isObject(value)) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]): [string, Json] => [withoutNul(key), storable(item)]))
}

function withoutNul(text: string): string {
  return text.replaceAll("\0", "\uFFFD")
}
