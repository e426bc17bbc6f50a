/** Which hosts somebody lets the outputs of notebooks load from: theirs alone, and taken back at any moment. */
import { sql } from "kysely"
import { accepted, type Outcome } from "#base/outcome.ts"
import type { Actor } from "#people/actor.ts"
import { isHost, MOST_HOSTS } from "#people/hosts.ts"
import type { PeopleWorld } from "#people/ports.ts"
import { type PeopleRefusal, refuse } from "#people/refusal.ts"
import { audit } from "#people/sql/audit.ts"

type World = Pick<PeopleWorld, "db" | "clock">

export type AllowedHost = { readonly host: string; readonly allowedAt: number }

/** In the order of their names. */
export async function allowedHosts({ db }: World, actor: Actor): Promise<readonly AllowedHost[]> {
  const found = await sql<AllowedHost>`
    SELECT host, allowed_at AS "allowedAt" FROM allowed_host WHERE person_id = ${actor.id} ORDER BY host`.execute(db)
  return found.rows
}

/** Allowed twice, it is allowed once. */
export async function allowHost(world: World, actor: Actor, host: string): Promise<Outcome<void, PeopleRefusal>> {
  if (!isHost(host)) return refuse("bad_field", "This is not the name of a host, such as cdn.example.org.", { field: "host" })
  const at = world.clock.now()
  return world.db.transaction().execute(async (tx) => {
    // One after another, or two at once would both find room.
    await sql`SELECT FROM person WHERE id = ${actor.id} FOR UPDATE`.execute(tx)
    const there = await sql<{ host: string }>`SELECT host FROM allowed_host WHERE person_id = ${actor.id}`.execute(tx)
    if (there.rows.some((row) => row.host === host)) return accepted(undefined)
    if (there.rows.length >= MOST_HOSTS)
      return refuse("bad_field", `${MOST_HOSTS} hosts are allowed already: take one back in your settings first.`, { field: "host" })
    await sql`INSERT INTO allowed_host (person_id, host, allowed_at) VALUES (${actor.id}, ${host}, ${new Date(at)})`.execute(tx)
    await audit(tx, { actor, action: "host.allow", thing: `person/${actor.id}`, outcome: "done", detail: { host }, at })
    return accepted(undefined)
  })
}

/** What is not allowed stays so. */
export async function disallowHost(world: World, actor: Actor, host: string): Promise<void> {
  const at = world.clock.now()
  await world.db.transaction().execute(async (tx) => {
    const gone = await sql`DELETE FROM allowed_host WHERE person_id = ${actor.id} AND host = ${host}`.execute(tx)
    if (gone.numAffectedRows === 0n) return
    await audit(tx, { actor, action: "host.disallow", thing: `person/${actor.id}`, outcome: "done", detail: { host }, at })
  })
}
