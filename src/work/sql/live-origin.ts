/** What a notebook was opened from, to look into it with a live kernel. */
import { sql } from "kysely"
import type { Db } from "#database/index.ts"
import type { NotebookId } from "#people/index.ts"

export type LiveOrigin = {
  readonly notebook: NotebookId
  /** Null when it was opened from a version, or the run is not kept any more. */
  readonly run: string | null
  readonly ofNotebook: NotebookId
  readonly version: number
  /** The cell before which the replay ends; "": it goes to the end. */
  readonly cell: string
  /** The digest of the environment that was agreed to; null: what the notebook asks for. */
  readonly environment: string | null
  /** It took over the kernel that the run had left. */
  readonly isAttached: boolean
  readonly openedBy: string
  readonly openedAt: number
}

export async function insertOrigin(db: Db, origin: LiveOrigin): Promise<void> {
  await sql`
    INSERT INTO live_origin (notebook_id, run_id, of_notebook, version, cell, environment, is_attached, opened_by, opened_at)
    VALUES (${origin.notebook}, ${origin.run}, ${origin.ofNotebook}, ${origin.version}, ${origin.cell}, ${origin.environment}, ${origin.isAttached},
      ${origin.openedBy}, ${new Date(origin.openedAt)})`.execute(db)
}

export async function findOrigin(db: Db, notebook: string): Promise<LiveOrigin | undefined> {
  const { rows } = await sql<LiveOrigin>`
    SELECT notebook_id AS notebook, run_id AS run, of_notebook AS "ofNotebook", version, cell, environment, is_attached AS "isAttached",
      opened_by AS "openedBy", opened_at AS "openedAt"
    FROM live_origin WHERE notebook_id = ${notebook}`.execute(db)
  return rows[0]
}
