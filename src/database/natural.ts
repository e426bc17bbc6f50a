import { type RawBuilder, sql } from "kysely"

/** What to order by where people look for a name: "Report 2" before "Report 10", whatever its letter cases and accents (db/0031.sql). */
export function naturally(name: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`natural_order(${name}) COLLATE "C"`
}
