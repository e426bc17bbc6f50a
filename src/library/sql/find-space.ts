import { sql } from "kysely"
import { accepted } from "#base/outcome.ts"
import { type Db, naturally } from "#database/index.ts"
import type { SpaceRow } from "#library/notebook-row.ts"
import { type Catalogued, noSuch } from "#library/refusal.ts"
import { type CatalogWorld, permit } from "#library/sql/permit.ts"
import { type Action, type Actor, can, mayList, ROLES, type Role } from "#people/index.ts"

/** Whether a text has the form of an id; names of spaces are in lower case, so none has. */
export function isId(text: string): boolean {
  return /^[0-9A-Z]{26}$/.test(text)
}

/** Whether that many runs at once can be asked for; null is no limit. */
export function isLimit(maxRunning: number | null): boolean {
  return maxRunning === null || (Number.isInteger(maxRunning) && maxRunning > 0 && maxRunning < 2 ** 31)
}

const SPACE_COLUMNS = sql`s.id, s.name, s.title, s.max_running AS "maxRunning", s.default_environment AS "defaultEnvironment",
  s.created_at AS "createdAt", s.trashed_at AS "trashedAt"`

/** By id or name, whoever asks; in the trash only by id. */
export async function spaceRow(db: Db, ref: string): Promise<SpaceRow | undefined> {
  if (ref.includes("\0")) return undefined
  const where = isId(ref) ? sql`s.id = ${ref}` : sql`s.name = ${ref} AND s.trashed_at IS NULL`
  return (await sql<SpaceRow>`SELECT ${SPACE_COLUMNS} FROM space s WHERE ${where}`.execute(db)).rows[0]
}

/** One that the actor may read. In the trash only by id. */
export async function getSpace(db: Db, actor: Actor, ref: string): Promise<Catalogued<SpaceRow>> {
  const space = await spaceRow(db, ref)
  return space && (await can(db, actor, "read", { space: space.id })) ? accepted(space) : noSuch("space", ref)
}

export type SpaceDoing = { readonly action: Action; readonly verb: string; readonly words: string; readonly trashed?: boolean }

/** One in which the actor may do this; not in the trash unless it is asked for there. */
export async function spaceFor(
  world: Pick<CatalogWorld, "db" | "clock">,
  actor: Actor,
  ref: string,
  doing: SpaceDoing,
): Promise<Catalogued<SpaceRow>> {
  const space = await spaceRow(world.db, ref)
  const hidden = noSuch("space", ref)
  if (!space || (space.trashedAt !== null) !== (doing.trashed ?? false)) return hidden
  const permitted = await permit(world, actor, { ...doing, thing: { space: space.id }, hidden })
  return permitted.ok ? accepted(space) : permitted
}

/** `role` is the actor's own. */
export type ListedSpace = SpaceRow & { readonly role: Role | null }

/** All that the actor may read, by name. There are few spaces, so there are no pages. */
export async function listSpaces(db: Db, actor: Actor, { trashed = false }: { readonly trashed?: boolean } = {}): Promise<readonly ListedSpace[]> {
  const found = await sql<SpaceRow & { roles: readonly Role[]; isAdmin: boolean }>`
    SELECT ${SPACE_COLUMNS},
      ARRAY(SELECT g.role FROM role_grant g WHERE g.space_id = s.id AND g.notebook_id IS NULL
        AND (g.person_id = ${actor.id} OR g.group_id IN (SELECT m.group_id FROM group_member m WHERE m.person_id = ${actor.id}))) AS roles,
      EXISTS (SELECT FROM person p WHERE p.id = ${actor.id} AND p.is_admin) AS "isAdmin"
    FROM space s
    WHERE ${mayList(actor, "read", { space: "s.id" })} AND (s.trashed_at IS NOT NULL) = ${trashed}
    ORDER BY ${naturally(sql`s.title`)}, s.id`.execute(db)
  return found.rows.map(({ roles, isAdmin, ...space }) => ({ ...space, role: isAdmin ? "admin" : highest(roles) }))
}

function highest(roles: readonly Role[]): Role | null {
  return ROLES[Math.max(-1, ...roles.map((role) => ROLES.indexOf(role)))] ?? null
}
