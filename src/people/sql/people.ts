import { type SqlBool, sql } from "kysely"
import { newId } from "#base/id.ts"
import { accepted, type Outcome } from "#base/outcome.ts"
import { attempt, type Db, naturally } from "#database/index.ts"
import type { Actor } from "#people/actor.ts"
import type { PersonId } from "#people/ids.ts"
import type { PeopleWorld } from "#people/ports.ts"
import { type PeopleRefusal, refuse } from "#people/refusal.ts"
import { audit } from "#people/sql/audit.ts"
import { unlessPlatform } from "#people/sql/guard.ts"
import { voidLinks } from "#people/sql/links.ts"
import { endSessionsOf } from "#people/sql/sessions.ts"
import { canPlatform, standingOfPerson } from "#people/sql/standing.ts"
import { revokeTokensOf } from "#people/sql/tokens.ts"
import { readEmail, readLogin, readName } from "#people/text.ts"

/** `email`, `isDisabled` and how one signs in are told to oneself and to administrators of the platform. Times in milliseconds since 1970. */
export type PersonView = {
  readonly id: PersonId
  readonly kind: "person" | "service"
  readonly name: string
  readonly login: string | undefined
  readonly isAdmin: boolean
  readonly owner: PersonId | undefined
  readonly createdAt: number
  readonly isDisabled: boolean
  readonly email?: string | undefined
  readonly hasPassword?: boolean
  readonly hasSingleSignOn?: boolean
}

export type PeopleQuery = { readonly search?: string | undefined; readonly after?: PersonId | undefined; readonly limit?: number | undefined }

/** Everybody who may sign in, by name; those disabled too for administrators. At most 200 at once; go on after the last. */
export async function listPeople(world: PeopleWorld, actor: Actor, query: PeopleQuery = {}): Promise<readonly PersonView[]> {
  const wholly = await canPlatform(world.db, actor)
  if (!wholly && !(await standingOfPerson(world.db, actor.id, undefined))?.isActive) return []
  let found = rows(world.db)
  if (!wholly) found = found.where("p.disabled_at", "is", null)
  if (query.after !== undefined) found = found.where(comesAfter(query.after))
  if (query.search) {
    const like = `%${query.search
      .replaceAll(/[\\%_]/g, "\\$&")
      .replaceAll("\0", "")
      .toWellFormed()}%`
    found = found.where((eb) => eb.or([eb("p.name", "ilike", like), eb("p.login", "ilike", like), ...(wholly ? [eb("p.email", "ilike", like)] : [])]))
  }
  const people = await found.limit(Math.min(query.limit ?? 50, 200)).execute()
  return people.map((row) => viewOf(row, wholly || row.id === actor.id))
}

function comesAfter(person: PersonId) {
  const name = sql`(SELECT name FROM person WHERE id = ${person})`
  return sql<SqlBool>`(${naturally(sql`p.name`)}, p.id) > (${naturally(name)}, ${person})`
}

export async function getPerson(world: PeopleWorld, actor: Actor, id: PersonId): Promise<Outcome<PersonView, PeopleRefusal>> {
  const wholly = actor.id === id || (await canPlatform(world.db, actor))
  const row = await rows(world.db).where("p.id", "=", id).executeTakeFirst()
  if (!row || !(wholly || (await standingOfPerson(world.db, actor.id, undefined))?.isActive)) return noSuchPerson()
  return accepted(viewOf(row, wholly))
}

function rows(db: Db) {
  return db
    .selectFrom("person as p")
    .select(["p.id", "p.kind", "p.name", "p.login", "p.email", "p.is_admin", "p.owner_id", "p.created_at", "p.disabled_at"])
    .select(sql<SqlBool>`p.password IS NOT NULL`.as("has_password"))
    .select(sql<SqlBool>`EXISTS (SELECT FROM identity i WHERE i.person_id = p.id)`.as("has_sso"))
    .where("p.kind", "<>", "system")
    .orderBy(naturally(sql`p.name`))
    .orderBy("p.id")
}

