import type { Actor } from "#people/actor.ts"
import type { SpaceId } from "#people/ids.ts"
import type { PeopleWorld } from "#people/ports.ts"
import { notAllowed } from "#people/refusal.ts"
import type { Thing } from "#people/roles.ts"
import { audit } from "#people/sql/audit.ts"
import { canPlatform, verdict } from "#people/sql/standing.ts"

/** What is tried: as it stands in the audit, and in words that complete "You may not …". */
export type Attempt = { readonly action: string; readonly thing: string; readonly words: string }

/** The refusal for everybody but administrators of the platform; what is denied is recorded. */
export async function unlessPlatform(world: PeopleWorld, actor: Actor, attempt: Attempt) {
  if (await canPlatform(world.db, actor)) return undefined
  await recordDenied(world, actor, attempt)
  return notAllowed(attempt.words, "an administrator of the platform")
}

/** The refusal for those who do not administer the thing: it is as if it were not there to those who may not even read it. */
export async function unlessAdministers(world: PeopleWorld, actor: Actor, thing: Thing, attempt: Attempt) {
  const said = await verdict(world.db, actor, "administer", thing)
  if (said === "allowed") return undefined
  await recordDenied(world, actor, attempt, thing.space)
  return said === "hidden" ? ("hidden" as const) : notAllowed(attempt.words, "an admin of it")
}

export async function recordDenied(world: PeopleWorld, actor: Actor, attempt: Attempt, space?: SpaceId): Promise<void> {
  await audit(world.db, { actor, action: attempt.action, thing: attempt.thing, space, outcome: "denied", at: world.clock.now() })
}
