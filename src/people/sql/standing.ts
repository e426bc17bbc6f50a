import { sql } from "kysely"
import type { Db } from "#database/index.ts"
import type { Actor } from "#people/actor.ts"
import type { PersonId } from "#people/ids.ts"
import type { Action, Thing } from "#people/roles.ts"
import { allows, allowsPlatform, type Held, type Standing } from "#people/rule.ts"

const NOBODY: Standing = { isActive: false, isAdmin: false, held: [] }

/** Whether the actor may do this with the thing, at this moment. The one place that answers it. */
export async function can(db: Db, actor: Actor, action: Action, thing: Thing): Promise<boolean> {
  return allows(await standingOn(db, actor, thing), actor, action, thing)
}

/** `hidden`: to this actor it must be as if the thing were not there. `forbidden`: it may be seen, but this may not be done. */
export type Verdict = "allowed" | "forbidden" | "hidden"

export async function verdict(db: Db, actor: Actor, action: Action, thing: Thing): Promise<Verdict> {
  const standing = await standingOn(db, actor, thing)
  if (allows(standing, actor, action, thing)) return "allowed"
  return allows(standing, actor, "read", thing) ? "forbidden" : "hidden"
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
  const found = await sql<{ isActive: boolean; isAdmin: boolean; held: { role: Held["role"]; notebook: Held["notebook"] | null }[] }>`
    SELECT p.disabled_at IS NULL AS "isActive", p.is_admin AS "isAdmin", coalesce((
      SELECT json_agg(json_build_object('role', g.role, 'notebook', g.notebook_id))
      FROM role_grant g
      WHERE g.space_id = ${thing?.space ?? null} AND (g.notebook_id IS NULL OR g.notebook_id = ${thing?.notebook ?? null})
        AND (g.person_id = p.id OR g.group_id IN (SELECT m.group_id FROM group_member m WHERE m.person_id = p.id))
    ), '[]') AS held
    FROM person p WHERE p.id = ${person}`.execute(db)
  const [row] = found.rows
  if (!row) return undefined
  const held = thing ? row.held.map(({ role, notebook }): Held => ({ role, space: thing.space, notebook: notebook ?? undefined })) : []
  return { isActive: row.isActive, isAdmin: row.isAdmin, held }
}
