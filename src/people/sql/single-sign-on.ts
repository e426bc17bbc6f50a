import { newId } from "#base/id.ts"
import { accepted, type Outcome } from "#base/outcome.ts"
import { at, attempt, type Db } from "#database/index.ts"
import { SYSTEM } from "#people/actor.ts"
import type { PersonId } from "#people/ids.ts"
import { FLOW_MS } from "#people/policy.ts"
import type { Claims, Client, PeopleWorld } from "#people/ports.ts"
import { type PeopleRefusal, refuse } from "#people/refusal.ts"
import { newSecret } from "#people/secrets.ts"
import { admit, flowValues, localPath } from "#people/single-sign-on.ts"
import { audit } from "#people/sql/audit.ts"
import { type Began, beginSession } from "#people/sql/sessions.ts"
import { recordSignIn } from "#people/sql/sign-in.ts"
import { tell } from "#people/sql/tell.ts"
import { readName } from "#people/text.ts"

/** `flow` goes into a cookie of the browser that lasts until `expiresAt`; `address` is where to send it. */
export type FlowBegan = { readonly address: string; readonly flow: string; readonly expiresAt: number }

/** @throws Fault identity_provider */
export async function beginSingleSignOn(
  world: PeopleWorld,
  { returnTo = "/" }: { readonly returnTo?: string } = {},
): Promise<Outcome<FlowBegan, PeopleRefusal>> {
  if (!world.provider) return off()
  const flow = newSecret(world.random)
  const address = await world.provider.address(flowValues(flow, world.sha256))
  const now = world.clock.now()
  const row = { id: world.sha256(flow), issuer: world.provider.issuer, return_to: localPath(returnTo), created_at: new Date(now) }
  await world.db
    .insertInto("oidc_flow")
    .values({ ...row, expires_at: new Date(now + FLOW_MS) })
    .execute()
  return accepted({ address, flow, expiresAt: now + FLOW_MS })
}

/** What the browser brings back: the flow's cookie, and the callback's query without "?". @throws Fault identity_provider */
export async function finishSingleSignOn(
  world: PeopleWorld,
  { flow, query }: { readonly flow: string; readonly query: string },
  client: Client,
): Promise<Outcome<Began & { readonly returnTo: string }, PeopleRefusal>> {
  if (!world.provider) return off()
  // Taken away first: whatever comes of it, it is never finished twice.
  const row = await world.db
    .deleteFrom("oidc_flow")
    .where("id", "=", world.sha256(flow))
    .where("issuer", "=", world.provider.issuer)
    .where("expires_at", ">", at(world.clock.now()))
    .returning("return_to")
    .executeTakeFirst()
  if (!row)
    return refuse("single_sign_on_refused", "This sign-in was not begun in this browser, took too long or was finished already: begin it again.")
  const claims = await world.provider.claims(query, flowValues(flow, world.sha256))
  if (!claims.ok) return claims
  const admitted = admit(claims.value, world.policy.singleSignOn)
  const began = admitted.ok ? await enter(world, claims.value, client) : admitted
  if (!began.ok) await recordRefused(world, claims.value)
  return began.ok ? accepted({ ...began.value, returnTo: row.return_to }) : began
}

function off() {
  return refuse("single_sign_on_off", "Single sign-on is not set up here: sign in with login and password, or set STET_OIDC_ISSUER.")
}

async function recordRefused(world: PeopleWorld, { issuer, subject }: Claims): Promise<void> {
  const thing = `identity/${world.sha256(`${issuer}\n${subject}`).slice(0, 16)}`
  await audit(world.db, {
    actor: undefined,
    action: "session.begin",
    thing,
    outcome: "denied",
    detail: { by: "single sign-on" },
    at: world.clock.now(),
  })
}

async function enter(world: PeopleWorld, claims: Claims, client: Client): Promise<Outcome<Began, PeopleRefusal>> {
  return attempt(world.db, async (tx) => {
    const found = await personFor(world, tx, claims)
    if (!found.ok) return found
    const person = found.value
    if (claims.email !== undefined && claims.emailVerified)
      await tx.updateTable("person").set({ email: claims.email, email_verified: true }).where("id", "=", person.id).execute()
    await replaceGroups(tx, person.id, claims.groups ?? [])
    const began = await beginSession(world, tx, person, client)
    await recordSignIn(world, tx, began.actor, "single sign-on")
    return accepted(began)
  })
}

