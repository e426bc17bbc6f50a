import { sql } from "kysely"
import { newId } from "#base/id.ts"
import { accepted, type Outcome } from "#base/outcome.ts"
import { at, attempt, type Db } from "#database/index.ts"
import type { Actor } from "#people/actor.ts"
import type { PersonId, SpaceId, TokenId } from "#people/ids.ts"
import { DAY_MS, TOUCH_MS } from "#people/policy.ts"
import type { PeopleWorld } from "#people/ports.ts"
import { type PeopleRefusal, refuse } from "#people/refusal.ts"
import { ROLES, type Role, type Scope } from "#people/roles.ts"
import { newSecret, printKey, readKey, sameText } from "#people/secrets.ts"
import { audit } from "#people/sql/audit.ts"
import { noSuchSpace } from "#people/sql/grants.ts"
import { recordDenied } from "#people/sql/guard.ts"
import { can, canPlatform, standingOfPerson } from "#people/sql/standing.ts"
import { tell } from "#people/sql/tell.ts"
import { readName } from "#people/text.ts"
import { readDays, readScopes } from "#people/token-rules.ts"

/** `for`: a service account; left out, the token acts as its maker. `space` confines it to one. */
export type TokenSpec = {
  readonly name: string
  readonly scopes: readonly string[]
  readonly space?: SpaceId | undefined
  readonly days?: number | undefined
  readonly for?: PersonId | undefined
}

/** `token` is shown this once and kept nowhere. */
export type Minted = { readonly id: TokenId; readonly token: string; readonly expiresAt: number; readonly scopes: readonly Scope[] }

export async function createToken(world: PeopleWorld, actor: Actor, spec: TokenSpec): Promise<Outcome<Minted, PeopleRefusal>> {
  // A token that leaked must not be able to outlive its revocation in others that it made.
  if (actor.via.kind !== "session") return refuse("needs_session", "A token is made in a browser, not by another token: sign in there.")
  const name = readName(spec.name)
  if (!name.ok) return name
  const days = readDays(spec.days, world.policy.tokenDays, world.policy.tokenMaxDays)
  if (!days.ok) return days
  const denied = await mayMint(world, actor, spec)
  if (denied) return denied
  const scopes = readScopes(spec.scopes, await highestAnywhere(world.db, actor.id, spec.space))
  if (!scopes.ok) return scopes
  const now = world.clock.now()
  const secret = newSecret(world.random)
  const made = { id: newId<"Token">(now, world.random), scopes: scopes.value, expiresAt: now + days.value * DAY_MS }
  const person = spec.for ?? actor.id
  return attempt(world.db, async (tx) => {
    await insert(world, tx, { ...made, actor, person, name: name.value, space: spec.space, secret })
    const detail = { person, scopes: made.scopes, days: days.value }
    await audit(tx, { actor, action: "token.create", thing: `token/${made.id}`, space: spec.space, outcome: "done", detail, at: now })
    return accepted({ ...made, token: printKey("stet", made.id, secret) })
  })
}

type NewToken = Omit<Minted, "token"> & { actor: Actor; person: PersonId; name: string; space: SpaceId | undefined; secret: string }

async function insert(world: PeopleWorld, tx: Db, token: NewToken): Promise<void> {
  await tx
    .insertInto("api_token")
    .values({
      id: token.id,
      secret: world.sha256(token.secret),
      person_id: token.person,
      name: token.name,
      scopes: [...token.scopes],
      space_id: token.space ?? null,
      created_at: new Date(world.clock.now()),
      created_by: token.actor.id,
      expires_at: new Date(token.expiresAt),
    })
    .execute()
}

/** For oneself; for a service account, its owner and the administrators of the platform. */
async function mayMint(world: PeopleWorld, actor: Actor, spec: TokenSpec) {
  if (!(await standingOfPerson(world.db, actor.id, undefined))?.isActive)
    return refuse("not_signed_in", "You are not signed in any more: sign in again.")
  if (spec.space !== undefined && !(await can(world.db, actor, "read", { space: spec.space }))) return noSuchSpace()
  if (spec.for === undefined || spec.for === actor.id) return undefined
  return (await mayHandle(world.db, actor, spec.for)) ? undefined : deniedFor(world, actor, spec.for)
}

async function deniedFor(world: PeopleWorld, actor: Actor, person: PersonId) {
  await recordDenied(world, actor, { action: "token.create", thing: `person/${person}`, words: "" })
  return refuse("no_such_person", "There is no service account of that id for which you answer.", { field: "for" })
}

/** Whether the tokens of a service account are the actor's affair. */
async function mayHandle(db: Db, actor: Actor, service: PersonId): Promise<boolean> {
  const row = await db.selectFrom("person").select("owner_id").where("id", "=", service).where("kind", "=", "service").executeTakeFirst()
  return row !== undefined && (row.owner_id === actor.id || (await canPlatform(db, actor)))
}

/** The highest role a person has in a space or on a notebook of it; in any space when none is named. */
async function highestAnywhere(db: Db, person: PersonId, space: SpaceId | undefined): Promise<Role | undefined> {
  if ((await standingOfPerson(db, person, undefined))?.isAdmin) return "admin"
  const found = await sql<{ role: Role }>`
    SELECT DISTINCT g.role FROM role_grant g
    WHERE (g.person_id = ${person} OR g.group_id IN (SELECT m.group_id FROM group_member m WHERE m.person_id = ${person}))
      AND (${space ?? null}::text IS NULL OR g.space_id = ${space ?? null})`.execute(db)
  return ROLES[Math.max(-1, ...found.rows.map(({ role }) => ROLES.indexOf(role)))]
}

