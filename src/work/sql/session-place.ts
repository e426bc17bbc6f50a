import { sql } from "kysely"
import type { Db } from "#database/index.ts"
import type { SpaceId } from "#people/index.ts"

/** The space in which a notebook is now; undefined when there is no such notebook. */
export async function findNotebookSpace(db: Db, notebook: string): Promise<{ readonly space: SpaceId; readonly codeHidden: boolean } | undefined> {
  const { rows } = await sql<{ space: SpaceId; codeHidden: boolean }>`
    SELECT space_id AS space, code_hidden AS "codeHidden" FROM notebook WHERE id = ${notebook} AND trashed_at IS NULL`.execute(db)
  return rows[0]
}
