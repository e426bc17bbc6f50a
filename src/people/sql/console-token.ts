/** The token that `stet start` leaves for whoever runs it: the operator of a machine can read its database anyway. */
import { newId } from "#base/id.ts"
import type { Db } from "#database/index.ts"
import { SYSTEM } from "#people/actor.ts"
import type { PersonId, TokenId } from "#people/ids.ts"
import { DAY_MS } from "#people/policy.ts"
import type { PeopleWorld } from "#people/ports.ts"
import { SCOPES } from "#people/roles.ts"
import { newSecret, printKey } from "#people/secrets.ts"
import { audit } from "#people/sql/audit.ts"
import { tell } from "#people/sql/tell.ts"

const NAME = "This machine's command line"

/** Acts as the first administrator; each call ends the one before. Undefined when there is no administrator. */
export async function consoleToken(world: PeopleWorld): Promise<string | undefined> {
  return world.db.transaction().execute(async (tx) => {
    const person = await firstAdministrator(tx)
    if (person === undefined) return undefined
    const now = world.clock.now()
    await tx
      .updateTable("api_token")
      .set({ revoked_at: new Date(now) })
      .where("name", "=", NAME)
      .where("created_by", "=", SYSTEM.id)
      .where("revoked_at", "is", null)
      .execute()
    const id = newId<"Token">(now, world.random) as TokenId
    const secret = newSecret(world.random)
    const scopes = [...SCOPES]
    const times = { created_at: new Date(now), expires_at: new Date(now + world.policy.tokenMaxDays * DAY_MS) }
    const row = { id, secret: world.sha256(secret), person_id: person, name: NAME, scopes, space_id: null, created_by: SYSTEM.id, ...times }
    await tx.insertInto("api_token").values(row).execute()
    await audit(tx, {
      actor: SYSTEM,
      action: "token.create",
      thing: `token/${id}`,
      outcome: "done",
      detail: { person, scopes, console: true },
      at: now,
    })
    await tell(tx, person)
    return printKey("stet", id, secret)
  })
}

async function firstAdministrator(tx: Db): Promise<PersonId | undefined> {
  const row = await tx
    .selectFrom("person")
    .select("id")
    .where("is_admin", "=", true)
    .where("kind", "=", "person")
    .where("disabled_at", "is", null)
    .orderBy("id")
    .executeTakeFirst()
  return row?.id as PersonId | undefined
}
