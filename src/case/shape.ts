/** What each kind of check takes: one table for reading files, and for saying what was meant. */

import { isList, isObject, type Json } from "#base/json.ts"
import { slipsBetween } from "#base/nearest.ts"
import type { Check } from "#case/case.ts"
import { matcher } from "#case/pattern.ts"
import { numberIn } from "#case/value.ts"

type Kind = "cell" | "text" | "name" | "pattern" | "json" | "number" | "count" | "row" | "names" | "object" | "code"
type Field = Kind | `${Kind}?`

type FieldsOf<Name extends Check["check"]> = { readonly [key in Exclude<keyof Extract<Check, { readonly check: Name }>, "check">]-?: Field }

export const FIELDS: { readonly [Name in Check["check"]]: FieldsOf<Name> } = {
  output_contains: { cell: "cell", text: "text" },
  output_equals: { cell: "cell", text: "text" },
  output_matches: { cell: "cell", pattern: "pattern" },
  result_exists: { name: "name" },
  result_equals: { name: "name", value: "json" },
  result_between: { name: "name", min: "number?", max: "number?" },
  table_rows: { cell: "cell", equals: "count?", min: "count?", max: "count?" },
  table_columns: { cell: "cell", columns: "names" },
  table_value: { cell: "cell", row: "row?", where: "object?", column: "name", value: "json" },
  table_no_nulls: { cell: "cell", column: "name" },
  snapshot: { cell: "cell?" },
  expression: { expression: "code", equals: "json?", shows: "text?" },
}

/** Why a value is none of this kind, as what completes "… must be …"; undefined when it is one. */
export function unlike(kind: string, value: Json): string | undefined {
  switch (kind.replace("?", "") as Kind) {
    case "cell":
      return typeof value === "string" && value !== "" && value.length <= 100 ? undefined : "a cell's id or one of its tags"
    case "text":
      return typeof value === "string" && value.length <= 10_000 ? undefined : "a text of at most 10,000 characters: put it in quotes"
    case "name":
      return typeof value === "string" && value !== "" && value.length <= 200 ? undefined : "a name: put it in quotes"
    case "code":
      return typeof value === "string" && value.trim() !== "" && value.length <= 10_000 ? undefined : "an expression in the notebook's language"
    case "pattern":
      return typeof value !== "string" || value.length > 1000 ? "a regular expression: put it in quotes" : badPattern(value)
    case "json":
      return undefined
    case "number":
      return Number.isFinite(numberIn(value)) ? undefined : "a number"
    case "count":
      return isWhole(value) && (numberIn(value) ?? -1) >= 0 ? undefined : "a whole number that is not negative"
    case "row":
      return isWhole(value) && numberIn(value) !== 0 ? undefined : "the number of a row, from 1, or from -1 at the end"
    case "names":
      return isList(value) && value.length <= 1000 && value.every((one) => typeof one === "string") ? undefined : "a list of names"
    case "object":
      return isObject(value) && Object.keys(value).length > 0 ? undefined : "columns with values, as {region: EU}"
  }
}

function isWhole(value: Json): boolean {
  return Number.isSafeInteger(numberIn(value))
}

function badPattern(pattern: string): string | undefined {
  const found = matcher(pattern)
  return found.ok ? undefined : `a regular expression that can be used: ${found.refusal}`
}

/** What must stand together, or not. */
export function togetherProblem(check: string, has: (key: string) => boolean): string | undefined {
  if (check === "result_between" && !has("min") && !has("max")) return "give min, max or both"
  if (check === "table_rows" && !has("min") && !has("max") && !has("equals")) return "give equals, min or max"
  if (check === "table_value" && has("row") === has("where")) return "give either row or where"
  if (check === "expression" && has("equals") === has("shows")) return "give either equals (a value) or shows (what the kernel shows for it)"
  return undefined
}

const FAR = 4

/** " Did you mean …?" when something known is near; what there is, otherwise. */
export function meant(given: string, known: readonly string[]): string {
  const [near] = known.map((one) => ({ one, far: slipsBetween(given, one) })).toSorted((a, b) => a.far - b.far)
  return near && near.far < Math.min(FAR, given.length) ? `did you mean ${near.one}?` : `there are ${known.join(", ")}.`
}