type Row = Awaited<ReturnType<ReturnType<typeof rows>["execute"]>>[number]

function viewOf(row: Row, wholly: boolean): PersonView {
  const open = {
    id: row.id as PersonId,
    kind: row.kind as "person" | "service",
    name: row.name,
    login: row.login ?? undefined,
    isAdmin: row.is_admin,
    owner: (row.owner_id ?? undefined) as PersonId | undefined,
    createdAt: row.created_at,
    isDisabled: row.disabled_at !== null,
  }
  if (!wholly) return open
  return { ...open, email: row.email ?? undefined, hasPassword: row.has_password === true, hasSingleSignOn: row.has_sso === true }
}

function noSuchPerson() {
  return refuse("no_such_person", "There is no such person: see the list of people for the right id.")
}

/** What is left out stays. An empty `login` or `email` takes it away. */
export type PersonChange = {
  readonly name?: string | undefined
  readonly login?: string | undefined
  readonly email?: string | undefined
  readonly isAdmin?: boolean | undefined
}

/** One's own name; everything else, and others, by administrators of the platform. A change of privilege ends the person's sessions. */
export async function changePerson(world: PeopleWorld, actor: Actor, id: PersonId, change: PersonChange): Promise<Outcome<void, PeopleRefusal>> {
  const ownName = id === actor.id && actor.via.kind === "session" && Object.keys(change).every((field) => field === "name")
  const denied = ownName ? undefined : await unlessPlatform(world, actor, { action: "person.change", thing: `person/${id}`, words: "change people" })
  if (denied) return denied
  const read = readChange(change)
  if (!read.ok) return read
  return attempt(world.db, async (tx) => {
    const { is_admin } = read.value
    const another = is_admin === false && (await anotherAdmin(tx, id))
    const row = await locked(tx, id)
    if (!row) return noSuchPerson()
    if (is_admin === true && row.kind === "service")
      return refuse("bad_field", "A service account cannot administer the platform.", { field: "isAdmin" })
    if (row.is_admin && is_admin === false && !another) return lastPlatformAdmin()
    if (read.value.login && (await isTaken(tx, read.value.login, id)))
      return refuse("login_taken", "Somebody has this login already: choose another one.", { field: "login" })
    if (Object.keys(read.value).length > 0) await tx.updateTable("person").set(read.value).where("id", "=", id).execute()
    if (is_admin !== undefined && is_admin !== row.is_admin)
      await endSessionsOf(tx, id, id === actor.id && actor.via.kind === "session" ? actor.via.session : undefined)
    const detail = { fields: Object.keys(read.value), ...(is_admin === undefined ? {} : { isAdmin: is_admin }) }
    await audit(tx, { actor, action: "person.change", thing: `person/${id}`, outcome: "done", detail, at: world.clock.now() })
    return accepted(undefined)
  })
}

type Columns = { name?: string; login?: string | null; email?: string | null; email_verified?: boolean; is_admin?: boolean }

function readChange(change: PersonChange): Outcome<Columns, PeopleRefusal> {
  const columns: Columns = {}
  if (change.name !== undefined) {
    const name = readName(change.name)
    if (!name.ok) return name
    columns.name = name.value
  }
  if (change.login !== undefined) {
    const login = change.login === "" ? accepted(null) : readLogin(change.login)
    if (!login.ok) return login
    columns.login = login.value
  }
  if (change.email !== undefined) {
    const email = change.email === "" ? accepted(null) : readEmail(change.email)
    if (!email.ok) return email
    // An administrator's word that the address is this person's: single sign-on may join by it.
    Object.assign(columns, { email: email.value, email_verified: email.value !== null })
  }
  if (change.isAdmin !== undefined) columns.is_admin = change.isAdmin
  return accepted(columns)
}

async function locked(tx: Db, id: PersonId) {
  return tx
    .selectFrom("person")
    .select(["id", "kind", "is_admin", "disabled_at"])
    .where("id", "=", id)
    .where("kind", "<>", "system")
    .forUpdate()
    .executeTakeFirst()
}

