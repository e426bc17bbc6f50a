import { type RawBuilder, sql } from "kysely"
import { accepted } from "#base/outcome.ts"
import type { Db } from "#database/index.ts"
import type { NotebookRow } from "#library/notebook-row.ts"
import { splitAddress } from "#library/path.ts"
import type { LibraryWorld } from "#library/ports.ts"
import { type Catalogued, noSuch } from "#library/refusal.ts"
import { isId } from "#library/sql/find-space.ts"
import { permit } from "#library/sql/permit.ts"
import { type Action, type Actor, can, type NotebookId, type PersonId, type SpaceId } from "#people/index.ts"

/** One notebook, flat, as PostgreSQL gives it. */
export type FlatNotebook = {
  readonly id: NotebookId
  readonly spaceId: SpaceId
  readonly spaceName: string
  readonly path: string
  readonly title: string
  readonly ownerId: PersonId
  readonly ownerName: string
  readonly ownerHasLeft: boolean
  readonly language: string
  readonly tags: readonly string[]
  readonly latest: number
  readonly hasParameters: boolean
  readonly maxRunning: number | null
  readonly createdAt: number
  readonly updatedAt: number
  readonly updatedBy: PersonId | null
  readonly trashedAt: number | null
  readonly lastRunAt: number | null
  readonly lastRunState: string | null
  readonly runsWeek: number
  readonly failuresWeek: number
  readonly viewersWeek: number
}

/** Of `notebook n`, `space s` and `person p`. */
export const NOTEBOOK_COLUMNS = sql`n.id, n.space_id AS "spaceId", s.name AS "spaceName", n.path, n.title, n.owner_id AS "ownerId",
  p.name AS "ownerName", p.disabled_at IS NOT NULL AS "ownerHasLeft", n.language, n.tags, n.latest, n.has_parameters AS "hasParameters",
  n.max_running AS "maxRunning", n.created_at AS "createdAt", n.updated_at AS "updatedAt", n.updated_by AS "updatedBy",
  n.trashed_at AS "trashedAt", n.last_run_at AS "lastRunAt", n.last_run_state AS "lastRunState", n.runs_week AS "runsWeek",
  n.failures_week AS "failuresWeek", n.viewers_week AS "viewersWeek"`

export const NOTEBOOK_TABLES = sql`notebook n JOIN space s ON s.id = n.space_id JOIN person p ON p.id = n.owner_id`

export function toNotebook(flat: FlatNotebook): NotebookRow {
  const { spaceId, spaceName, ownerId, ownerName, ownerHasLeft, lastRunAt, lastRunState, runsWeek, failuresWeek, viewersWeek, ...rest } = flat
  return {
    ...rest,
    space: { id: spaceId, name: spaceName },
    owner: { id: ownerId, name: ownerName, hasLeft: ownerHasLeft },
    usage: { lastRunAt, lastRunState, runsWeek, failuresWeek, viewersWeek },
  }
}

/** By id (also in the trash) or `space/path`, whoever asks. What stands in a space in the trash is not there. */
export async function notebookRow(db: Db, ref: string): Promise<NotebookRow | undefined> {
  if (ref.includes("\0")) return undefined
  const address = splitAddress(ref)
  if (!address && !isId(ref)) return undefined
  const which = address ? sql`s.name = ${address.space} AND n.path = ${address.path.normalize("NFC")} AND n.trashed_at IS NULL` : sql`n.id = ${ref}`
  return (await notebooksWhere(db, sql`${which} AND s.trashed_at IS NULL`))[0]
}

/** In no order. */
export async function notebooksWhere(db: Db, where: RawBuilder<unknown>): Promise<readonly NotebookRow[]> {
  const found = await sql<FlatNotebook>`SELECT ${NOTEBOOK_COLUMNS} FROM ${NOTEBOOK_TABLES} WHERE ${where}`.execute(db)
  return found.rows.map(toNotebook)
}

/** One that the actor may read; in the trash only by its id. */
export async function getNotebook(db: Db, actor: Actor, ref: string): Promise<Catalogued<NotebookRow>> {
  const found = await notebookRow(db, ref)
  const mayRead = found && (await can(db, actor, "read", { space: found.space.id, notebook: found.id }))
  return mayRead ? accepted(found) : noSuch("notebook", ref)
}

export type NotebookDoing = { readonly action: Action; readonly verb: string; readonly words: string; readonly trashed?: boolean }

/** One with which the actor may do this; not in the trash unless it is asked for there. */
export async function notebookFor(
  world: Pick<LibraryWorld, "db" | "clock">,
  actor: Actor,
  ref: string,
  doing: NotebookDoing,
): Promise<Catalogued<NotebookRow>> {
  const found = await notebookRow(world.db, ref)
  const hidden = noSuch("notebook", ref)
  if (!found) return hidden
  const permitted = await permit(world, actor, { ...doing, thing: { space: found.space.id, notebook: found.id }, hidden })
  if (!permitted.ok) return permitted
  return (found.trashedAt !== null) === (doing.trashed ?? false) ? accepted(found) : hidden
}
