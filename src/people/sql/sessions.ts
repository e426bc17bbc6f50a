import { sql } from "kysely"
import { accepted, type Outcome } from "#base/outcome.ts"
import { at, type Db } from "#database/index.ts"
import type { Actor } from "#people/actor.ts"
import type { PersonId } from "#people/ids.ts"
import { TOUCH_MS } from "#people/policy.ts"
import type { Client, PeopleWorld } from "#people/ports.ts"
import { type PeopleRefusal, refuse } from "#people/refusal.ts"
import { newSecret } from "#people/secrets.ts"
import { audit } from "#people/sql/audit.ts"
import { tell } from "#people/sql/tell.ts"

/** A session as it begins. `value` goes into the cookie and is nowhere else; `expiresAt` in milliseconds since 1970. */
export type Began = { readonly actor: Actor; readonly value: string; readonly expiresAt: number }

/** Begins a session, in the transaction that found out who it is. A value that the browser brought along is never taken on. */
export async function beginSession(
  world: PeopleWorld,
  tx: Db,
  person: { id: PersonId; name: string; isAdmin: boolean },
  client: Client,
): Promise<Began> {
  const value = newSecret(world.random)
  const now = world.clock.now()
  const expiresAt = now + world.policy.sessionMaxMs
  const id = world.sha256(value)
  await tx
    .insertInto("web_session")
    .values({
      id,
      person_id: person.id,
      created_at: new Date(now),
      seen_at: new Date(now),
      expires_at: new Date(expiresAt),
      user_agent: shown(client.userAgent),
      address: shown(client.address),
    })
    .execute()
  return { actor: { ...person, via: { kind: "session", session: id } }, value, expiresAt }
}

function shown(text: string): string {
  return text
    .replaceAll(/\p{Cc}/gu, " ")
    .toWellFormed()
    .slice(0, 200)
}

/** Who has this session, if it has not ended. Its use is noted at most once a minute. */
export async function sessionActor(world: PeopleWorld, value: string): Promise<Actor | undefined> {
  if (!/^[0-9A-Za-z]{43}$/.test(value)) return undefined
  return sessionById(world, world.sha256(value))
}

/** The same by the digest under which the session is stored: for sockets that stay open. */
export async function sessionById(world: PeopleWorld, id: string): Promise<Actor | undefined> {
  const now = world.clock.now()
  const row = await world.db
    .selectFrom("web_session as s")
    .innerJoin("person as p", "p.id", "s.person_id")
    .select(["p.id", "p.name", "p.is_admin", "s.seen_at"])
    .where("s.id", "=", id)
    .where("s.expires_at", ">", at(now))
    .where("s.seen_at", ">", at(now - world.policy.sessionIdleMs))
    .where("p.disabled_at", "is", null)
    .executeTakeFirst()
  if (!row) return undefined
  if (row.seen_at <= now - TOUCH_MS) await touch(world.db, id, now)
  return { id: row.id as PersonId, name: row.name, isAdmin: row.is_admin, via: { kind: "session", session: id } }
}

async function touch(db: Db, id: string, now: number): Promise<void> {
  await sql`UPDATE web_session SET seen_at = ${new Date(now)} WHERE id = ${id} AND seen_at <= ${new Date(now - TOUCH_MS)}`.execute(db)
}

export type SessionView = {
  readonly id: string
  readonly createdAt: number
  readonly seenAt: number
  readonly expiresAt: number
  readonly userAgent: string
  readonly address: string
  readonly isThis: boolean
}

/** The actor's own sessions, the one last used first. */
export async function listSessions(world: PeopleWorld, actor: Actor): Promise<readonly SessionView[]> {
  const now = world.clock.now()
  const rows = await world.db
    .selectFrom("web_session")
    .select(["id", "created_at", "seen_at", "expires_at", "user_agent", "address"])
    .where("person_id", "=", actor.id)
    .where("expires_at", ">", at(now))
    .where("seen_at", ">", at(now - world.policy.sessionIdleMs))
    .orderBy("seen_at", "desc")
    .limit(200)
    .execute()
  return rows.map((row) => ({
    id: row.id,
    createdAt: row.created_at,
    seenAt: row.seen_at,
    expiresAt: row.expires_at,
    userAgent: row.user_agent,
    address: row.address,
    isThis: actor.via.kind === "session" && actor.via.session === row.id,
  }))
}

/** Ends one of the actor's own sessions: signing out, or throwing out a browser that was left somewhere. */
export async function endSession(world: PeopleWorld, actor: Actor, id: string): Promise<Outcome<void, PeopleRefusal>> {
  return world.db.transaction().execute(async (tx) => {
    const ended = await tx.deleteFrom("web_session").where("id", "=", id).where("person_id", "=", actor.id).executeTakeFirst()
    if (!ended.numDeletedRows) return refuse("no_such_session", "There is no such session of yours: it may have ended already.")
    await audit(tx, { actor, action: "session.end", thing: `person/${actor.id}`, outcome: "done", at: world.clock.now() })
    await tell(tx, actor.id)
    return accepted(undefined)
  })
}

/** Ends all of the actor's sessions but the one it is asked in. Gives how many. */
export async function endOtherSessions(world: PeopleWorld, actor: Actor): Promise<number> {
  return world.db.transaction().execute(async (tx) => {
    const ended = await endSessionsOf(tx, actor.id, actor.via.kind === "session" ? actor.via.session : undefined)
    const detail = { ended }
    await audit(tx, { actor, action: "session.end_others", thing: `person/${actor.id}`, outcome: "done", detail, at: world.clock.now() })
    return ended
  })
}

/** For the transactions that change what a person may do: every session ends, but the one that is to be kept. */
export async function endSessionsOf(tx: Db, person: PersonId, kept?: string): Promise<number> {
  let query = tx.deleteFrom("web_session").where("person_id", "=", person)
  if (kept !== undefined) query = query.where("id", "<>", kept)
  const ended = await query.executeTakeFirst()
  await tell(tx, person)
  return Number(ended.numDeletedRows)
}
