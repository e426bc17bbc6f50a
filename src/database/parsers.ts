/** How PostgreSQL's values become JavaScript's, and back. */
import { type RawBuilder, sql } from "kysely"
import pg from "pg"
import { type Json, parse, write } from "#base/json.ts"

const { builtins } = pg.types

type Parser = (text: string) => unknown

/** text[], of which the driver has no name. */
const TEXT_ARRAY: number = 1009
const textArray = pg.types.getTypeParser(TEXT_ARRAY, "text") as Parser

/** Timestamps as milliseconds since 1970, int8 as number, json as Json, dates and intervals as their text; all else as the driver has it. */
const PARSERS: { readonly [oid: number]: Parser } = {
  [builtins.TIMESTAMPTZ]: toMilliseconds,
  [builtins.INT8]: toNumber,
  [builtins.JSONB]: fromJsonb,
  [builtins.JSON]: fromJsonb,
  // The driver would make it midnight of wherever the process runs.
  [builtins.DATE]: (text) => text,
  [builtins.INTERVAL]: (text) => text,
  [TEXT_ARRAY]: (text) => (text === "{}" ? [] : textArray(text)),
}

/** The driver asks this for the reader of each column. */
export const typeParsers: pg.CustomTypesConfig = {
  getTypeParser: (oid: number, format?: "text" | "binary") => (format !== "binary" && PARSERS[oid]) || pg.types.getTypeParser(oid, format as "text"),
} as pg.CustomTypesConfig

const timestamp = pg.types.getTypeParser(builtins.TIMESTAMPTZ)

/** As our connections ask for it: "2026-01-02 03:04:05.678901+00", with as many digits as it takes. What Date.UTC would take for a year of the last century is left to the driver. */
const IN_UTC = /^[1-9][0-9]{3}-[0-9]{2}-[0-9]{2} [0-9:]{8}(?:\.[0-9]{1,6})?\+00$/

export function toMilliseconds(text: string): number {
  if (!IN_UTC.test(text)) return Number(timestamp(text))
  // A list has a hundred of them, and the driver's way takes many times as long.
  const [year, month, day] = [digits(text, 0) * 100 + digits(text, 2), digits(text, 5), digits(text, 8)]
  const ms = Number(text.slice(20, -3).slice(0, 3).padEnd(3, "0"))
  return Date.UTC(year, month - 1, day, digits(text, 11), digits(text, 14), digits(text, 17), ms)
}

/** The number that two digits are. */
function digits(text: string, at: number): number {
  return (text.charCodeAt(at) - 48) * 10 + text.charCodeAt(at + 1) - 48
}

export function toNumber(text: string): number {
  const number = Number(text)
  if (!Number.isSafeInteger(number)) throw new Error(`the database holds ${text}, which is beyond what a JavaScript number can count`)
  return number
}

// A number that JavaScript would write otherwise: many digits, an exponent, or a fraction that ends in nought or is very small.
// Looked for in strings too, where it only costs the slower reader.
const UNPLAIN = /\d{16}|\.\d*0(?!\d)|0\.000000|\d[eE]/

// V8 (Node 24 and 26: nodejs/node#63785) reads a key that holds an escape as another one, once it has read that one: "\n" as "\\". A
// value that looks like such a key only costs the slower reader, and how far is looked is bounded.
const ESCAPED_KEY = /\\.(?:[^"\\]|\\.){0,200}"\s*:/s

/** PostgreSQL keeps a number's digits (1.0 is not 1), so what comes back keeps them too. */
export function fromJsonb(text: string): Json {
  if (text === "{}") return {}
  if (text === "[]") return []
  if (!UNPLAIN.test(text) && !ESCAPED_KEY.test(text)) return JSON.parse(text) as Json
  const read = parse(text)
  if (read.ok) return read.value
  throw new Error(`the database holds JSON that cannot be read: ${read.refusal.message}`)
}

/** The text to write into a jsonb column. An array handed to the driver as it is would become a PostgreSQL array. */
export function toJsonb(value: Json): string {
  return write(value)
}

/** An instant to compare a timestamp with: `where("seen_at", "<", at(now - 5000))`. The column reads as a number, which PostgreSQL would not take. */
export function at(ms: number): RawBuilder<number> {
  return sql<number>`${new Date(ms)}`
}
