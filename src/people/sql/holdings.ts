/** What a person leaves behind, and who takes it over. */
import { sql } from "kysely"
import { accepted, type Outcome } from "#base/outcome.ts"
import { attempt, type Db } from "#database/index.ts"
import type { Actor } from "#people/actor.ts"
import type { NotebookId, PersonId, SpaceId } from "#people/ids.ts"
import type { PeopleWorld } from "#people/ports.ts"
import { type PeopleRefusal, refuse } from "#people/refusal.ts"
import { highestRole } from "#people/rule.ts"
import { audit } from "#people/sql/audit.ts"
import { revokeConsents } from "#people/sql/consents.ts"
import { hasAdmin, raiseRole } from "#people/sql/grants.ts"
import { unlessPlatform } from "#people/sql/guard.ts"
import { standingOfPerson } from "#people/sql/standing.ts"
import { tell } from "#people/sql/tell.ts"

/** `administers`: spaces in whose grants the person is an admin by name. `notebooks` holds the first thousand of `notebookCount`. */
export type Holdings = {
  readonly notebookCount: number
  readonly fileCount: number
  readonly notebooks: readonly { readonly id: NotebookId; readonly space: SpaceId; readonly path: string }[]
  readonly services: readonly { readonly id: PersonId; readonly name: string }[]
  /** The first thousand. */
  readonly templates: readonly { readonly id: string; readonly name: string }[]
  readonly administers: readonly SpaceId[]
}

export async function holdings(world: PeopleWorld, actor: Actor, person: PersonId): Promise<Outcome<Holdings, PeopleRefusal>> {
  if (person !== actor.id) {
    const denied = await unlessPlatform(world, actor, { action: "person.holdings", thing: `person/${person}`, words: "see what others own" })
    if (denied) return denied
  }
  const { db } = world
  const owned = db.selectFrom("notebook").where("owner_id", "=", person)
  const count = await owned.select(sql<number>`count(*)`.as("count")).executeTakeFirstOrThrow()
  const files = await db.selectFrom("file").select(sql<number>`count(*)`.as("count")).where("owner_id", "=", person).executeTakeFirstOrThrow()
  const notebooks = await owned.select(["id", "space_id", "path"]).orderBy("id").limit(1000).execute()
  const services = await db.selectFrom("person").select(["id", "name"]).where("owner_id", "=", person).orderBy("id").execute()
  return accepted({
    notebookCount: Number(count.count),
    fileCount: Number(files.count),
    notebooks: notebooks.map((row) => ({ id: row.id as NotebookId, space: row.space_id as SpaceId, path: row.path })),
    services: services.map((row) => ({ id: row.id as PersonId, name: row.name })),
    templates: await db.selectFrom("template").select(["id", "name"]).where("owner_id", "=", person).orderBy("name").limit(1000).execute(),
    administers: await administered(db, person),
  })
}

async function administered(db: Db, person: PersonId): Promise<readonly SpaceId[]> {
  const grants = db
    .selectFrom("role_grant")
    .select("space_id")
    .where("person_id", "=", person)
    .where("role", "=", "admin")
    .where("notebook_id", "is", null)
  return (await grants.orderBy("space_id").execute()).map((row) => row.space_id as SpaceId)
}

export type HandedOver = {
  readonly notebooks: number
  readonly files: number
  readonly services: number
  readonly templates: number
  readonly spaces: number
}

/**
 * Everything that `from` owns is `to`'s from now on: notebooks and templates (with an editor's role on those it could not edit), files,
 * service accounts, and the spaces that would be left without an admin. What `from` may do does not change: disabling is a step of its own.
 */
export async function handOverAll(
  world: PeopleWorld,
  actor: Actor,
  { from, to }: { readonly from: PersonId; readonly to: PersonId },
): Promise<Outcome<HandedOver, PeopleRefusal>> {
  const denied = await unlessPlatform(world, actor, { action: "person.hand_over", thing: `person/${from}`, words: "hand over what others own" })
  if (denied) return denied
  if (from === to) return refuse("bad_field", "It is handed over to somebody else: name another person.", { field: "to" })
  return attempt(world.db, async (tx) => {
    const receiver = await tx.selectFrom("person").select(["kind", "disabled_at"]).where("id", "=", to).forShare().executeTakeFirst()
    if (receiver?.kind !== "person" || receiver.disabled_at !== null)
      return refuse("no_such_person", "It can be handed over only to a person who may sign in.", { field: "to" })
    const handed = {
      notebooks: await handNotebooks(world, tx, { from, to, by: actor.id }),
      files: Number((await tx.updateTable("file").set({ owner_id: to }).where("owner_id", "=", from).executeTakeFirst()).numUpdatedRows),
      services: Number((await tx.updateTable("person").set({ owner_id: to }).where("owner_id", "=", from).executeTakeFirst()).numUpdatedRows),
      templates: await handTemplates(world, tx, { actor, from, to, by: actor.id }),
      spaces: await handSpaces(world, tx, { from, to, by: actor.id }),
    }
    await audit(tx, { actor, action: "person.hand_over", thing: `person/${from}`, outcome: "done", detail: { to, ...handed }, at: world.clock.now() })
    await tell(tx, to)
    return accepted(handed)
  })
}

type Hands = { readonly from: PersonId; readonly to: PersonId; readonly by: PersonId }

async function handNotebooks(world: PeopleWorld, tx: Db, { from, to, by }: Hands): Promise<number> {
  const given = await tx.updateTable("notebook").set({ owner_id: to }).where("owner_id", "=", from).returning(["id", "space_id"]).execute()
  const mayEdit = new Map<string, boolean>()
  for (const row of given) {
    const thing = { space: row.space_id as SpaceId }
    const known = mayEdit.get(thing.space) ?? (await editsSpace(tx, to, thing.space))
    mayEdit.set(thing.space, known)
    if (!known) await raiseRole(world, tx, { ...thing, notebook: row.id as NotebookId, person: to, role: "editor", by })
  }
  return given.length
}

/** What ran in the old owner's name, or by their word, does so no more. */
async function handTemplates(world: PeopleWorld, tx: Db, { actor, from, to, by }: Hands & { readonly actor: Actor }): Promise<number> {
  const given = await tx
    .updateTable("template")
    .set({ owner_id: to })
    .where("owner_id", "=", from)
    .returning(["id", "space_id", "notebook_id"])
    .execute()
  const at = world.clock.now()
  for (const { id, space_id, notebook_id } of given) {
    const [space, notebook] = [space_id as SpaceId, notebook_id as NotebookId]
    if (!(await editsSpace(tx, to, space))) await raiseRole(world, tx, { space, notebook, person: to, role: "editor", by })
    await revokeConsents(tx, actor, { thing: `template/${id}`, of: from, space, at })
  }
  return given.length
}

async function editsSpace(tx: Db, person: PersonId, space: SpaceId): Promise<boolean> {
  const standing = await standingOfPerson(tx, person, { space })
  const role = standing && highestRole(standing, { space })
  return role === "editor" || role === "admin"
}

/** As though `from` were gone already, since that is what comes next. */
async function handSpaces(world: PeopleWorld, tx: Db, { from, to, by }: Hands): Promise<number> {
  let handed = 0
  for (const space of await administered(tx, from)) {
    if (await hasAdmin(tx, space, from)) continue
    await raiseRole(world, tx, { space, person: to, role: "admin", by })
    handed++
  }
  return handed
}
