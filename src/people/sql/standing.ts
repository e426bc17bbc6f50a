import { type RawBuilder, sql } from "kysely"
import type { Db } from "#database/index.ts"
import type { Actor } from "#people/actor.ts"
import type { PersonId } from "#people/ids.ts"
import type { Action, Thing } from "#people/roles.ts"
import { allows, allowsPlatform, type Held, type Standing } from "#people/rule.ts"
import type { ThingColumns } from "#people/sql/listed.ts"

const NOBODY: Standing = { isActive: false, isAdmin: false, held: [] }

/** Whether the actor may do this with the thing, at this moment. The one place that answers it. */
export async function can(db: Db, actor: Actor, action: Action, thing: Thing): Promise<boolean> {
  return allows(await standingOn(db, actor, thing), actor, action, thing)
}

/** `hidden`: to this actor it must be as if the thing were not there. `forbidden`: it may be seen, but this may not be done. */
export type Verdict = "allowed" | "forbidden" | "hidden"

export async function verdict(db: Db, actor: Actor, action: Action, thing: Thing): Promise<Verdict> {
  return verdictBy(await standingOn(db, actor, thing), actor, action, thing)
}

function verdictBy(standing: Standing, actor: Actor, action: Action, thing: Thing): Verdict {
  if (allows(standing, actor, action, thing)) return "allowed"
  return allows(standing, actor, "read", thing) ? "forbidden" : "hidden"
}

/** What `standingColumn` gave. Only `verdictFrom` looks into it. */
export type Fetched = { readonly isActive: boolean; readonly isAdmin: boolean; readonly held: readonly FetchedGrant[] } | null
type FetchedGrant = { readonly role: Held["role"]; readonly notebook: Held["notebook"] | null }

/** For a query whose rows are things: where the actor stands with each, so that asking for a row and for the right to it is one question. */
export function standingColumn(actor: Actor, columns: ThingColumns): RawBuilder<Fetched> {
  if (actor.via.kind === "system") return sql<Fetched>`NULL::json`
  return standingOf(sql`${actor.id}::text`, { space: sql.ref(columns.space), notebook: columns.notebook ? sql.ref(columns.notebook) : sql`NULL` })
}

/** What `verdict` says, by what came with the row of this very thing. */
export function verdictFrom(fetched: Fetched, actor: Actor, action: Action, thing: Thing): Verdict {
  return verdictBy(toStanding(fetched, thing), actor, action, thing)
}

/** Whether the actor may do what concerns the whole platform: people, groups, settings. */
export async function canPlatform(db: Db, actor: Actor): Promise<boolean> {
  return allowsPlatform(await standingIn(db, actor), actor)
}

/** Where the actor stands with one thing. */
async function standingOn(db: Db, actor: Actor, thing: Thing): Promise<Standing> {
  if (actor.via.kind === "system") return NOBODY
  return (await standingOfPerson(db, actor.id, thing)) ?? NOBODY
}

/** Where the actor stands without regard to any thing: active, administrator. */
async function standingIn(db: Db, actor: Actor): Promise<Standing> {
  if (actor.via.kind === "system") return NOBODY
  return (await standingOfPerson(db, actor.id, undefined)) ?? NOBODY
}

/** Undefined when there is no such person. Without a thing, no grants are fetched. */
export async function standingOfPerson(db: Db, person: PersonId, thing: Thing | undefined): Promise<Standing | undefined> {
  const found = await sql<{ standing: Fetched }>`
    SELECT ${standingOf(sql`${person}::text`, { space: sql`${thing?.space ?? null}::text`, notebook: sql`${thing?.notebook ?? null}::text` })} AS standing`.execute(
    db,
  )
  const standing = found.rows[0]?.standing
  return standing ? toStanding(standing, thing) : undefined
}

/** NULL when there is no such person. */
function standingOf(person: RawBuilder<unknown>, thing: { readonly space: RawBuilder<unknown>; readonly notebook: RawBuilder<unknown> }) {
  return sql<Fetched>`(
    SELECT json_build_object('isActive', who.disabled_at IS NULL, 'isAdmin', who.is_admin, 'held', coalesce((
      SELECT json_agg(json_build_object('role', g.role, 'notebook', g.notebook_id))
      FROM role_grant g
      WHERE g.space_id = ${thing.space} AND (g.notebook_id IS NULL OR g.notebook_id = ${thing.notebook})
        AND (g.person_id = who.id OR g.group_id IN (SELECT m.group_id FROM group_member m WHERE m.person_id = who.id))
    ), '[]'))
    FROM person who WHERE who.id = ${person})`
}

function toStanding(fetched: Fetched, thing: Thing | undefined): Standing {
  if (!fetched) return NOBODY
  const held = thing ? fetched.held.map(({ role, notebook }): Held => ({ role, space: thing.space, notebook: notebook ?? undefined })) : []
  return { isActive: fetched.isActive, isAdmin: fetched.isAdmin, held }
}
