import { type SqlBool, sql } from "kysely"
import { newId } from "#base/id.ts"
import { accepted, type Outcome } from "#base/outcome.ts"
import { attempt, type Db } from "#database/index.ts"
import type { Actor } from "#people/actor.ts"
import type { GrantId, GroupId, NotebookId, PersonId, SpaceId } from "#people/ids.ts"
import type { PeopleWorld } from "#people/ports.ts"
import { type PeopleRefusal, refuse } from "#people/refusal.ts"
import { ROLES, type Role, type Thing } from "#people/roles.ts"
import { audit } from "#people/sql/audit.ts"
import { unlessAdministers } from "#people/sql/guard.ts"
import { notify, settleNotices } from "#people/sql/notices.ts"
import { can } from "#people/sql/standing.ts"
import { tell } from "#people/sql/tell.ts"

export type Grantee = { readonly person: PersonId } | { readonly group: GroupId }

export type GrantView = {
  readonly id: GrantId
  readonly space: SpaceId
  readonly notebook: NotebookId | undefined
  readonly to: Grantee
  readonly name: string
  readonly role: Role
  readonly grantedBy: PersonId | undefined
  readonly grantedAt: number
}

export function noSuchSpace() {
  return refuse("no_such_space", "There is no such space, or you may not see it.")
}

function noSuchThing(thing: Thing) {
  return thing.notebook === undefined ? noSuchSpace() : refuse("no_such_notebook", "There is no such notebook, or you may not see it.")
}

/** Who has which role: in a space, or on a notebook (with what its space gives). For everybody who may read it. */
export async function listGrants(world: PeopleWorld, actor: Actor, thing: Thing): Promise<Outcome<readonly GrantView[], PeopleRefusal>> {
  if (!(await can(world.db, actor, "read", thing))) return noSuchThing(thing)
  const rows = await world.db
    .selectFrom("role_grant as g")
    .leftJoin("person as p", "p.id", "g.person_id")
    .leftJoin("people_group as t", "t.id", "g.group_id")
    .select([
      "g.id",
      "g.space_id",
      "g.notebook_id",
      "g.person_id",
      "g.group_id",
      "g.role",
      "g.granted_by",
      "g.granted_at",
      "p.name",
      "t.name as group",
    ])
    .where("g.space_id", "=", thing.space)
    .where((eb) => eb.or([eb("g.notebook_id", "is", null), ...(thing.notebook ? [eb("g.notebook_id", "=", thing.notebook)] : [])]))
    .orderBy("g.id")
    .limit(5000)
    .execute()
  return accepted(
    rows.map((row) => ({
      id: row.id as GrantId,
      space: row.space_id as SpaceId,
      notebook: (row.notebook_id ?? undefined) as NotebookId | undefined,
      to: row.person_id ? { person: row.person_id as PersonId } : { group: row.group_id as GroupId },
      name: row.name ?? row.group ?? "",
      role: row.role as Role,
      grantedBy: (row.granted_by ?? undefined) as PersonId | undefined,
      grantedAt: row.granted_at,
    })),
  )
}

export type GrantSpec = { readonly thing: Thing; readonly to: Grantee; readonly role: Role }

/** Gives a role, or another one than before. For those who administer the thing: nobody can give what is above their own. */
export async function grant(world: PeopleWorld, actor: Actor, spec: GrantSpec): Promise<Outcome<{ readonly id: GrantId }, PeopleRefusal>> {
  const { thing, to, role } = spec
  const deed = { action: "grant.set", thing: named(thing), words: "give anybody a role here" }
  const denied = await unlessAdministers(world, actor, thing, deed)
  if (denied) return denied === "hidden" ? noSuchThing(thing) : denied
  return attempt(world.db, async (tx) => {
    if (!(await lockThing(tx, thing)) || !(await can(tx, actor, "administer", thing))) return noSuchThing(thing)
    if (!(await isThere(tx, to))) return noSuchGrantee(to)
    const before = await existing(tx, thing, to)
    const id = (before?.id as GrantId | undefined) ?? newId<"Grant">(world.clock.now(), world.random)
    await put(world, tx, { id, ...spec, by: actor.id })
    if (before?.role === "admin" && role !== "admin" && !(await hasAdmin(tx, thing.space))) return lastAdmin()
    const detail = { ...to, role, before: before?.role ?? null }
    await audit(tx, { ...deed, actor, space: thing.space, outcome: "done", detail, at: world.clock.now() })
    await tellGrantee(tx, to)
    if ("person" in to) await answerAsker(tx, { thing, to: to.person, by: actor.id, isNew: !before, at: world.clock.now() })
    return accepted({ id })
  })
}

/** Takes a role away. For those who administer the thing, and for whoever gives up a role of their own. */
export async function revokeGrant(world: PeopleWorld, actor: Actor, id: GrantId): Promise<Outcome<void, PeopleRefusal>> {
  const row = await world.db.selectFrom("role_grant").selectAll().where("id", "=", id).executeTakeFirst()
  const gone = refuse("no_such_grant", "There is no such grant, or you may not see it.")
  if (!row) return gone
  const thing = thingOf(row)
  const own = row.person_id === actor.id && actor.via.kind === "session"
  const denied = own
    ? undefined
    : await unlessAdministers(world, actor, thing, { action: "grant.revoke", thing: named(thing), words: "take a role away here" })
  if (denied) return denied === "hidden" ? gone : denied
  return attempt(world.db, async (tx) => {
    await lockThing(tx, thing)
    // Asked again now that nobody else changes it: who was removed a moment ago removes nobody.
    if (!own && !(await can(tx, actor, "administer", thing))) return gone
    const removed = await tx.deleteFrom("role_grant").where("id", "=", id).executeTakeFirst()
    if (!removed.numDeletedRows) return gone
    if (row.role === "admin" && row.notebook_id === null && !(await hasAdmin(tx, thing.space))) return lastAdmin()
    const to: Grantee = row.person_id ? { person: row.person_id as PersonId } : { group: row.group_id as GroupId }
    const detail = { ...to, role: row.role }
    await audit(tx, { actor, action: "grant.revoke", thing: named(thing), space: thing.space, outcome: "done", detail, at: world.clock.now() })
    await tellGrantee(tx, to)
    return accepted(undefined)
  })
}

