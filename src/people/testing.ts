/** The test vocabulary of people: a world on a real database, with a clock that is turned by hand. */
import { type Id, newId } from "#base/id.ts"
import type { Outcome } from "#base/outcome.ts"
import { type FreshDatabase, freshDatabase } from "#database/testing.ts"
import type { Actor } from "#people/actor.ts"
import { argon2Passwords, PARAMETERS } from "#people/adapters/argon2.ts"
import { openPeople, sha256, systemRandom } from "#people/adapters/world.ts"
import type { GroupId, NotebookId, PersonId, SpaceId } from "#people/ids.ts"
import type { Policy } from "#people/policy.ts"
import type { Client, IdentityProvider, PeopleWorld } from "#people/ports.ts"
import type { Role, Scope } from "#people/roles.ts"

export const DAY = 86_400_000
export const HERE: Client = { address: "192.0.2.7", userAgent: "Firefox" }
export const GOOD_PASSWORD = "four quiet lamps agree"

export type TestPeople = PeopleWorld & {
  readonly database: FreshDatabase
  /** Turns the clock on. */
  later(ms: number): void
  close(): Promise<void>
}

/** argon2id all the same, but for the many passwords of a test. */
const QUICK = { ...PARAMETERS, memoryCost: 64, timeCost: 1 }

export type TestOptions = { readonly policy?: Partial<Policy>; readonly provider?: IdentityProvider; readonly hash?: "quick" | "real" }

export async function testPeople({ hash = "quick", ...options }: TestOptions = {}): Promise<TestPeople> {
  const database = await freshDatabase()
  let now = Date.UTC(2026, 0, 5, 12)
  const world = openPeople({ db: database.db, clock: { now: () => now }, ...options })
  return {
    ...world,
    ...(hash === "quick" ? { passwords: argon2Passwords(QUICK) } : {}),
    database,
    later(ms) {
      now += ms
    },
    close: () => database.close(),
  }
}

export function mint<Noun extends string>(): Id<Noun> {
  return newId<Noun>(Date.UTC(2026, 0, 1), systemRandom)
}

/** The value, or the refusal as an error. */
export function value<Value>(outcome: Outcome<Value, { readonly refused: string; readonly message: string }>): Value {
  if (!outcome.ok) throw new Error(`${outcome.refusal.refused}: ${outcome.refusal.message}`)
  return outcome.value
}

/** The code of the refusal; "accepted" when there is none. Every refusal must be a sentence. */
export function refusal(outcome: Outcome<unknown, { readonly refused: string; readonly message: string }>): string {
  if (outcome.ok) return "accepted"
  if (!/^[A-Z].{15,}\.$/su.test(outcome.refusal.message)) throw new Error(`not a sentence: ${outcome.refusal.message}`)
  return outcome.refusal.refused
}

export type PersonSpec = {
  readonly name?: string
  readonly isAdmin?: boolean
  readonly password?: string
  readonly owner?: PersonId
  readonly email?: string
}

let count = 0

/** Somebody with a session. The login is the name in lower case. */
export async function somebody(
  world: TestPeople,
  { name = `p${++count}`, isAdmin = false, password, owner, email }: PersonSpec = {},
): Promise<Actor> {
  const id = mint<"Person">()
  const stored = password === undefined ? null : await world.passwords.hash(password)
  const kind = owner ? "service" : "person"
  const login = owner ? null : name.toLowerCase()
  const mail = email === undefined ? {} : { email, email_verified: true }
  const row = { id, kind, name, login, password: stored, is_admin: isAdmin, owner_id: owner ?? null, created_at: new Date(0), ...mail } as const
  await world.db.insertInto("person").values(row).execute()
  return sessionOf(world, { id, name, isAdmin })
}

export async function sessionOf(world: TestPeople, person: { id: PersonId; name: string; isAdmin: boolean }): Promise<Actor> {
  const session = sha256(mint())
  const now = new Date(world.clock.now())
  const row = { id: session, person_id: person.id, created_at: now, seen_at: now, expires_at: new Date(world.clock.now() + DAY) }
  await world.db.insertInto("web_session").values(row).execute()
  return { ...person, via: { kind: "session", session } }
}

/** The same person, come by a token. */
export function byToken(actor: Actor, scopes: readonly Scope[], space?: SpaceId): Actor {
  return { ...actor, via: { kind: "token", token: mint<"Token">(), scopes, space } }
}

export async function space(world: TestPeople, admin?: Actor): Promise<SpaceId> {
  const id = mint<"Space">()
  await world.db
    .insertInto("space")
    .values({ id, name: `s-${id.toLowerCase()}`, title: "A space", created_at: new Date(0) })
    .execute()
  if (admin) await give(world, { space: id, person: admin.id, role: "admin" })
  return id
}

export async function notebook(world: TestPeople, inSpace: SpaceId, owner: Actor): Promise<NotebookId> {
  const id = mint<"Notebook">()
  const times = { created_at: new Date(0), updated_at: new Date(0) }
  await world.db
    .insertInto("notebook")
    .values({ id, space_id: inSpace, path: `${id}.ipynb`, title: "A notebook", owner_id: owner.id, ...times })
    .execute()
  return id
}

export type Given = {
  readonly space: SpaceId
  readonly notebook?: NotebookId | undefined
  readonly person?: PersonId | undefined
  readonly group?: GroupId | undefined
  readonly role: Role
}

/** A grant, past all rules. */
export async function give(world: TestPeople, given: Given): Promise<void> {
  const id = mint<"Grant">()
  const whom = { person_id: given.person ?? null, group_id: given.group ?? null }
  await world.db
    .insertInto("role_grant")
    .values({ id, space_id: given.space, notebook_id: given.notebook ?? null, ...whom, role: given.role, granted_at: new Date(0) })
    .onConflict((on) => on.columns(["space_id", "notebook_id", "person_id", "group_id"]).doUpdateSet({ role: given.role }))
    .execute()
}

export async function group(world: TestPeople, members: readonly Actor[], claim?: string): Promise<GroupId> {
  const id = mint<"Group">()
  await world.db
    .insertInto("people_group")
    .values({ id, name: `g-${id}`, claim: claim ?? null, created_at: new Date(0) })
    .execute()
  for (const { id: person } of members)
    await world.db.insertInto("group_member").values({ group_id: id, person_id: person, source: "local" }).execute()
  return id
}

/** The audit's actions in their order, as "action thing outcome". */
export async function audited(world: TestPeople): Promise<readonly string[]> {
  const rows = await world.db.selectFrom("audit_event").select(["action", "outcome"]).orderBy("seq").execute()
  return rows.map((row) => `${row.action} ${row.outcome}`)
}
