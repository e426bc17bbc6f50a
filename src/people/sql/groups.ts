import { type SqlBool, sql } from "kysely"
import { newId } from "#base/id.ts"
import { accepted, type Outcome } from "#base/outcome.ts"
import { attempt, type Db, naturally } from "#database/index.ts"
import type { Actor } from "#people/actor.ts"
import type { GroupId, PersonId, SpaceId } from "#people/ids.ts"
import type { PeopleWorld } from "#people/ports.ts"
import { type PeopleRefusal, refuse } from "#people/refusal.ts"
import { audit } from "#people/sql/audit.ts"
import { hasAdmin, lastAdmin } from "#people/sql/grants.ts"
import { unlessPlatform } from "#people/sql/guard.ts"
import { standingOfPerson } from "#people/sql/standing.ts"
import { tell } from "#people/sql/tell.ts"
import { readName } from "#people/text.ts"

/** `claim`: the value of the identity provider's groups claim that makes one a member at each sign-in. */
export type GroupView = { readonly id: GroupId; readonly name: string; readonly claim: string | undefined; readonly members: number }

export async function listGroups(world: PeopleWorld, actor: Actor): Promise<readonly GroupView[]> {
  if (actor.via.kind !== "system" && !(await standingOfPerson(world.db, actor.id, undefined))?.isActive) return []
  const rows = await world.db
    .selectFrom("people_group as g")
    .select(["g.id", "g.name", "g.claim"])
    .select(sql<number>`(SELECT count(DISTINCT m.person_id) FROM group_member m WHERE m.group_id = g.id)`.as("members"))
    .orderBy(naturally(sql`g.name`))
    .orderBy("g.name")
    .limit(5000)
    .execute()
  return rows.map((row) => ({ id: row.id as GroupId, name: row.name, claim: row.claim ?? undefined, members: Number(row.members) }))
}

export type GroupSpec = { readonly name: string; readonly claim?: string | undefined }

export async function createGroup(world: PeopleWorld, actor: Actor, spec: GroupSpec): Promise<Outcome<{ readonly id: GroupId }, PeopleRefusal>> {
  const id = newId<"Group">(world.clock.now(), world.random)
  const made = await writeGroup(world, actor, { id, ...spec }, async (tx, columns) => {
    await tx
      .insertInto("people_group")
      .values({ id, ...columns, created_at: new Date(world.clock.now()) })
      .execute()
    return true
  })
  return made.ok ? accepted({ id }) : made
}

/** The name and the claim; a claim that is left out is taken away, with the members it made. */
export async function changeGroup(world: PeopleWorld, actor: Actor, id: GroupId, spec: GroupSpec): Promise<Outcome<void, PeopleRefusal>> {
  return writeGroup(world, actor, { id, ...spec }, async (tx, columns) => {
    const before = await tx.selectFrom("people_group").select("claim").where("id", "=", id).forUpdate().executeTakeFirst()
    if (!before) return false
    await tx.updateTable("people_group").set(columns).where("id", "=", id).execute()
    if (before.claim !== columns.claim) await tx.deleteFrom("group_member").where("group_id", "=", id).where("source", "=", "claim").execute()
    await tell(tx, "*")
    return true
  })
}

type Columns = { readonly name: string; readonly claim: string | null }

async function writeGroup(
  world: PeopleWorld,
  actor: Actor,
  spec: GroupSpec & { readonly id: GroupId },
  write: (tx: Db, columns: Columns) => Promise<boolean>,
): Promise<Outcome<void, PeopleRefusal>> {
  const deed = { action: "group.write", thing: `group/${spec.id}`, words: "change groups" }
  const denied = await unlessPlatform(world, actor, deed)
  if (denied) return denied
  const name = readName(spec.name)
  if (!name.ok) return name
  const claim = spec.claim ? readName(spec.claim, "claim") : accepted(null)
  if (!claim.ok) return claim
  const columns = { name: name.value, claim: claim.value }
  return attempt(world.db, async (tx) => {
    const taken = await takenBy(tx, columns, spec.id)
    if (taken) return taken
    if (!(await write(tx, columns))) return noSuchGroup()
    await audit(tx, { ...deed, actor, outcome: "done", detail: { hasClaim: claim.value !== null }, at: world.clock.now() })
    return accepted(undefined)
  })
}

async function takenBy(tx: Db, columns: Columns, id: GroupId) {
  // Groups are few and rarely made: one after the other, so that the name found free is free.
  await sql`LOCK TABLE people_group IN SHARE ROW EXCLUSIVE MODE`.execute(tx)
  const others = await tx
    .selectFrom("people_group")
    .select(["name", "claim"])
    .where("id", "<>", id)
    .where((eb) => eb.or([eb("name", "=", columns.name), ...(columns.claim === null ? [] : [eb("claim", "=", columns.claim)])]))
    .execute()
  if (others.some((other) => other.name === columns.name))
    return refuse("name_taken", "There is a group of this name already: choose another one.", { field: "name" })
  return others.length > 0
    ? refuse("claim_taken", "Another group is filled by this claim already: take it away there first.", { field: "claim" })
    : undefined
}

