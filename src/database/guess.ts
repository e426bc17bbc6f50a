import { type RawBuilder, sql } from "kysely"
import type { Db } from "#database/open.ts"

/** How many PostgreSQL takes them for, without looking: good for what is common, because it knows the most common values; of what is rare it knows nothing. */
export async function guessOf(db: Db, rows: RawBuilder<unknown>): Promise<number> {
  const found = await sql<{ "QUERY PLAN": readonly { readonly Plan: { readonly "Plan Rows": number } }[] }>`EXPLAIN (FORMAT JSON) ${rows}`.execute(db)
  return found.rows[0]?.["QUERY PLAN"][0]?.Plan["Plan Rows"] ?? 0
}
