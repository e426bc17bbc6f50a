/**
 * JSON without loss: what was read and not touched is written back with the same content, to the last digit,
 * in the form that Python's `json.dumps(indent=1, sort_keys=True, ensure_ascii=False, separators=(",", ": "))` gives.
 *
 * Two things JavaScript's own values cannot hold get a class each: a number whose spelling would change
 * (`1.0`, `1e-7`, 2^70, `NaN`), and a very long string that is left as bytes where it stands.
 */
import type { Outcome } from "#base/outcome.ts"

export type Json = null | boolean | number | string | NumberLexeme | StringSpan | readonly Json[] | JsonObject
export type JsonObject = { readonly [key: string]: Json }

/** A number kept as it was spelled, because a JavaScript number would be written differently. */
export class NumberLexeme {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
  valueOf(): number {
    return Number(this.text.replace("Infinity", "Infinity"))
  }
}

/**
 * A JSON string left where it stands: the bytes between its quotes, `length` of them from byte `start` of
 * whatever it was parsed from. `plain` means those bytes are ASCII without a backslash, so they are the value itself.
 */
export class StringSpan {
  readonly start: number
  readonly length: number
  readonly plain: boolean
  constructor(start: number, length: number, plain: boolean) {
    this.start = start
    this.length = length
    this.plain = plain
  }
}

/** Where and why a text is not JSON that Stet can keep. `line` and `column` count from 1, columns in code points. */
export type BadJson = { readonly refused: "bad_json"; readonly message: string; readonly line: number; readonly column: number }

export type ParseOptions = {
  /** Strings whose encoded form is longer than this many bytes become a StringSpan; only for bytes; default never. */
  readonly spansOver?: number
}

export declare function parse(source: string | Uint8Array, options?: ParseOptions): Outcome<Json, BadJson>
export declare function write(value: Json, indent?: number): string
