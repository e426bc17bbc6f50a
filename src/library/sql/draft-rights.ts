/** What somebody may do with a notebook at this moment: asked again and again while they have it open. */
import { sql } from "kysely"
import type { Db } from "#database/index.ts"
import { type Action, type Actor, type Fetched, type NotebookId, type SpaceId, standingColumn, verdictFrom } from "#people/index.ts"

export type NotebookRights = {
  readonly space: SpaceId
  readonly mayRead: boolean
  readonly mayComment: boolean
  readonly mayRun: boolean
  readonly mayEdit: boolean
}

/** Undefined when the notebook is not there, or in the trash. */
export async function notebookRights(db: Db, actor: Actor, notebook: NotebookId): Promise<NotebookRights | undefined> {
  const column = standingColumn(actor, { space: "n.space_id", notebook: "n.id" })
  const found = await sql<{ space: SpaceId; codeHidden: boolean; standing: Fetched }>`
    SELECT n.space_id AS space, n.code_hidden AS "codeHidden", ${column} AS standing FROM notebook n JOIN space s ON s.id = n.space_id
    WHERE n.id = ${notebook} AND n.trashed_at IS NULL AND s.trashed_at IS NULL`.execute(db)
  const row = found.rows[0]
  if (!row) return undefined
  const may = (action: Action) => verdictFrom(row.standing, actor, action, { space: row.space, notebook }) === "allowed"
  // A draft is its code.
  const mayRead = may(row.codeHidden ? "read_hidden_code" : "read")
  return { space: row.space, mayRead, mayComment: may("comment"), mayRun: may("run"), mayEdit: may("edit") }
}
