/**
 * Where a list goes on: the sort key and id of the last row that was given, so that rows that come or go meanwhile neither
 * repeat nor hide others. Opaque to whoever carries it, and checked when it comes back, because anybody may write one.
 */
import { accepted, type Outcome, refused } from "#base/outcome.ts"

export type BadCursor = { readonly refused: "bad_cursor"; readonly message: string }

const LONGEST = 4000

/** `kind` names the list and its order: a cursor of one is none of another. */
export function toCursor(kind: string, ...keys: readonly string[]): string {
  const bytes = new TextEncoder().encode(JSON.stringify([kind, ...keys]))
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replace(/=+$/, "")
}

/** What keys may look like: whatever the database is given to read, it can read. */
export const TEXT = /^/
export const ID = /^[0-9A-Z]{26}$/
export const WHOLE = /^-?\d{1,9}$/
export const LARGE = /^-?\d{1,17}$/
export const LARGE_OR_NONE = /^(-?\d{1,17}|none)$/

/** One shape for every key that `toCursor` was given. */
export function fromCursor(cursor: string, kind: string, shapes: readonly RegExp[]): Outcome<readonly string[], BadCursor> {
  const [found, ...keys] = (cursor.length <= LONGEST ? parsed(cursor) : undefined) ?? []
  const isGood = found === kind && keys.length === shapes.length && keys.every((key, i) => shapes[i]?.test(key))
  if (isGood) return accepted(keys)
  return refused({ refused: "bad_cursor", message: "This cursor is not one of this list and order: begin again without one." })
}

function parsed(cursor: string): readonly string[] | undefined {
  try {
    const binary = atob(cursor.replaceAll("-", "+").replaceAll("_", "/"))
    const bytes = Uint8Array.from(binary, (char) => char.charCodeAt(0))
    const value: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes))
    return Array.isArray(value) && value.every((one) => typeof one === "string" && !one.includes("\0")) ? value : undefined
  } catch {
    return undefined
  }
}
