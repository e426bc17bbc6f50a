import { accepted, type Outcome } from "#base/outcome.ts"
import type { Db } from "#database/index.ts"
import type { Actor } from "#people/actor.ts"
import type { PersonId } from "#people/ids.ts"
import type { Client, PeopleWorld } from "#people/ports.ts"
import { type PeopleRefusal, refuse } from "#people/refusal.ts"
import { attemptKeys, forgive, takeAttempt } from "#people/sql/attempts.ts"
import { audit } from "#people/sql/audit.ts"
import { type Began, beginSession, endSession, endSessionsOf } from "#people/sql/sessions.ts"
import { readLogin } from "#people/text.ts"

/** One answer for a login that nobody has, a wrong password, an account without one and a disabled one. */
const BAD_SIGN_IN = "That login and password do not go together: type them again, or ask an administrator for a new password."

/** Signs in with a password. The work is the same whether there is such a login or not. */
export async function signIn(
  world: PeopleWorld,
  given: { readonly login: string; readonly password: string },
  client: Client,
): Promise<Outcome<Began, PeopleRefusal>> {
  const read = readLogin(given.login)
  const login = read.ok ? read.value : given.login.slice(0, 300)
  const password = given.password.normalize("NFKC").slice(0, 1000)
  const keys = attemptKeys(world, login, client.address)
  const wait = await takeAttempt(world, keys)
  if (wait > 0) return tooMany(world, login, wait)
  const found = read.ok ? await byLogin(world.db, login) : undefined
  const matches = await world.passwords.verify(found?.password ?? undefined, password)
  if (!found || !matches || found.disabled_at !== null) return wrong(world, login, found?.id as PersonId | undefined)
  const fresh = world.passwords.isCurrent(found.password ?? "") ? undefined : await world.passwords.hash(password)
  return world.db.transaction().execute(async (tx) => {
    // Whatever happened while the password was computed: a reset or a disabling that came between wins.
    const still = await tx.selectFrom("person").select(["password", "disabled_at"]).where("id", "=", found.id).forUpdate().executeTakeFirst()
    if (!still || still.password !== found.password || still.disabled_at !== null) return refuse("bad_sign_in", BAD_SIGN_IN)
    if (fresh !== undefined) await tx.updateTable("person").set({ password: fresh }).where("id", "=", found.id).execute()
    await forgive(tx, keys)
    const began = await beginSession(world, tx, { id: found.id as PersonId, name: found.name, isAdmin: found.is_admin }, client)
    await recordSignIn(world, tx, began.actor, "password")
    return accepted(began)
  })
}

/** In the audit's words, how somebody signed in. */
export async function recordSignIn(world: PeopleWorld, tx: Db, actor: Actor, by: string): Promise<void> {
  await audit(tx, { actor, action: "session.begin", thing: `person/${actor.id}`, outcome: "done", detail: { by }, at: world.clock.now() })
}

async function byLogin(db: Db, login: string) {
  return db
    .selectFrom("person")
    .select(["id", "name", "is_admin", "password", "disabled_at"])
    .where("login", "=", login)
    .where("kind", "=", "person")
    .executeTakeFirst()
}

async function wrong(world: PeopleWorld, login: string, person: PersonId | undefined) {
  await recordFailure(world, login, person)
  return refuse("bad_sign_in", BAD_SIGN_IN)
}

async function tooMany(world: PeopleWorld, login: string, waitMs: number) {
  await recordFailure(world, login, undefined)
  const retryAfterSeconds = Math.ceil(waitMs / 1000)
  return refuse("too_many_attempts", `Signing in was tried too often with a wrong password: try again in ${retryAfterSeconds} s.`, {
    retryAfterSeconds,
  })
}

async function recordFailure(world: PeopleWorld, login: string, person: PersonId | undefined): Promise<void> {
  // People mistype passwords into the field of the login: what was typed is kept only as a digest.
  const thing = person ? `person/${person}` : `login/${world.sha256(login).slice(0, 16)}`
  await audit(world.db, { actor: undefined, action: "session.begin", thing, outcome: "denied", at: world.clock.now() })
}

/** Signs out: this session, or all of the actor's. */
export async function signOut(world: PeopleWorld, actor: Actor, everywhere = false): Promise<void> {
  if (everywhere) {
    await world.db.transaction().execute(async (tx) => {
      await endSessionsOf(tx, actor.id)
      await audit(tx, { actor, action: "session.end_all", thing: `person/${actor.id}`, outcome: "done", at: world.clock.now() })
    })
  } else if (actor.via.kind === "session") {
    await endSession(world, actor, actor.via.session)
  }
}
