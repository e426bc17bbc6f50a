import { type RawBuilder, sql } from "kysely"
import type { Db } from "#database/index.ts"
import { type Actor, mayList, type ThingColumns } from "#people/index.ts"

// More than this many spaces are most of what there is: walking all in order then finds a page at once.
const FEW_SPACES = 50
const FEW_NOTEBOOKS = 1000

/** What an actor who may read little may read at most; undefined for one who may read much. */
export type Reach = { readonly spaces: readonly string[]; readonly notebooks: readonly string[] } | undefined

export async function reachOf(db: Db, actor: Actor): Promise<Reach> {
  if (actor.via.kind === "system" || actor.isAdmin) return undefined
  const found = await sql<{ spaces: readonly string[]; notebooks: readonly string[] }>`SELECT
    ARRAY(SELECT s.id::text FROM space s WHERE ${mayList(actor, "read", { space: "s.id" })} LIMIT ${FEW_SPACES + 1}) AS spaces,
    ARRAY(SELECT g.notebook_id::text FROM role_grant g WHERE g.notebook_id IS NOT NULL
      AND (g.person_id = ${actor.id} OR g.group_id IN (SELECT m.group_id FROM group_member m WHERE m.person_id = ${actor.id}))
      LIMIT ${FEW_NOTEBOOKS + 1}) AS notebooks`.execute(db)
  const [reach] = found.rows
  return reach && reach.spaces.length <= FEW_SPACES && reach.notebooks.length <= FEW_NOTEBOOKS ? reach : undefined
}

/**
 * The reach as a predicate that PostgreSQL can use indexes for: without it, somebody who may read little would have every
 * notebook there is looked at, to find the few. It only narrows, and never replaces mayList: both are asked.
 */
export function within(reach: Reach, { space, notebook }: Required<ThingColumns>): readonly RawBuilder<unknown>[] {
  if (!reach) return []
  return [sql`(${sql.ref(space)} = ANY(${reach.spaces}::text[]) OR ${sql.ref(notebook)} = ANY(${reach.notebooks}::text[]))`]
}
