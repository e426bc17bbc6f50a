import { sql } from "kysely"
import type { Db } from "#database/index.ts"
import { notebookRow } from "#library/sql/find-notebook.ts"
import { spaceRow } from "#library/sql/find-space.ts"
import type { CatalogWorld } from "#library/sql/permit.ts"
import { type Actor, audit, can, notify, type PersonId, type Thing } from "#people/index.ts"

export type AskAccess = { readonly notebook?: string | undefined; readonly space?: string | undefined; readonly said: string }

/**
 * Tells those who administer a space that somebody would like to see it, or one of its notebooks. Nothing comes back: whether there
 * is such a thing is just what the asker may not know. Asked again, it is the same notice, so that nobody can fill an inbox.
 */
export async function askAccess(world: CatalogWorld, actor: Actor, asked: AskAccess): Promise<void> {
  const thing = await thingOf(world.db, asked)
  if (!thing || (await can(world.db, actor, "read", thing))) return
  const about = `access/${actor.id}/${thing.notebook ?? thing.space}`
  const of = { space: thing.space, ...(thing.notebook === undefined ? {} : { notebook: thing.notebook }) }
  const admins = await adminsOf(world.db, thing)
  const at = world.clock.now()
  const recorded = `${thing.notebook === undefined ? "space" : "notebook"}/${thing.notebook ?? thing.space}`
  await world.db.transaction().execute(async (tx) => {
    await notify(
      tx,
      admins.map((to) => ({ kind: "access_asked" as const, to, about, ...of, by: actor.id, said: asked.said, at })),
    )
    await audit(tx, { actor, action: "access.ask", thing: recorded, space: thing.space, outcome: "done", at })
  })
}

async function thingOf(db: Db, { notebook, space }: AskAccess): Promise<Thing | undefined> {
  if (notebook !== undefined) {
    const found = await notebookRow(db, notebook)
    return found && found.trashedAt === null ? { space: found.space.id, notebook: found.id } : undefined
  }
  const found = space === undefined ? undefined : await spaceRow(db, space)
  return found && { space: found.id }
}

const MOST = 20

/** Of the space; else those of the platform, so that somebody hears it. */
async function adminsOf(db: Db, { space }: Thing): Promise<readonly PersonId[]> {
  const found = await sql<{ id: PersonId }>`
    SELECT p.id FROM person p WHERE p.disabled_at IS NULL AND p.kind = 'person' AND EXISTS (
      SELECT FROM role_grant g WHERE g.space_id = ${space} AND g.notebook_id IS NULL AND g.role = 'admin'
        AND (g.person_id = p.id OR g.group_id IN (SELECT m.group_id FROM group_member m WHERE m.person_id = p.id)))
    ORDER BY p.id LIMIT ${MOST}`.execute(db)
  if (found.rows.length > 0) return found.rows.map(({ id }) => id)
  const platform = await sql<{ id: PersonId }>`
    SELECT id FROM person WHERE is_admin AND disabled_at IS NULL AND kind = 'person' ORDER BY id LIMIT ${MOST}`.execute(db)
  return platform.rows.map(({ id }) => id)
}
