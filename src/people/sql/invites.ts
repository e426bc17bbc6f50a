import { newId } from "#base/id.ts"
import { accepted, type Outcome } from "#base/outcome.ts"
import { at, attempt, type Db } from "#database/index.ts"
import { type Actor, SYSTEM } from "#people/actor.ts"
import type { InviteId, PersonId, SpaceId } from "#people/ids.ts"
import { DAY_MS } from "#people/policy.ts"
import type { Client, PeopleWorld } from "#people/ports.ts"
import { badField, type PeopleRefusal, refuse } from "#people/refusal.ts"
import type { Role } from "#people/roles.ts"
import { highestRole } from "#people/rule.ts"
import { audit } from "#people/sql/audit.ts"
import { noSuchSpace, raiseRole } from "#people/sql/grants.ts"
import { unlessAdministers, unlessPlatform } from "#people/sql/guard.ts"
import { badLink, type Link, type LinkRow, makeLink, openLink, useUp } from "#people/sql/links.ts"
import { type Began, beginSession, endSessionsOf } from "#people/sql/sessions.ts"
import { recordSignIn } from "#people/sql/sign-in.ts"
import { standingOfPerson } from "#people/sql/standing.ts"
import { readLogin, readName, readPassword } from "#people/text.ts"

/** Into a space with a role, or to the platform alone; `isAdmin` makes an administrator of the platform. `days` until it expires. */
export type InviteSpec = {
  readonly space?: SpaceId | undefined
  readonly role?: Role | undefined
  readonly isAdmin?: boolean | undefined
  readonly days?: number | undefined
}

export async function invite(world: PeopleWorld, actor: Actor, spec: InviteSpec): Promise<Outcome<Link, PeopleRefusal>> {
  const { space, isAdmin = false, days = world.policy.inviteDays } = spec
  if (!(days > 0 && days <= world.policy.inviteMaxDays))
    return badField("days", `An invitation lasts more than 0 and at most ${world.policy.inviteMaxDays} days: give a number between.`)
  if ((space === undefined) !== (spec.role === undefined)) return badField("role", "A space and a role in it are given together, or neither.")
  const denied = await mayInvite(world, actor, space, isAdmin)
  if (denied) return denied
  return attempt(world.db, async (tx) => {
    const link = await makeLink(world, tx, { kind: "invite", space, role: spec.role, isAdmin, createdBy: actor.id, lastsMs: days * DAY_MS })
    const detail = { isAdmin, ...(spec.role ? { role: spec.role } : {}) }
    await audit(tx, { actor, action: "invite.make", thing: `invite/${link.id}`, space, outcome: "done", detail, at: world.clock.now() })
    return accepted(link)
  })
}

async function mayInvite(world: PeopleWorld, actor: Actor, space: SpaceId | undefined, isAdmin: boolean) {
  const attempt = { action: "invite.make", thing: space ? `space/${space}` : "platform", words: "invite anybody here" }
  const beyond = space === undefined || isAdmin ? await unlessPlatform(world, actor, attempt) : undefined
  if (beyond || space === undefined) return beyond
  const denied = await unlessAdministers(world, actor, { space }, attempt)
  if (denied) return denied === "hidden" ? noSuchSpace() : denied
  return (await world.db.selectFrom("space").select("id").where("id", "=", space).executeTakeFirst()) ? undefined : noSuchSpace()
}

/** What an invitation says of itself to whoever holds it. Looking does not use it up. */
export type InvitePreview = {
  readonly space?: string
  readonly role?: Role
  readonly isAdmin: boolean
  readonly invitedBy: string
  readonly expiresAt: number
}

export async function previewInvite(world: PeopleWorld, code: string): Promise<Outcome<InvitePreview, PeopleRefusal>> {
  return attempt(world.db, async (tx) => {
    const link = await openLink(world, tx, "invite", code)
    if (!link || !(await stillMeant(tx, link))) return badLink()
    const by = await tx
      .selectFrom("person")
      .select("name")
      .where("id", "=", link.createdBy ?? SYSTEM.id)
      .executeTakeFirst()
    const space = link.space && (await tx.selectFrom("space").select("title").where("id", "=", link.space).executeTakeFirst())
    const into = space && link.role ? { space: space.title, role: link.role } : {}
    return accepted({ ...into, isAdmin: link.isAdmin, invitedBy: by?.name ?? "", expiresAt: link.expiresAt })
  })
}

/** A new person by invitation, signed in at once. */
export async function acceptInvite(
  world: PeopleWorld,
  code: string,
  given: { readonly login: string; readonly name: string; readonly password: string },
  client: Client,
): Promise<Outcome<Began, PeopleRefusal>> {
  const login = readLogin(given.login)
  if (!login.ok) return login
  const name = readName(given.name)
  if (!name.ok) return name
  const password = readPassword(given.password, [login.value, name.value])
  if (!password.ok) return password
  // Looked at first, so that nobody without an invitation makes this machine compute hashes.
  const shown = await previewInvite(world, code)
  if (!shown.ok) return shown
  const stored = await world.passwords.hash(password.value)
  return attempt(world.db, async (tx) => {
    const link = await openLink(world, tx, "invite", code)
    if (!link || !(await stillMeant(tx, link))) return badLink()
    const person = { id: newId<"Person">(world.clock.now(), world.random), name: name.value, isAdmin: link.isAdmin }
    if (!(await insertPerson(world, tx, { ...person, login: login.value, password: stored, createdBy: link.createdBy })))
      return refuse("login_taken", "Somebody has this login already: choose another one.", { field: "login" })
    const began = await beginSession(world, tx, person, client)
    await takeUp(world, tx, link, began.actor)
    await recordSignIn(world, tx, began.actor, "invite")
    return accepted(began)
  })
}

