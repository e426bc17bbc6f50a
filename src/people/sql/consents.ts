/** Consents: given once for exactly one thing, taken back at any moment. Both are recorded. */
import { sql } from "kysely"
import { newId } from "#base/id.ts"
import { accepted, type Outcome } from "#base/outcome.ts"
import type { Db } from "#database/index.ts"
import type { Actor } from "#people/actor.ts"
import { type ConsentRow, mayConsent, type Named, whyNotInTheNameOf } from "#people/consent.ts"
import type { ConsentId, PersonId, SpaceId } from "#people/ids.ts"
import type { PeopleWorld } from "#people/ports.ts"
import { type PeopleRefusal, refuse } from "#people/refusal.ts"
import { audit } from "#people/sql/audit.ts"

type World = Pick<PeopleWorld, "db" | "clock" | "random">

const NAMED = (alias: string) => {
  const column = (name: string) => sql.ref(`${alias}.${name}`)
  return sql`json_build_object('id', ${column("id")}, 'name', ${column("name")}, 'kind', ${column("kind")}, 'owner', ${column("owner_id")},
    'isActive', ${column("disabled_at")} IS NULL)`
}

/** Undefined when there is nobody of that id in whose name anything can run. */
export async function namedPerson(db: Db, id: string): Promise<Named | undefined> {
  const found = await sql<{ person: Named }>`SELECT ${NAMED("p")} AS person FROM person p WHERE p.id = ${id} AND p.kind <> 'system'`.execute(db)
  return found.rows[0]?.person
}

export type About = { readonly thing: string; readonly binding: string; readonly person: PersonId }

/** The newest of exactly this, whether it still counts or not. */
export async function consentTo(db: Db, { thing, binding, person }: About): Promise<ConsentRow | undefined> {
  return (await consentsWhere(db, sql`c.thing = ${thing} AND c.binding = ${binding} AND c.person_id = ${person}`))[0]
}

async function consentsWhere(db: Db, where: ReturnType<typeof sql>): Promise<readonly ConsentRow[]> {
  const found = await sql<ConsentRow>`
    SELECT c.id, c.thing, c.binding, c.given_at AS "givenAt", c.revoked_at AS "revokedAt", ${NAMED("p")} AS person,
      json_build_object('id', g.id, 'name', g.name, 'isActive', g.disabled_at IS NULL) AS "givenBy"
    FROM consent c JOIN person p ON p.id = c.person_id JOIN person g ON g.id = c.given_by WHERE ${where} ORDER BY c.id DESC LIMIT 1`.execute(db)
  return found.rows
}

/** Why a run may not go in this name any more; undefined when it may. Asked whenever one begins. */
export async function whyConsentEnded(
  db: Db,
  { person, consent }: { readonly person: string; readonly consent: string },
): Promise<string | undefined> {
  const [found] = await consentsWhere(db, sql`c.id = ${consent} AND c.person_id = ${person}`)
  return found ? whyNotInTheNameOf(found.person, found) : "The consent under which it was to run is not there."
}

type Giving = About & { readonly space: SpaceId }

/** Given twice, it is one. */
export async function giveConsent(
  world: World,
  actor: Actor,
  { thing, binding, person, space }: Giving,
): Promise<Outcome<{ readonly id: ConsentId }, PeopleRefusal>> {
  const named = await namedPerson(world.db, person)
  const at = world.clock.now()
  if (!named || !mayConsent(actor, named)) {
    await audit(world.db, { actor, action: "consent.give", thing, space, outcome: "denied", at })
    return refuse(
      "not_allowed",
      `Only ${named?.kind === "service" ? "who answers for it" : (named?.name ?? "that person")}, signed in, can agree to that.`,
    )
  }
  return world.db.transaction().execute(async (tx) => {
    const id = newId<"Consent">(at, world.random)
    const given = await sql<{ id: ConsentId }>`
      INSERT INTO consent (id, person_id, given_by, thing, binding, given_at) VALUES (${id}, ${person}, ${actor.id}, ${thing}, ${binding}, ${new Date(at)})
      ON CONFLICT (thing, binding, person_id) WHERE revoked_at IS NULL DO UPDATE SET given_by = EXCLUDED.given_by, given_at = EXCLUDED.given_at
      RETURNING id`.execute(tx)
    await audit(tx, { actor, action: "consent.give", thing, space, outcome: "done", detail: { person, binding }, at })
    return accepted({ id: given.rows[0]?.id ?? id })
  })
}

/** Whether there is one for a thing that was not revoked: anybody's, or one in the name or by the word of somebody. */
export async function isAnyConsent(db: Db, { thing, of }: { readonly thing: string; readonly of?: PersonId | undefined }): Promise<boolean> {
  const found = await sql`SELECT FROM consent WHERE thing = ${thing} AND revoked_at IS NULL
    AND (${of ?? null}::text IS NULL OR person_id = ${of ?? null} OR given_by = ${of ?? null}) LIMIT 1`.execute(db)
  return found.rows.length > 0
}

/** All there are for a thing, or one person's: in the transaction of whoever decides it. Says whose they were. */
export async function revokeConsents(
  tx: Db,
  actor: Actor,
  { thing, of, space, at }: { readonly thing: string; readonly of?: PersonId | undefined; readonly space: SpaceId; readonly at: number },
): Promise<readonly PersonId[]> {
  const gone = await sql<{ person: PersonId }>`
    UPDATE consent SET revoked_at = ${new Date(at)}, revoked_by = ${actor.id}
    WHERE thing = ${thing} AND revoked_at IS NULL AND (${of ?? null}::text IS NULL OR person_id = ${of ?? null} OR given_by = ${of ?? null})
    RETURNING person_id AS person`.execute(tx)
  const people = [...new Set(gone.rows.map(({ person }) => person))]
  if (people.length > 0) await audit(tx, { actor, action: "consent.revoke", thing, space, outcome: "done", detail: { people }, at })
  return people
}
