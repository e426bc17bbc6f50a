import { type RawBuilder, type SqlBool, sql } from "kysely"
import { type Db, firstOf } from "#database/index.ts"
import type { Actor } from "#people/actor.ts"
import { type Action, rolesFor } from "#people/roles.ts"
import { confinedTo, wayAllows } from "#people/rule.ts"

/** The columns of the listing query that name a row's space and, where rows are notebooks or belong to one, its notebook. */
export type ThingColumns = { readonly space: string; readonly notebook?: string }

/**
 * The rule of roles.ts as a predicate: a row is listed exactly when `can` allows the action on it.
 * The sub-queries do not depend on the row, so that PostgreSQL runs each once and hashes what it gives.
 */
export function mayList(actor: Actor, action: Action, columns: ThingColumns): RawBuilder<SqlBool> {
  if (actor.via.kind === "system") return sql<SqlBool>`true`
  if (!wayAllows(actor, action)) return sql<SqlBool>`false`
  const only = confinedTo(actor)
  const granted = sql<SqlBool>`(${isActive(actor, sql`p.is_admin`)} OR ${inSpace(actor, action, columns)}${onNotebook(actor, action, columns)})`
  return only === undefined ? granted : sql<SqlBool>`(${sql.ref(columns.space)} = ${only} AND ${granted})`
}

// More spaces than this are most of what there is: walking all in order then finds a page at once.
const FEW_SPACES = 50
const FEW_NOTEBOOKS = 1000

export type Places = { readonly spaces: readonly string[]; readonly notebooks: readonly string[] }

/**
 * Where the actor may do it, if that is in few places: what is theirs is then better sought in each than among everybody's. A help to find
 * rows by, not the rule: to be had along with `mayList`. Undefined for whoever may nearly everywhere.
 */
export async function fewPlaces(db: Db, actor: Actor, action: Action): Promise<Places | undefined> {
  if (actor.via.kind === "system") return undefined
  const { rows } = await sql<{ space: string | null; notebook: string | null }>`
    (SELECT NULL AS space, NULL AS notebook WHERE ${isActive(actor, sql`p.is_admin`)})
    UNION ALL (SELECT g.space_id, g.notebook_id FROM role_grant g WHERE ${held(actor, action)} LIMIT ${firstOf(FEW_SPACES + FEW_NOTEBOOKS + 1)})`.execute(
    db,
  )
  // What is cut off would not be found: several groups may give the same.
  if (rows.length > FEW_SPACES + FEW_NOTEBOOKS || rows.some(({ space }) => space === null)) return undefined
  const spaces = new Set(rows.flatMap(({ space, notebook }) => (notebook === null && space !== null ? [space] : [])))
  const notebooks = new Set(rows.flatMap(({ notebook }) => notebook ?? []))
  return spaces.size <= FEW_SPACES && notebooks.size <= FEW_NOTEBOOKS ? { spaces: [...spaces], notebooks: [...notebooks] } : undefined
}

/** The places as a predicate that PostgreSQL can use indexes for. */
export function inPlaces({ spaces, notebooks }: Places, { space, notebook }: Required<ThingColumns>): RawBuilder<SqlBool> {
  return sql<SqlBool>`(${sql.ref(space)} = ANY(${spaces}::text[]) OR ${sql.ref(notebook)} = ANY(${notebooks}::text[]))`
}

function isActive(actor: Actor, also: RawBuilder<unknown>) {
  return sql`EXISTS (SELECT FROM person p WHERE p.id = ${actor.id} AND p.disabled_at IS NULL AND ${also})`
}

function inSpace(actor: Actor, action: Action, columns: ThingColumns) {
  return sql`${sql.ref(columns.space)} IN (SELECT g.space_id FROM role_grant g WHERE g.notebook_id IS NULL AND ${held(actor, action)})`
}

function onNotebook(actor: Actor, action: Action, columns: ThingColumns) {
  if (columns.notebook === undefined) return sql``
  const row = sql`(${sql.ref(columns.space)}, ${sql.ref(columns.notebook)})`
  return sql` OR ${row} IN (SELECT g.space_id, g.notebook_id FROM role_grant g WHERE g.notebook_id IS NOT NULL AND ${held(actor, action)})`
}

function held(actor: Actor, action: Action) {
  const mine = sql`(g.person_id = ${actor.id} OR g.group_id IN (SELECT m.group_id FROM group_member m WHERE m.person_id = ${actor.id}))`
  return sql`g.role = ANY(${rolesFor(action)}::text[]) AND ${mine} AND ${isActive(actor, sql`true`)}`
}