/** Somebody who is here already takes up an invitation into a space. */
export async function joinByInvite(
  world: PeopleWorld,
  actor: Actor,
  code: string,
): Promise<Outcome<{ readonly space: SpaceId | undefined }, PeopleRefusal>> {
  if (actor.via.kind !== "session") return refuse("needs_session", "An invitation is taken up in a browser: sign in there.")
  const { session } = actor.via
  return attempt(world.db, async (tx) => {
    const link = await openLink(world, tx, "invite", code)
    if (!link || !(await stillMeant(tx, link)) || !(await standingOfPerson(tx, actor.id, undefined))?.isActive) return badLink()
    if (link.isAdmin) {
      await tx.updateTable("person").set({ is_admin: true }).where("id", "=", actor.id).execute()
      await endSessionsOf(tx, actor.id, session)
    }
    await takeUp(world, tx, link, actor)
    return accepted({ space: link.space })
  })
}

async function takeUp(world: PeopleWorld, tx: Db, link: LinkRow, actor: Actor): Promise<void> {
  await useUp(world, tx, link.id)
  if (link.space && link.role) await raiseRole(world, tx, { space: link.space, person: actor.id, role: link.role, by: link.createdBy ?? SYSTEM.id })
  const detail = { isAdmin: link.isAdmin, ...(link.role ? { role: link.role } : {}), invitedBy: link.createdBy }
  await audit(tx, { actor, action: "invite.use", thing: `invite/${link.id}`, space: link.space, outcome: "done", detail, at: world.clock.now() })
}

/** Whether who invited may still do so: an invitation of one who has left or lost the role gives nothing any more. */
async function stillMeant(tx: Db, link: LinkRow): Promise<boolean> {
  const by = link.createdBy
  if (by === undefined || by === SYSTEM.id) return true
  const thing = link.space && { space: link.space }
  const standing = await standingOfPerson(tx, by, thing)
  if (!standing?.isActive) return false
  return standing.isAdmin || (!link.isAdmin && thing !== undefined && highestRole(standing, thing) === "admin")
}

type NewPerson = { id: PersonId; name: string; login: string; password: string; isAdmin: boolean; createdBy: PersonId | undefined }

/** False when the login is taken. */
async function insertPerson(world: PeopleWorld, tx: Db, person: NewPerson): Promise<boolean> {
  const now = world.clock.now()
  const { id, name, login, password } = person
  const made = await tx
    .insertInto("person")
    .values({
      id,
      kind: "person",
      name,
      login,
      password,
      is_admin: person.isAdmin,
      created_at: new Date(now),
      created_by: person.createdBy ?? null,
    })
    .onConflict((on) => on.column("login").doNothing())
    .executeTakeFirst()
  return Number(made.numInsertedOrUpdatedRows) === 1
}

export type InviteView = {
  readonly id: InviteId
  readonly space: SpaceId | undefined
  readonly role: Role | undefined
  readonly isAdmin: boolean
  readonly createdBy: PersonId | undefined
  readonly createdAt: number
  readonly expiresAt: number
}

/** The invitations into a space, or to the platform, that nobody has used yet. */
export async function listInvites(world: PeopleWorld, actor: Actor, space?: SpaceId): Promise<Outcome<readonly InviteView[], PeopleRefusal>> {
  const denied = await mayInvite(world, actor, space, false)
  if (denied) return denied
  let query = world.db.selectFrom("invite").selectAll().where("kind", "=", "invite").where("used_at", "is", null)
  query = query.where("expires_at", ">", at(world.clock.now()))
  if (space !== undefined) query = query.where("space_id", "=", space)
  const rows = await query.orderBy("id", "desc").limit(500).execute()
  return accepted(
    rows.map((row) => ({
      id: row.id as InviteId,
      space: (row.space_id ?? undefined) as SpaceId | undefined,
      role: (row.role ?? undefined) as Role | undefined,
      isAdmin: row.is_admin,
      createdBy: (row.created_by ?? undefined) as PersonId | undefined,
      createdAt: row.created_at,
      expiresAt: row.expires_at,
    })),
  )
}

/** Takes an invitation back. */
export async function withdrawInvite(world: PeopleWorld, actor: Actor, id: InviteId): Promise<Outcome<void, PeopleRefusal>> {
  const row = await world.db.selectFrom("invite").select("space_id").where("id", "=", id).where("kind", "=", "invite").executeTakeFirst()
  const gone = refuse("no_such_invite", "There is no such open invitation: it was used, has expired or was withdrawn.")
  if (!row) return gone
  const denied = await mayInvite(world, actor, (row.space_id ?? undefined) as SpaceId | undefined, false)
  if (denied) return denied.refusal.refused === "no_such_space" ? gone : denied
  return attempt(world.db, async (tx) => {
    const removed = await tx.deleteFrom("invite").where("id", "=", id).where("used_at", "is", null).executeTakeFirst()
    if (!removed.numDeletedRows) return gone
    const space = (row.space_id ?? undefined) as SpaceId | undefined
    await audit(tx, { actor, action: "invite.withdraw", thing: `invite/${id}`, space, outcome: "done", at: world.clock.now() })
    return accepted(undefined)
  })
}