/** For the transaction that takes up an invitation or hands over: the role, unless there is a higher one. No questions asked. */
export async function raiseRole(
  world: Pick<PeopleWorld, "clock" | "random">,
  tx: Db,
  { by, person, role, ...thing }: Thing & { readonly person: PersonId; readonly role: Role; readonly by: PersonId },
): Promise<void> {
  const to = { person }
  const before = await existing(tx, thing, to)
  if (before && ROLES.indexOf(before.role as Role) >= ROLES.indexOf(role)) return
  const id = (before?.id as GrantId | undefined) ?? newId<"Grant">(world.clock.now(), world.random)
  await put(world, tx, { id, thing, to, role, by })
  await tell(tx, person)
}

/** Whether somebody who is not disabled administers the space, directly or through a group; `but` does not count. */
export async function hasAdmin(tx: Db, space: SpaceId, but?: PersonId): Promise<boolean> {
  const found = await sql<{ has: SqlBool }>`SELECT EXISTS (
    SELECT FROM role_grant g WHERE g.space_id = ${space} AND g.notebook_id IS NULL AND g.role = 'admin' AND EXISTS (
      SELECT FROM person p WHERE p.disabled_at IS NULL AND p.id IS DISTINCT FROM ${but ?? null}
        AND (p.id = g.person_id OR p.id IN (SELECT m.person_id FROM group_member m WHERE m.group_id = g.group_id)))) AS has`.execute(tx)
  return found.rows[0]?.has === true
}

export function lastAdmin() {
  return refuse("last_admin", "A space needs somebody who administers it: make somebody else its admin first.")
}

function named(thing: Thing): string {
  return thing.notebook === undefined ? `space/${thing.space}` : `notebook/${thing.notebook}`
}

function thingOf(row: { space_id: string; notebook_id: string | null }): Thing {
  const space = row.space_id as SpaceId
  return row.notebook_id === null ? { space } : { space, notebook: row.notebook_id as NotebookId }
}

/** Grants of one space change one after the other, so that two admins who remove each other leave one. False when the thing is not there. */
async function lockThing(tx: Db, thing: Thing): Promise<boolean> {
  const space = await tx.selectFrom("space").select("id").where("id", "=", thing.space).forUpdate().executeTakeFirst()
  if (!space || thing.notebook === undefined) return space !== undefined
  const notebook = await tx
    .selectFrom("notebook")
    .select("id")
    .where("id", "=", thing.notebook)
    .where("space_id", "=", thing.space)
    .forShare()
    .executeTakeFirst()
  return notebook !== undefined
}

async function isThere(tx: Db, to: Grantee): Promise<boolean> {
  const found =
    "person" in to
      ? await tx
          .selectFrom("person")
          .select("id")
          .where("id", "=", to.person)
          .where("kind", "<>", "system")
          .where("disabled_at", "is", null)
          .executeTakeFirst()
      : await tx.selectFrom("people_group").select("id").where("id", "=", to.group).executeTakeFirst()
  return found !== undefined
}

function noSuchGrantee(to: Grantee) {
  return "person" in to
    ? refuse("no_such_person", "There is no such person, or the account is disabled.", { field: "person" })
    : refuse("no_such_group", "There is no such group.", { field: "group" })
}

async function existing(tx: Db, thing: Thing, to: Grantee) {
  return tx
    .selectFrom("role_grant")
    .select(["id", "role"])
    .where("space_id", "=", thing.space)
    .where("notebook_id", thing.notebook === undefined ? "is" : "=", thing.notebook ?? null)
    .where("person" in to ? "person_id" : "group_id", "=", "person" in to ? to.person : to.group)
    .executeTakeFirst()
}

async function put(
  world: Pick<PeopleWorld, "clock">,
  tx: Db,
  { id, thing, to, role, by }: GrantSpec & { readonly id: GrantId; readonly by: PersonId },
): Promise<void> {
  const given = { role, granted_by: by, granted_at: new Date(world.clock.now()) }
  const whom = "person" in to ? { person_id: to.person } : { group_id: to.group }
  await tx
    .insertInto("role_grant")
    .values({ id, space_id: thing.space, notebook_id: thing.notebook ?? null, ...whom, ...given })
    .onConflict((on) => on.columns(["space_id", "notebook_id", "person_id", "group_id"]).doUpdateSet(given))
    .execute()
}

type Answer = { readonly thing: Thing; readonly to: PersonId; readonly by: PersonId; readonly isNew: boolean; readonly at: number }

/** Whoever was given a role finds it in their inbox; if they had asked for it, nobody else has to answer. */
async function answerAsker(tx: Db, { thing, to, by, isNew, at }: Answer): Promise<void> {
  const what = thing.notebook ?? thing.space
  await settleNotices(tx, [`access/${to}/${what}`])
  if (isNew && to !== by) await notify(tx, [{ kind: "access_given", to, about: `given/${what}`, ...thing, by, at }])
}

async function tellGrantee(tx: Db, to: Grantee): Promise<void> {
  await tell(tx, "person" in to ? to.person : "*")
}
