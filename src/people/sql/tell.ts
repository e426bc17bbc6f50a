import { sql } from "kysely"
import type { Db } from "#database/index.ts"
import type { PersonId } from "#people/ids.ts"

/** The channel that tells every process, as the transaction commits, whose sessions, tokens, roles or groups have changed. */
export const PEOPLE_CHANNEL = "stet_people"

/** Open sockets of that person ask again whether they may stay. "*" is everybody: a group's grants have changed. */
export async function tell(tx: Db, person: PersonId | "*"): Promise<void> {
  await sql`SELECT pg_notify(${PEOPLE_CHANNEL}, ${person})`.execute(tx)
}
