/**
 * A test case: with which parameters a notebook runs, which of its cells give way to others, and what must come of it. Plain data,
 * the same in a file (file.ts), in the library and in evidence.
 */
import type { Json, JsonObject } from "#base/json.ts"

export type TestCase = {
  readonly name: string
  readonly parameters: JsonObject
  readonly expects: Expects
  readonly mocks: readonly Mock[]
}

/** Another source for one cell, named by its id or by a tag that no other cell has. */
export type Mock = { readonly cell: string; readonly source: string }

export type Expects = {
  readonly outcome: "succeeds" | "fails"
  /** Of the error, when it is to fail: its name, and a part of what it says. */
  readonly ename?: string | undefined
  readonly message?: string | undefined
  readonly checks: readonly Check[]
}

/** A cell is named by its id or one of its tags. Named results are those of scrapbook and papermill. Rows count from 1, or from -1 at the end. */
export type Check =
  | { readonly check: "output_contains"; readonly cell: string; readonly text: string }
  | { readonly check: "output_equals"; readonly cell: string; readonly text: string }
  | { readonly check: "output_matches"; readonly cell: string; readonly pattern: string }
  | { readonly check: "result_exists"; readonly name: string }
  | { readonly check: "result_equals"; readonly name: string; readonly value: Json }
  | { readonly check: "result_between"; readonly name: string; readonly min?: number | undefined; readonly max?: number | undefined }
  | TableCheck
  /** Of one cell, or of all that have outputs. */
  | { readonly check: "snapshot"; readonly cell?: string | undefined }
  | ExpressionCheck

export type TableCheck =
  | {
      readonly check: "table_rows"
      readonly cell: string
      readonly equals?: number | undefined
      readonly min?: number | undefined
      readonly max?: number | undefined
    }
  | { readonly check: "table_columns"; readonly cell: string; readonly columns: readonly string[] }
  | {
      readonly check: "table_value"
      readonly cell: string
      readonly row?: number | undefined
      /** The row in which these columns have these values. */
      readonly where?: JsonObject | undefined
      readonly column: string
      readonly value: Json
    }
  | { readonly check: "table_no_nulls"; readonly cell: string; readonly column: string }

/** An expression in the notebook's language, evaluated behind its last cell: as JSON, or as the kernel shows it. */
export type ExpressionCheck = {
  readonly check: "expression"
  readonly expression: string
  readonly equals?: Json | undefined
  readonly shows?: string | undefined
}

export const SUCCEEDS: Expects = { outcome: "succeeds", checks: [] }
