/** Reads an output as it came over the wire: nothing in it is believed before it was looked at. Pure. */
import type { LiveOutput } from "#api/live.ts"

export type Bundle = {
  /** By media type: text, or what JSON holds. */
  readonly data: Readonly<Record<string, unknown>>
  readonly metadata: Readonly<Record<string, unknown>>
  /** Where the texts are that were too long to be sent along, by media type. */
  readonly external: Readonly<Record<string, string>>
}

export type Plain = Readonly<Record<string, unknown>>

export function isPlain(value: unknown): value is Plain {
  return typeof value === "object" && value !== null && !Array.isArray(value)
}

/** The member of an object that nobody vouches for: `constructor` of `{}` is not one. */
export function own(value: unknown, name: string): unknown {
  return isPlain(value) && Object.hasOwn(value, name) ? value[name] : undefined
}

/** nbformat keeps a text as one string or as its lines. */
export function textOf(value: unknown): string | undefined {
  if (typeof value === "string") return value
  return Array.isArray(value) && value.every((line) => typeof line === "string") ? value.join("") : undefined
}

export function bundleOf(output: LiveOutput): Bundle {
  const data = own(output, "data")
  const metadata = own(output, "metadata")
  return { data: isPlain(data) ? data : {}, metadata: isPlain(metadata) ? metadata : {}, external: externalOf(metadata) }
}

function externalOf(metadata: unknown): Readonly<Record<string, string>> {
  const named = own(own(metadata, "stet"), "external")
  if (!isPlain(named)) return {}
  // Only an address of this server's API is ever asked: the metadata of a notebook is written by anybody.
  return Object.fromEntries(Object.entries(named).filter((entry): entry is [string, string] => isApiAddress(entry[1])))
}

function isApiAddress(address: unknown): address is string {
  return typeof address === "string" && /^\/api\/v1\/[\w./~%?&=+,:-]+$/.test(address) && !address.includes("..")
}

export function said(bundle: Bundle, mediaType: string): string | undefined {
  return textOf(own(bundle.data, mediaType))
}

export function has(bundle: Bundle, mediaType: string): boolean {
  return Object.hasOwn(bundle.data, mediaType) || Object.hasOwn(bundle.external, mediaType)
}

export function mediaTypesOf(bundle: Bundle): readonly string[] {
  return [...new Set([...Object.keys(bundle.data), ...Object.keys(bundle.external)])]
}
