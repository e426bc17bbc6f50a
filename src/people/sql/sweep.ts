import { at } from "#database/index.ts"
import { FORGET_MS } from "#people/attempts.ts"
import { DAY_MS } from "#people/policy.ts"
import type { PeopleWorld } from "#people/ports.ts"
import { settleDenied } from "#people/sql/audit.ts"

/** Removes what has ended: sessions, links, sign-ins that never came back, counts. Every hour or so, by one process; harmless by more. */
export async function sweepPeople(world: PeopleWorld): Promise<void> {
  const { db, policy } = world
  const now = world.clock.now()
  await db
    .deleteFrom("web_session")
    .where((eb) => eb.or([eb("expires_at", "<=", at(now)), eb("seen_at", "<=", at(now - policy.sessionIdleMs))]))
    .execute()
  // Kept a month, so that who wonders about an old link can still be told by the audit's number.
  await db
    .deleteFrom("invite")
    .where("expires_at", "<=", at(now - 30 * DAY_MS))
    .execute()
  await db.deleteFrom("oidc_flow").where("expires_at", "<=", at(now)).execute()
  await db
    .deleteFrom("sign_in_attempt")
    .where("last_at", "<=", at(now - FORGET_MS))
    .where("blocked_until", "<=", at(now))
    .execute()
  await settleDenied(db, now)
}
