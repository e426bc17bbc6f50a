/** Links that the console gives: to the first administrator, and to anybody whom the operator of the machine lets in. */
import { type SqlBool, sql } from "kysely"
import { newId } from "#base/id.ts"
import { accepted, type Outcome } from "#base/outcome.ts"
import { attempt, type Db } from "#database/index.ts"
import { SYSTEM } from "#people/actor.ts"
import type { PersonId } from "#people/ids.ts"
import type { Client, PeopleWorld } from "#people/ports.ts"
import { type PeopleRefusal, refuse } from "#people/refusal.ts"
import { audit } from "#people/sql/audit.ts"
import { badLink, type Link, makeLink, openLink, useUp, voidLinks } from "#people/sql/links.ts"
import { type Began, beginSession } from "#people/sql/sessions.ts"
import { recordSignIn } from "#people/sql/sign-in.ts"

/**
 * A link that signs in the first administrator, as long as there is no administrator who could sign in otherwise; undefined then.
 * Each call makes the links before it useless. Whoever reads the console of this machine can read its database as well.
 */
export async function firstRunLink(world: PeopleWorld): Promise<Link | undefined> {
  return world.db.transaction().execute(async (tx) => {
    await tx.executeQuery(sql`SELECT pg_advisory_xact_lock(7391550019)`.compile(tx))
    const admins = await administrators(tx)
    if (admins.some((each) => each.has_way)) return undefined
    const person = admins[0] ? (admins[0].id as PersonId) : await makeAdministrator(world, tx)
    await voidLinks(tx, person, ["sign_in"])
    return consoleLink(world, tx, person)
  })
}

/** A sign-in link for one who is here, by login: what an operator gives to somebody who has lost every other way. */
export async function signInLink(world: PeopleWorld, login: string): Promise<Outcome<Link, PeopleRefusal>> {
  return attempt(world.db, async (tx) => {
    const person = await tx
      .selectFrom("person")
      .select("id")
      .where("login", "=", login.trim().toLowerCase())
      .where("disabled_at", "is", null)
      .executeTakeFirst()
    if (!person) return refuse("no_such_person", "Nobody who may sign in has this login: see the list of people for the right one.")
    await voidLinks(tx, person.id as PersonId, ["sign_in"])
    return accepted(await consoleLink(world, tx, person.id as PersonId))
  })
}

/** Logins of the administrators who may sign in: for an operator who has forgotten their own. */
export async function administratorLogins(db: Db): Promise<readonly string[]> {
  const admins = await db
    .selectFrom("person")
    .select("login")
    .where("is_admin", "=", true)
    .where("kind", "=", "person")
    .where("disabled_at", "is", null)
    .where("login", "is not", null)
    .orderBy("login")
    .limit(20)
    .execute()
  return admins.map(({ login }) => login ?? "")
}

async function consoleLink(world: PeopleWorld, tx: Db, person: PersonId): Promise<Link> {
  const link = await makeLink(world, tx, { kind: "sign_in", person, createdBy: SYSTEM.id, lastsMs: world.policy.linkMs })
  const entry = { actor: SYSTEM, action: "link.make", thing: `person/${person}`, detail: { kind: "sign_in", link: link.id } }
  await audit(tx, { ...entry, outcome: "done", at: world.clock.now() })
  return link
}

/** Those enabled, with whether each can sign in without a link. */
async function administrators(tx: Db) {
  const hasWay = sql<SqlBool>`(p.password IS NOT NULL OR EXISTS (SELECT FROM identity i WHERE i.person_id = p.id))`
  return tx
    .selectFrom("person as p")
    .select(["p.id", hasWay.as("has_way")])
    .where("p.is_admin", "=", true)
    .where("p.kind", "=", "person")
    .where("p.disabled_at", "is", null)
    .orderBy("p.id")
    .execute()
}

async function makeAdministrator(world: PeopleWorld, tx: Db): Promise<PersonId> {
  const now = world.clock.now()
  const id = newId<"Person">(now, world.random)
  const taken = await tx.selectFrom("person").select("id").where("login", "=", "admin").executeTakeFirst()
  const login = taken ? null : "admin"
  await tx
    .insertInto("person")
    .values({ id, kind: "person", name: "Administrator", login, is_admin: true, created_at: new Date(now), created_by: SYSTEM.id })
    .execute()
  await audit(tx, { actor: SYSTEM, action: "person.create", thing: `person/${id}`, outcome: "done", detail: { isAdmin: true }, at: now })
  return id
}

/** Signs in by a link of the console. Asked for by POST, so that whatever looks at links in advance does not use it up. */
export async function useSignInLink(world: PeopleWorld, code: string, client: Client): Promise<Outcome<Began, PeopleRefusal>> {
  return attempt(world.db, async (tx) => {
    const link = await openLink(world, tx, "sign_in", code)
    const person = link?.person && (await enabled(tx, link.person))
    if (!link || !person) return badLink()
    await useUp(world, tx, link.id)
    const began = await beginSession(world, tx, { id: person.id as PersonId, name: person.name, isAdmin: person.is_admin }, client)
    await recordSignIn(world, tx, began.actor, "link")
    return accepted(began)
  })
}

export async function enabled(tx: Db, person: PersonId) {
  return tx
    .selectFrom("person")
    .select(["id", "name", "login", "email", "is_admin", "password", "kind"])
    .where("id", "=", person)
    .where("kind", "=", "person")
    .where("disabled_at", "is", null)
    .forUpdate()
    .executeTakeFirst()
}