async function isTaken(tx: Db, login: string, by: PersonId): Promise<boolean> {
  return (await tx.selectFrom("person").select("id").where("login", "=", login).where("id", "<>", by).executeTakeFirst()) !== undefined
}

/** Locks all administrators, so that of two who remove each other one is refused. Before any other lock on a person, or two could wait in a circle. */
async function anotherAdmin(tx: Db, but: PersonId): Promise<boolean> {
  const admins = await tx
    .selectFrom("person")
    .select("id")
    .where("is_admin", "=", true)
    .where("kind", "=", "person")
    .where("disabled_at", "is", null)
    .orderBy("id")
    .forUpdate()
    .execute()
  return admins.some(({ id }) => id !== but)
}

function lastPlatformAdmin() {
  return refuse("last_admin", "The platform needs somebody who administers it: make somebody else its administrator first.")
}

/** A disabled person can do nothing from now on: sessions end; tokens are of no use, and are revoked unless they are to come back. */
export async function disablePerson(
  world: PeopleWorld,
  actor: Actor,
  id: PersonId,
  { keepTokens = false }: { readonly keepTokens?: boolean } = {},
): Promise<Outcome<void, PeopleRefusal>> {
  const denied = await unlessPlatform(world, actor, { action: "person.disable", thing: `person/${id}`, words: "disable people" })
  if (denied) return denied
  return attempt(world.db, async (tx) => {
    const another = await anotherAdmin(tx, id)
    const row = await locked(tx, id)
    if (!row) return noSuchPerson()
    if (row.is_admin && !another) return lastPlatformAdmin()
    const now = world.clock.now()
    await tx
      .updateTable("person")
      .set({ disabled_at: new Date(now) })
      .where("id", "=", id)
      .where("disabled_at", "is", null)
      .execute()
    const sessions = await endSessionsOf(tx, id)
    const tokens = keepTokens ? 0 : await revokeTokensOf(tx, id, now)
    await voidLinks(tx, id, ["sign_in", "reset"])
    await audit(tx, { actor, action: "person.disable", thing: `person/${id}`, outcome: "done", detail: { sessions, tokens }, at: now })
    return accepted(undefined)
  })
}

export async function enablePerson(world: PeopleWorld, actor: Actor, id: PersonId): Promise<Outcome<void, PeopleRefusal>> {
  const denied = await unlessPlatform(world, actor, { action: "person.enable", thing: `person/${id}`, words: "enable people" })
  if (denied) return denied
  return attempt(world.db, async (tx) => {
    if (!(await locked(tx, id))) return noSuchPerson()
    await tx.updateTable("person").set({ disabled_at: null }).where("id", "=", id).execute()
    await audit(tx, { actor, action: "person.enable", thing: `person/${id}`, outcome: "done", at: world.clock.now() })
    return accepted(undefined)
  })
}

/** An account of a program: it has tokens, no password, and a person who answers for it. */
export async function createService(
  world: PeopleWorld,
  actor: Actor,
  given: { readonly name: string; readonly owner?: PersonId | undefined },
): Promise<Outcome<{ readonly id: PersonId }, PeopleRefusal>> {
  const denied = await unlessPlatform(world, actor, { action: "person.create", thing: "platform", words: "make service accounts" })
  if (denied) return denied
  const name = readName(given.name)
  if (!name.ok) return name
  const owner = given.owner ?? actor.id
  const now = world.clock.now()
  const id = newId<"Person">(now, world.random)
  return attempt(world.db, async (tx) => {
    const row = await locked(tx, owner)
    if (row?.kind !== "person" || row.disabled_at !== null)
      return refuse("no_such_person", "The owner must be a person who may sign in.", { field: "owner" })
    await tx
      .insertInto("person")
      .values({ id, kind: "service", name: name.value, owner_id: owner, created_at: new Date(now), created_by: actor.id })
      .execute()
    await audit(tx, { actor, action: "person.create", thing: `person/${id}`, outcome: "done", detail: { kind: "service", owner }, at: now })
    return accepted({ id })
  })
}
