/** What every language's literal writer provides. Writers are handed only values inside their limits, and names that were checked. */
import type { Json } from "#base/json.ts"
import type { Limits, Value } from "#notebook/literals/value.ts"

export type Writer = {
  readonly limits: Limits
  /** A comment of one line; `text` has no control characters and no backslash. */
  readonly comment: (text: string) => string
  readonly literal: (value: Value) => string
  readonly assign: (assignment: Assignment) => string
  /** Where the cell is not lines of assignments: its whole source. */
  readonly whole?: (values: readonly (readonly [string, Json])[]) => string
}

export type Assignment = {
  readonly name: string
  readonly literal: string
  readonly value: Value
  /** How the notebook's own parameters cell declares the name, for languages in which that matters. */
  readonly declaredAs: Declaration
}

export type Declaration = "constant" | "variable" | "nothing"

/** Lists of one kind of scalar keep the language's natural type; all others need its "anything" type, lest 1 become 1.0 or true become 1. */
export function isUniform(items: readonly Value[]): boolean {
  const kinds = new Set(items.map((item) => item.is))
  const [kind] = kinds
  return kinds.size === 1 && (kind === "text" || kind === "boolean" || kind === "integer" || kind === "float")
}