function noSuchGroup() {
  return refuse("no_such_group", "There is no such group.")
}

/** With all that was granted to it. */
export async function removeGroup(world: PeopleWorld, actor: Actor, id: GroupId): Promise<Outcome<void, PeopleRefusal>> {
  const deed = { action: "group.remove", thing: `group/${id}`, words: "remove groups" }
  const denied = await unlessPlatform(world, actor, deed)
  if (denied) return denied
  return attempt(world.db, async (tx) => {
    const held = await tx
      .selectFrom("role_grant")
      .select("space_id")
      .where("group_id", "=", id)
      .where("role", "=", "admin")
      .where("notebook_id", "is", null)
      .execute()
    const spaces = held.map((each) => each.space_id as SpaceId)
    if (spaces.length > 0) await tx.selectFrom("space").select("id").where("id", "in", spaces).orderBy("id").forUpdate().execute()
    const removed = await tx.deleteFrom("people_group").where("id", "=", id).executeTakeFirst()
    if (!removed.numDeletedRows) return noSuchGroup()
    for (const space of spaces) if (!(await hasAdmin(tx, space))) return lastAdmin()
    await audit(tx, { ...deed, actor, outcome: "done", at: world.clock.now() })
    await tell(tx, "*")
    return accepted(undefined)
  })
}

/** `byClaim`: the identity provider said so, `byHand`: an administrator here did; it may be both. */
export type MemberView = { readonly person: PersonId; readonly name: string; readonly byHand: boolean; readonly byClaim: boolean }

export async function listMembers(world: PeopleWorld, actor: Actor, group: GroupId): Promise<readonly MemberView[]> {
  if (actor.via.kind !== "system" && !(await standingOfPerson(world.db, actor.id, undefined))?.isActive) return []
  const rows = await world.db
    .selectFrom("group_member as m")
    .innerJoin("person as p", "p.id", "m.person_id")
    .select(["p.id", "p.name"])
    .select(sql<SqlBool>`bool_or(m.source = 'local')`.as("by_hand"))
    .select(sql<SqlBool>`bool_or(m.source = 'claim')`.as("by_claim"))
    .where("m.group_id", "=", group)
    .groupBy(["p.id", "p.name"])
    .orderBy(naturally(sql`p.name`))
    .orderBy("p.id")
    .limit(5000)
    .execute()
  return rows.map((row) => ({ person: row.id as PersonId, name: row.name, byHand: row.by_hand === true, byClaim: row.by_claim === true }))
}

export type Membership = { readonly group: GroupId; readonly person: PersonId }

export async function addMember(world: PeopleWorld, actor: Actor, member: Membership): Promise<Outcome<void, PeopleRefusal>> {
  return changeMember(world, actor, member, "group.add", async (tx) => {
    await tx
      .insertInto("group_member")
      .values({ group_id: member.group, person_id: member.person, source: "local" })
      .onConflict((on) => on.doNothing())
      .execute()
  })
}

/** Out of what was done by hand; a membership by claim is the identity provider's to end. */
export async function removeMember(world: PeopleWorld, actor: Actor, member: Membership): Promise<Outcome<void, PeopleRefusal>> {
  return changeMember(world, actor, member, "group.drop", async (tx) => {
    const { group, person } = member
    await tx.deleteFrom("group_member").where("group_id", "=", group).where("person_id", "=", person).where("source", "=", "local").execute()
  })
}

async function changeMember(
  world: PeopleWorld,
  actor: Actor,
  { group, person }: Membership,
  action: string,
  change: (tx: Db) => Promise<void>,
): Promise<Outcome<void, PeopleRefusal>> {
  const denied = await unlessPlatform(world, actor, { action, thing: `group/${group}`, words: "change who is in a group" })
  if (denied) return denied
  return attempt(world.db, async (tx) => {
    if (!(await tx.selectFrom("people_group").select("id").where("id", "=", group).forShare().executeTakeFirst())) return noSuchGroup()
    const there = await tx.selectFrom("person").select("id").where("id", "=", person).where("kind", "<>", "system").forShare().executeTakeFirst()
    if (!there) return refuse("no_such_person", "There is no such person.", { field: "person" })
    await change(tx)
    await audit(tx, { actor, action, thing: `group/${group}`, outcome: "done", detail: { person }, at: world.clock.now() })
    await tell(tx, person)
    return accepted(undefined)
  })
}