/** Who comes with this token, if it is good. Its use is noted at most once a minute. */
export async function tokenActor(world: PeopleWorld, text: string): Promise<Actor | undefined> {
  const key = readKey<"Token">("stet", text)
  if (!key) return undefined
  const found = await liveToken(world, key.id)
  if (!found || !sameText(found.secret, world.sha256(key.secret))) return undefined
  await touch(world, found)
  return found.actor
}

async function liveToken(world: PeopleWorld, id: TokenId) {
  const row = await world.db
    .selectFrom("api_token as t")
    .innerJoin("person as p", "p.id", "t.person_id")
    .select(["t.secret", "t.scopes", "t.space_id", "t.last_used_at", "p.id", "p.name", "p.is_admin"])
    .where("t.id", "=", id)
    .where("t.revoked_at", "is", null)
    .where("t.expires_at", ">", at(world.clock.now()))
    .where("p.disabled_at", "is", null)
    .executeTakeFirst()
  if (!row) return undefined
  const via = { kind: "token", token: id, scopes: row.scopes as Scope[], ...(row.space_id ? { space: row.space_id as SpaceId } : {}) } as const
  const actor: Actor = { id: row.id as PersonId, name: row.name, isAdmin: row.is_admin, via }
  return { id, secret: row.secret, lastUsedAt: row.last_used_at, actor }
}

async function touch(world: PeopleWorld, { id, lastUsedAt }: { id: TokenId; lastUsedAt: number | null }): Promise<void> {
  const now = world.clock.now()
  if (lastUsedAt !== null && lastUsedAt > now - TOUCH_MS) return
  await sql`UPDATE api_token SET last_used_at = ${new Date(now)}
    WHERE id = ${id} AND (last_used_at IS NULL OR last_used_at <= ${new Date(now - TOUCH_MS)})`.execute(world.db)
}

export type TokenView = {
  readonly id: TokenId
  readonly person: PersonId
  readonly personName: string
  readonly name: string
  readonly scopes: readonly Scope[]
  readonly space: SpaceId | undefined
  readonly createdAt: number
  readonly expiresAt: number
  readonly lastUsedAt: number | undefined
  readonly revokedAt: number | undefined
}

/** One's own tokens and those of the service accounts one owns; with `of`, those of a service account that is one's affair. */
export async function listTokens(world: PeopleWorld, actor: Actor, of?: PersonId): Promise<readonly TokenView[]> {
  if (of !== undefined && of !== actor.id && !(await mayHandle(world.db, actor, of))) return []
  const rows = await world.db
    .selectFrom("api_token as t")
    .innerJoin("person as p", "p.id", "t.person_id")
    .select(["t.id", "t.person_id", "t.name", "t.scopes", "t.space_id", "t.created_at", "t.expires_at", "t.last_used_at", "t.revoked_at"])
    .select("p.name as person_name")
    .where((eb) => (of === undefined ? eb.or([eb("t.person_id", "=", actor.id), eb("p.owner_id", "=", actor.id)]) : eb("t.person_id", "=", of)))
    .orderBy("t.id", "desc")
    .limit(1000)
    .execute()
  return rows.map((row) => ({
    id: row.id as TokenId,
    person: row.person_id as PersonId,
    personName: row.person_name,
    name: row.name,
    scopes: row.scopes as Scope[],
    space: (row.space_id ?? undefined) as SpaceId | undefined,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    lastUsedAt: row.last_used_at ?? undefined,
    revokedAt: row.revoked_at ?? undefined,
  }))
}

/** By its person, by the owner of its service account, by an administrator of the platform; and a token may give up itself. */
export async function revokeToken(world: PeopleWorld, actor: Actor, id: TokenId): Promise<Outcome<void, PeopleRefusal>> {
  const row = await world.db.selectFrom("api_token").select(["person_id", "space_id"]).where("id", "=", id).executeTakeFirst()
  const gone = refuse("no_such_token", "There is no such token of yours.")
  if (!row) return gone
  const own = row.person_id === actor.id && (actor.via.kind !== "token" || actor.via.token === id)
  const mine =
    own || (actor.via.kind !== "token" && (await mayHandle(world.db, actor, row.person_id as PersonId))) || (await canPlatform(world.db, actor))
  if (!mine) {
    await recordDenied(world, actor, { action: "token.revoke", thing: `token/${id}`, words: "" })
    return gone
  }
  return attempt(world.db, async (tx) => {
    const now = world.clock.now()
    const revoked = await tx
      .updateTable("api_token")
      .set({ revoked_at: new Date(now) })
      .where("id", "=", id)
      .where("revoked_at", "is", null)
      .executeTakeFirst()
    if (!revoked.numUpdatedRows) return accepted(undefined)
    const space = (row.space_id ?? undefined) as SpaceId | undefined
    await audit(tx, { actor, action: "token.revoke", thing: `token/${id}`, space, outcome: "done", at: now })
    await tell(tx, row.person_id as PersonId)
    return accepted(undefined)
  })
}

/** For the transactions in which a person's every way in ends. Gives how many. */
export async function revokeTokensOf(tx: Db, person: PersonId, now: number): Promise<number> {
  const revoked = await tx
    .updateTable("api_token")
    .set({ revoked_at: new Date(now) })
    .where("person_id", "=", person)
    .where("revoked_at", "is", null)
    .executeTakeFirst()
  await tell(tx, person)
  return Number(revoked.numUpdatedRows)
}
