/** What a notebook declares that it can be given. */
import type { Json, JsonObject } from "#base/json.ts"
import type { Language } from "#notebook/languages.ts"
import type { Facts } from "#notebook/parameters-facts.ts"
import type { ParameterType } from "#notebook/parameters-type.ts"

export type Parameter = {
  readonly name: string
  readonly type: ParameterType
  /** The annotation or type comment as written; "" when the type was taken from the default. */
  readonly typeText: string
  readonly required: boolean
  /** The default where it is a literal. */
  readonly default?: Json
  /** The default's source; "" when there is none. */
  readonly defaultText: string
  readonly help: string
  readonly choices?: readonly Json[]
  readonly secret: boolean
  /** Title, bounds, place in a form, whom it follows. */
  readonly facts: Facts
  readonly cellId: string
  /** Of the cell's source, from 1. */
  readonly line: number
  /** The language lets it be set only by declaring it anew. */
  readonly constant: boolean
}

export type ParameterProblem = { readonly cellId: string; readonly line: number; readonly message: string }

export type Declared = {
  /** Undefined where the notebook is in a language that Stet does not know. */
  readonly language: Language | undefined
  readonly parameters: readonly Parameter[]
  /** JSON Schema, draft 2020-12, of the object that holds all parameters. */
  readonly schema: JsonObject
  readonly problems: readonly ParameterProblem[]
  /** How many cells are tagged `parameters`. */
  readonly cells: number
  /** Why the cells were not read at all; "" when they were. */
  readonly unread: string
}
