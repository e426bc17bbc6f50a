/**
 * SQL: nothing is spliced. The cell is one JSON object from names to values, which Stet's query broker binds to the
 * statements' own placeholders; a plain SQL kernel that is handed it reports a syntax error and runs no value.
 */

import { type Json, write } from "#base/json.ts"
import type { Writer } from "#notebook/literals/writer.ts"

export const sql: Writer = {
  limits: { nul: true, depth: 90 },
  comment: () => "",
  literal: () => "",
  assign: () => "",
  whole: (values) => `${write(Object.fromEntries(values) as { readonly [name: string]: Json }, 1)}\n`,
}
