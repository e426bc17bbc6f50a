import { sql } from "kysely"
import { newId } from "#base/id.ts"
import { accepted } from "#base/outcome.ts"
import { attempt, type Db } from "#database/index.ts"
import type { SpaceRow } from "#library/notebook-row.ts"
import { type Catalogued, noSuch, notAllowed, type Refused, refuse } from "#library/refusal.ts"
import { isLimit, spaceFor, spaceRow } from "#library/sql/find-space.ts"
import type { CatalogWorld } from "#library/sql/permit.ts"
import { toSpaceName, toTitle } from "#library/title.ts"
import { type Actor, audit, type SpaceId } from "#people/index.ts"

export type NewSpace = { readonly name: string; readonly title?: string }

/** Everybody who is signed in may make one, and then administers it; a token must be an unconfined one with the scope admin. */
export async function createSpace(world: CatalogWorld, actor: Actor, asked: NewSpace): Promise<Catalogued<SpaceRow>> {
  const name = toSpaceName(asked.name)
  if (!name.ok) return name
  const title = toTitle(asked.title ?? asked.name)
  if (!title.ok) return title
  const at = world.clock.now()
  if (!mayMakeSpaces(actor)) {
    await audit(world.db, { actor, action: "space.create", thing: `space/${name.value}`, outcome: "denied", at })
    return notAllowed("make spaces with this token")
  }
  const id = newId<"Space">(at, world.random) as SpaceId
  return attempt(world.db, async (tx) => {
    const made = await sql`INSERT INTO space (id, name, title, created_at, created_by)
      VALUES (${id}, ${name.value}, ${title.value}, ${new Date(at)}, ${actor.id}) ON CONFLICT DO NOTHING`.execute(tx)
    if (made.numAffectedRows !== 1n) return nameTaken(name.value)
    if (actor.via.kind !== "system") {
      await sql`INSERT INTO role_grant (id, space_id, person_id, role, granted_by, granted_at)
        VALUES (${newId<"Grant">(at, world.random)}, ${id}, ${actor.id}, 'admin', ${actor.id}, ${new Date(at)})`.execute(tx)
    }
    await audit(tx, { actor, action: "space.create", thing: `space/${id}`, space: id, outcome: "done", detail: { name: name.value }, at })
    return accepted(await certain(tx, id))
  })
}

function mayMakeSpaces({ via }: Actor): boolean {
  return via.kind !== "token" || (via.scopes.includes("admin") && via.space === undefined)
}

function nameTaken(name: string): Refused {
  return refuse("name_taken", `There is a space ${JSON.stringify(name)} already: choose another name.`)
}

async function certain(db: Db, id: SpaceId): Promise<SpaceRow> {
  const space = await spaceRow(db, id)
  if (!space) throw new Error(`the space ${id} was here a moment ago`)
  return space
}

export type SpaceChange = {
  readonly name?: string
  readonly title?: string
  /** Runs at once; null: as many as there are slots. */
  readonly maxRunning?: number | null
  /** Digest of an environment. */
  readonly defaultEnvironment?: string | null
}

export async function changeSpace(world: CatalogWorld, actor: Actor, ref: string, change: SpaceChange): Promise<Catalogued<SpaceRow>> {
  const found = await spaceFor(world, actor, ref, { action: "administer", verb: "space.change", words: "change this space" })
  if (!found.ok) return found
  const name = toSpaceName(change.name ?? found.value.name)
  if (!name.ok) return name
  const title = toTitle(change.title ?? found.value.title)
  if (!title.ok) return title
  const { id, maxRunning, defaultEnvironment } = { ...found.value, ...change }
  if (!isLimit(maxRunning)) return refuse("bad_limit", "Runs at once are a whole number from 1, or null for as many as there are slots.")
  const at = world.clock.now()
  return attempt(world.db, async (tx) => {
    const taken = await sql`SELECT FROM space WHERE name = ${name.value} AND trashed_at IS NULL AND id <> ${id}`.execute(tx)
    if (taken.rows.length > 0) return nameTaken(name.value)
    await sql`UPDATE space SET name = ${name.value}, title = ${title.value}, max_running = ${maxRunning}, default_environment = ${defaultEnvironment}
      WHERE id = ${id}`.execute(tx)
    await audit(tx, { actor, action: "space.change", thing: `space/${id}`, space: id, outcome: "done", detail: { ...change }, at })
    return accepted(await certain(tx, id))
  })
}

/** Everything in it goes out of sight with it and comes back with it. */
export async function trashSpace(world: CatalogWorld, actor: Actor, ref: string): Promise<Catalogued<SpaceRow>> {
  return setTrashed(world, actor, ref, true)
}

/** By its id. Refused while another space has its name. */
export async function restoreSpace(world: CatalogWorld, actor: Actor, id: string): Promise<Catalogued<SpaceRow>> {
  return setTrashed(world, actor, id, false)
}

async function setTrashed(world: CatalogWorld, actor: Actor, ref: string, trash: boolean): Promise<Catalogued<SpaceRow>> {
  const verb = trash ? "space.trash" : "space.restore"
  const words = trash ? "put this space into the trash" : "take this space out of the trash"
  const found = await spaceFor(world, actor, ref, { action: "administer", verb, words, trashed: !trash })
  if (!found.ok) return found
  const { id, name } = found.value
  const at = world.clock.now()
  return attempt(world.db, async (tx) => {
    const taken = await sql`SELECT FROM space WHERE name = ${name} AND trashed_at IS NULL AND id <> ${id}`.execute(tx)
    if (!trash && taken.rows.length > 0) return nameTaken(name)
    const done = await sql`UPDATE space SET trashed_at = ${trash ? new Date(at) : null}
      WHERE id = ${id} AND (trashed_at IS NULL) = ${trash}`.execute(tx)
    if (done.numAffectedRows !== 1n) return noSuch("space", ref)
    await audit(tx, { actor, action: verb, thing: `space/${id}`, space: id, outcome: "done", at })
    return accepted(await certain(tx, id))
  })
}
