import { type RawBuilder, sql } from "kysely"
import type { Db } from "#database/index.ts"
import { type Actor, mayList } from "#people/index.ts"

// More than this many spaces are most of what there is: walking all in order then finds a page at once.
const FEW = 50

/**
 * What mayList says, in a form that PostgreSQL can use an index for: without it, somebody who may read little would have
 * every notebook there is looked at, to find the few. It only narrows, and never replaces mayList: both are asked.
 */
export async function narrowed(db: Db, actor: Actor): Promise<readonly RawBuilder<unknown>[]> {
  if (actor.via.kind === "system") return []
  const spaces = await sql<{ id: string }>`
    SELECT s.id FROM space s WHERE ${mayList(actor, "read", { space: "s.id" })} LIMIT ${FEW + 1}`.execute(db)
  if (spaces.rows.length > FEW) return []
  const single = await sql<{ id: string }>`SELECT g.notebook_id AS id FROM role_grant g WHERE g.notebook_id IS NOT NULL
    AND (g.person_id = ${actor.id} OR g.group_id IN (SELECT m.group_id FROM group_member m WHERE m.person_id = ${actor.id})) LIMIT 1000`.execute(db)
  if (single.rows.length === 1000) return []
  const ids = (rows: readonly { readonly id: string }[]) => sql`${rows.map(({ id }) => id)}::text[]`
  return [sql`(n.space_id = ANY(${ids(spaces.rows)}) OR n.id = ANY(${ids(single.rows)}))`]
}
