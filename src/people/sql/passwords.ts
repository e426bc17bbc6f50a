import { accepted, type Outcome } from "#base/outcome.ts"
import { attempt, type Db } from "#database/index.ts"
import type { Actor } from "#people/actor.ts"
import type { PersonId } from "#people/ids.ts"
import type { Client, PeopleWorld } from "#people/ports.ts"
import { type PeopleRefusal, refuse } from "#people/refusal.ts"
import { attemptKeys, forgive, takeAttempt } from "#people/sql/attempts.ts"
import { audit } from "#people/sql/audit.ts"
import { enabled } from "#people/sql/first-run.ts"
import { unlessPlatform } from "#people/sql/guard.ts"
import { badLink, type Link, makeLink, openLink, useUp, voidLinks } from "#people/sql/links.ts"
import { type Began, beginSession, endSessionsOf } from "#people/sql/sessions.ts"
import { revokeTokensOf } from "#people/sql/tokens.ts"
import { readPassword } from "#people/text.ts"

/** `current` may be left out by one who has no password yet and has just signed in by a link. */
export type NewPassword = { readonly current?: string | undefined; readonly next: string; readonly revokeTokens?: boolean | undefined }

/** Changes one's own password. Every session ends, this one too: it goes on under the new value that is given. */
export async function changePassword(world: PeopleWorld, actor: Actor, given: NewPassword, client: Client): Promise<Outcome<Began, PeopleRefusal>> {
  if (actor.via.kind !== "session") return refuse("needs_session", "A password is changed in a browser: sign in there.")
  const person = await world.db.selectFrom("person").select(["name", "login", "password"]).where("id", "=", actor.id).executeTakeFirst()
  if (!person) return refuse("not_signed_in", "You are not signed in any more: sign in again.")
  const checked = await isOneself(world, actor, person, given.current, client)
  if (!checked.ok) return checked
  const password = readPassword(given.next, [person.login ?? "", person.name])
  if (!password.ok) return password
  const stored = await world.passwords.hash(password.value)
  return attempt(world.db, async (tx) => {
    const still = await enabled(tx, actor.id)
    if (!still || still.password !== person.password) return refuse("sign_in_again", "The password was changed meanwhile: sign in again.")
    return accepted(await renew(world, tx, { person: still, stored, action: "password.change", revokeTokens: given.revokeTokens ?? false, client }))
  })
}

async function isOneself(
  world: PeopleWorld,
  actor: Actor,
  person: { login: string | null; password: string | null },
  current: string | undefined,
  client: Client,
): Promise<Outcome<void, PeopleRefusal>> {
  if (person.password === null) return isFresh(world, actor)
  // A stolen session must not become a place to guess the password at leisure.
  const keys = attemptKeys(world, person.login ?? actor.id, client.address)
  const wait = await takeAttempt(world, keys)
  const retryAfterSeconds = Math.ceil(wait / 1000)
  if (wait > 0)
    return refuse("too_many_attempts", `A wrong password was given too often: try again in ${retryAfterSeconds} s.`, { retryAfterSeconds })
  if (!(await world.passwords.verify(person.password, (current ?? "").normalize("NFKC").slice(0, 1000)))) {
    await audit(world.db, { actor, action: "password.change", thing: `person/${actor.id}`, outcome: "denied", at: world.clock.now() })
    return refuse("bad_sign_in", "The present password is not right: type it again.", { field: "current" })
  }
  await forgive(world.db, keys)
  return accepted(undefined)
}

async function isFresh(world: PeopleWorld, actor: Actor): Promise<Outcome<void, PeopleRefusal>> {
  const session = actor.via.kind === "session" ? actor.via.session : ""
  const row = await world.db.selectFrom("web_session").select("created_at").where("id", "=", session).executeTakeFirst()
  if (row && row.created_at > world.clock.now() - world.policy.freshMs) return accepted(undefined)
  return refuse("sign_in_again", "You signed in too long ago to set a first password: sign in again, then set it at once.")
}

/** A link by which somebody sets a new password, made by an administrator who passes it on. */
export async function resetLink(world: PeopleWorld, actor: Actor, person: PersonId): Promise<Outcome<Link, PeopleRefusal>> {
  const denied = await unlessPlatform(world, actor, { action: "link.make", thing: `person/${person}`, words: "reset passwords" })
  if (denied) return denied
  return attempt(world.db, async (tx) => {
    const there = await enabled(tx, person)
    if (!there?.login) return refuse("no_such_person", "There is nobody of that id who signs in here with a password.")
    await voidLinks(tx, person, ["reset"])
    const link = await makeLink(world, tx, { kind: "reset", person, createdBy: actor.id, lastsMs: world.policy.linkMs })
    const detail = { kind: "reset", link: link.id }
    await audit(tx, { actor, action: "link.make", thing: `person/${person}`, outcome: "done", detail, at: world.clock.now() })
    return accepted(link)
  })
}

/** Sets a new password by such a link. Every session ends; tokens too, unless they are to stay. */
export async function useResetLink(
  world: PeopleWorld,
  code: string,
  given: { readonly password: string; readonly revokeTokens?: boolean | undefined },
  client: Client,
): Promise<Outcome<Began, PeopleRefusal>> {
  const shown = await attempt(world.db, async (tx) => accepted(await resetOf(world, tx, code)))
  if (!shown.ok || !shown.value) return badLink()
  const { person } = shown.value
  const password = readPassword(given.password, [person.login ?? "", person.name])
  if (!password.ok) return password
  const stored = await world.passwords.hash(password.value)
  return attempt(world.db, async (tx) => {
    const found = await resetOf(world, tx, code)
    if (!found) return badLink()
    await useUp(world, tx, found.link.id)
    const revokeTokens = given.revokeTokens ?? true
    return accepted(await renew(world, tx, { person: found.person, stored, action: "password.reset", revokeTokens, client }))
  })
}

async function resetOf(world: PeopleWorld, tx: Db, code: string) {
  const link = await openLink(world, tx, "reset", code)
  const person = link?.person && (await enabled(tx, link.person))
  return link && person ? { link, person } : undefined
}

type Renewal = {
  readonly person: { readonly id: string; readonly name: string; readonly is_admin: boolean }
  readonly stored: string
  readonly action: string
  readonly revokeTokens: boolean
  readonly client: Client
}

async function renew(world: PeopleWorld, tx: Db, { person, stored, action, revokeTokens, client }: Renewal): Promise<Began> {
  const id = person.id as PersonId
  const now = world.clock.now()
  await tx.updateTable("person").set({ password: stored }).where("id", "=", id).execute()
  const sessions = await endSessionsOf(tx, id)
  const tokens = revokeTokens ? await revokeTokensOf(tx, id, now) : 0
  await voidLinks(tx, id, ["reset", "sign_in"])
  const began = await beginSession(world, tx, { id, name: person.name, isAdmin: person.is_admin }, client)
  await audit(tx, { actor: began.actor, action, thing: `person/${id}`, outcome: "done", detail: { sessions, tokens }, at: now })
  return began
}