type Entering = { readonly id: PersonId; readonly name: string; readonly isAdmin: boolean }

async function personFor(world: PeopleWorld, tx: Db, claims: Claims): Promise<Outcome<Entering, PeopleRefusal>> {
  const known = await identified(tx, claims)
  if (known) return known.disabled_at === null ? accepted(entering(known)) : disabled()
  const joined = world.policy.singleSignOn.linkVerifiedEmail ? await byEmail(tx, claims) : undefined
  if (!joined && !world.policy.singleSignOn.signUp)
    return refuse("single_sign_on_refused", "There is no account here for you: ask your administrator for an invitation.")
  const person = joined ? entering(joined) : await newcomer(world, tx, claims)
  const row = { issuer: claims.issuer, subject: claims.subject, person_id: person.id, created_at: new Date(world.clock.now()) }
  const made = await tx
    .insertInto("identity")
    .values(row)
    .onConflict((on) => on.doNothing())
    .executeTakeFirst()
  if (Number(made.numInsertedOrUpdatedRows) !== 1) return refuse("single_sign_on_refused", "You are signing in twice at this moment: try again.")
  const entry = { actor: SYSTEM, action: joined ? "identity.link" : "person.create", thing: `person/${person.id}`, outcome: "done" } as const
  await audit(tx, { ...entry, detail: { by: "single sign-on" }, at: world.clock.now() })
  return accepted(person)
}

function entering(row: { id: string; name: string; is_admin: boolean }): Entering {
  return { id: row.id as PersonId, name: row.name, isAdmin: row.is_admin }
}

function disabled() {
  return refuse("single_sign_on_refused", "Your account here is disabled: ask your administrator.")
}

async function identified(tx: Db, { issuer, subject }: Claims) {
  return tx
    .selectFrom("identity as i")
    .innerJoin("person as p", "p.id", "i.person_id")
    .select(["p.id", "p.name", "p.is_admin", "p.disabled_at"])
    .where("i.issuer", "=", issuer)
    .where("i.subject", "=", subject)
    .executeTakeFirst()
}

/** The one person whose e-mail address is verified both there and here, and who has no identity of this provider yet. */
async function byEmail(tx: Db, claims: Claims) {
  if (claims.email === undefined || !claims.emailVerified) return undefined
  const others = await tx
    .selectFrom("person as p")
    .select(["p.id", "p.name", "p.is_admin"])
    .where("p.email", "=", claims.email)
    .where("p.email_verified", "=", true)
    .where("p.kind", "=", "person")
    .where("p.disabled_at", "is", null)
    .where((eb) =>
      eb.not(
        eb.exists(eb.selectFrom("identity as i").select("i.subject").whereRef("i.person_id", "=", "p.id").where("i.issuer", "=", claims.issuer)),
      ),
    )
    .limit(2)
    .execute()
  return others.length === 1 ? others[0] : undefined
}

async function newcomer(world: PeopleWorld, tx: Db, claims: Claims): Promise<Entering> {
  const now = world.clock.now()
  const name = [claims.name, claims.email].map((each) => readName(each ?? "")).find((each) => each.ok)
  const person = { id: newId<"Person">(now, world.random), name: name?.ok ? name.value : "Somebody new", isAdmin: false }
  await tx
    .insertInto("person")
    .values({ id: person.id, kind: "person", name: person.name, created_at: new Date(now), created_by: SYSTEM.id })
    .execute()
  return person
}

/** Memberships by claim are those of this sign-in and no others; those by hand stay. Only groups that name a claim can be entered so. */
async function replaceGroups(tx: Db, person: PersonId, claims: readonly string[]): Promise<void> {
  await tx.deleteFrom("group_member").where("person_id", "=", person).where("source", "=", "claim").execute()
  const sent = claims.filter((each) => each !== "" && !each.includes("\0"))
  if (sent.length > 0) {
    const groups = await tx.selectFrom("people_group").select("id").where("claim", "in", sent).execute()
    const rows = groups.map(({ id }) => ({ group_id: id, person_id: person, source: "claim" as const }))
    if (rows.length > 0) await tx.insertInto("group_member").values(rows).execute()
  }
  await tell(tx, person)
}
