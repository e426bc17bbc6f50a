/**
 * Outputs on their way to people and into the database. A long string goes into the blob store and is named where it stood;
 * everything else stays as the kernel wrote it, to the last digit, until a browser is told.
 */
import { isList, isObject, type Json, type JsonObject, own, plain, StringSpan } from "#base/json.ts"
import type { Output } from "#notebook/index.ts"
import type { OutputChanged } from "#run/index.ts"
import type { Keep } from "#work/blobs.ts"
import type { LiveOutput, OutputChange } from "#work/session-view.ts"

/** Longer strings are not sent along: whoever shows them fetches them. UTF-16 units. */
const LONG = 256 * 1024

/** What of an output is kept: `external` are the strings of its data that are blobs, by type. */
export type StoredOutput = { readonly output: Output; readonly external: { readonly [mediaType: string]: string } }

/** Where a string is fetched from; see api/contract. */
export type Where = { readonly notebook: string; readonly execution: string }

export type Storing = {
  readonly keep: Keep
  /** Says that an execution needs a blob. */
  readonly name: (execution: string, blob: { readonly sha256: string; readonly mediaType: string }) => Promise<void>
  readonly read: (span: StringSpan) => Uint8Array
}

const UTF8 = new TextDecoder()
const ENCODER = new TextEncoder()

export class OutputStore {
  readonly #storing: Storing
  /** An output does not change; what replaces it is another one. */
  readonly #known = new WeakMap<Output, StoredOutput>()

  constructor(storing: Storing) {
    this.#storing = storing
  }

  async store(execution: string, output: Output): Promise<StoredOutput> {
    const known = this.#known.get(output)
    if (known) return known
    const stored = await this.#store(execution, filled(output, this.#storing.read) as Output)
    this.#known.set(output, stored)
    return stored
  }

  async #store(execution: string, output: Output): Promise<StoredOutput> {
    const data = own(output, "data")
    const long = isObject(data) ? Object.entries(data).filter(([, value]) => typeof value === "string" && value.length > LONG) : []
    if (long.length === 0) return { output, external: {} }
    const external: { [mediaType: string]: string } = {}
    for (const [mediaType, value] of long) {
      const { sha256 } = await this.#storing.keep(ENCODER.encode(value as string))
      await this.#storing.name(execution, { sha256, mediaType })
      external[mediaType] = sha256
    }
    const rest = Object.fromEntries(Object.entries(data as JsonObject).filter(([mediaType]) => !Object.hasOwn(external, mediaType)))
    return { output: { ...output, data: rest }, external }
  }

  /** True when telling of it needs no other. */
  isQuick(change: OutputChanged): boolean {
    return change.op === "text" || change.op === "clear" || this.#known.has(change.output)
  }

  async change(where: Where, change: OutputChanged): Promise<OutputChange> {
    if (change.op === "text" || change.op === "clear") return change
    return { ...change, output: shown(await this.store(where.execution, change.output), where) }
  }
}

export function shown({ output, external }: StoredOutput, where: Where): LiveOutput {
  const value = plain(output) as LiveOutput
  const names = Object.entries(external)
  if (names.length === 0) return value
  const addresses = Object.fromEntries(names.map(([mediaType, sha256]) => [mediaType, addressOf(where, sha256)]))
  const metadata = (value["metadata"] ?? {}) as { readonly [key: string]: unknown }
  const stet = (metadata["stet"] ?? {}) as { readonly [key: string]: unknown }
  return { ...value, metadata: { ...metadata, stet: { ...stet, external: addresses } } }
}

function addressOf({ notebook, execution }: Where, sha256: string): string {
  return `/api/v1/notebooks/${notebook}/executions/${execution}/data/${sha256}`
}

/** The output as a notebook has it. */
export async function whole({ output, external }: StoredOutput, text: (sha256: string) => Promise<string>): Promise<Output> {
  const names = Object.entries(external)
  if (names.length === 0) return output
  const strings = await Promise.all(names.map(async ([mediaType, sha256]): Promise<[string, Json]> => [mediaType, await text(sha256)]))
  return { ...output, data: { ...(output["data"] as JsonObject), ...Object.fromEntries(strings) } }
}

/** Strings that were left where they stand in the journal, as strings. */
function filled(value: Json, read: (span: StringSpan) => Uint8Array): Json {
  if (value instanceof StringSpan) return textOf(value, read)
  if (isList(value)) return value.some(holdsSpan) ? value.map((item) => filled(item, read)) : value
  if (!isObject(value) || !holdsSpan(value)) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, filled(item, read)]))
}

function holdsSpan(value: Json): boolean {
  if (value instanceof StringSpan) return true
  if (isList(value)) return value.some(holdsSpan)
  return isObject(value) && Object.values(value).some(holdsSpan)
}

function textOf(span: StringSpan, read: (span: StringSpan) => Uint8Array): string {
  const text = UTF8.decode(read(span))
  return span.plain ? text : (JSON.parse(`"${text}"`) as string)
}
