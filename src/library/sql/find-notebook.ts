import { type RawBuilder, sql } from "kysely"
import { accepted } from "#base/outcome.ts"
import type { Db } from "#database/index.ts"
import type { NotebookRow } from "#library/notebook-row.ts"
import { splitAddress } from "#library/path.ts"
import type { LibraryWorld } from "#library/ports.ts"
import { type Catalogued, noSuch } from "#library/refusal.ts"
import { isId } from "#library/sql/find-space.ts"
import { told } from "#library/sql/permit.ts"
import {
  type Action,
  type Actor,
  type Fetched,
  type NotebookId,
  type PersonId,
  type SpaceId,
  standingColumn,
  type Verdict,
  verdictFrom,
} from "#people/index.ts"

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
  readonly codeHidden: boolean
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
  n.max_running AS "maxRunning", n.code_hidden AS "codeHidden", n.created_at AS "createdAt", n.updated_at AS "updatedAt", n.updated_by AS "updatedBy",
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
  const which = named(ref)
  return which && (await notebooksWhere(db, which))[0]
}

function named(ref: string): RawBuilder<unknown> | undefined {
  if (ref.includes("\0")) return undefined
  const address = splitAddress(ref)
  if (!address && !isId(ref)) return undefined
  const which = address ? sql`s.name = ${address.space} AND n.path = ${address.path.normalize("NFC")} AND n.trashed_at IS NULL` : sql`n.id = ${ref}`
  return sql`${which} AND s.trashed_at IS NULL`
}

type Judged = { readonly notebook: NotebookRow; readonly said: Verdict; readonly may: (deed: Deed) => boolean }

/** The same, and whether the actor may do this with it. */
async function judgedRow(db: Db, actor: Actor, action: Deed, ref: string): Promise<Judged | undefined> {
  const which = named(ref)
  if (!which) return undefined
  const column = standingColumn(actor, { space: "n.space_id", notebook: "n.id" })
  const found = await sql<FlatNotebook & { standing: Fetched }>`
    SELECT ${NOTEBOOK_COLUMNS}, ${column} AS standing FROM ${NOTEBOOK_TABLES} WHERE ${which}`.execute(db)
  if (!found.rows[0]) return undefined
  const { standing, ...flat } = found.rows[0]
  const least = (deed: Deed) => (deed !== "read_code" ? deed : flat.codeHidden ? "read_hidden_code" : "read")
  const verdict = (deed: Deed) => verdictFrom(standing, actor, least(deed), { space: flat.spaceId, notebook: flat.id })
  return { notebook: toNotebook(flat), said: verdict(action), may: (deed) => verdict(deed) === "allowed" }
}

/** In no order. */
export async function notebooksWhere(db: Db, where: RawBuilder<unknown>): Promise<readonly NotebookRow[]> {
  const found = await sql<FlatNotebook>`SELECT ${NOTEBOOK_COLUMNS} FROM ${NOTEBOOK_TABLES} WHERE ${where}`.execute(db)
  return found.rows.map(toNotebook)
}

/** One that the actor may read; in the trash only by its id. */
export async function getNotebook(db: Db, actor: Actor, ref: string): Promise<Catalogued<NotebookRow>> {
  const found = await judgedRow(db, actor, "read", ref)
  return found?.said === "allowed" ? accepted(found.notebook) : noSuch("notebook", ref)
}

/** What the asker may do with it, at this moment. */
export type NotebookMay = {
  readonly readCode: boolean
  readonly comment: boolean
  readonly run: boolean
  readonly edit: boolean
  readonly administer: boolean
}

/** The same, with what the actor may do with it. */
export async function getNotebookAnd(
  db: Db,
  actor: Actor,
  ref: string,
): Promise<Catalogued<{ readonly notebook: NotebookRow; readonly may: NotebookMay }>> {
  const found = await judgedRow(db, actor, "read", ref)
  if (found?.said !== "allowed") return noSuch("notebook", ref)
  const { notebook, may } = found
  const rights = { readCode: may("read_code"), comment: may("comment"), run: may("run"), edit: may("edit"), administer: may("administer") }
  return accepted({ notebook, may: rights })
}

/** `read_code`: see its code, which takes more where it is hidden. */
export type Deed = Action | "read_code"

export type NotebookDoing = { readonly action: Deed; readonly verb: string; readonly words: string; readonly trashed?: boolean | "either" }

/** One with which the actor may do this; not in the trash unless it is asked for there, or wherever it is. */
export async function notebookFor(
  world: Pick<LibraryWorld, "db" | "clock">,
  actor: Actor,
  ref: string,
  doing: NotebookDoing,
): Promise<Catalogued<NotebookRow>> {
  const found = await judgedRow(world.db, actor, doing.action, ref)
  const hidden = noSuch("notebook", ref)
  if (!found) return hidden
  const { notebook, said } = found
  const permitted = await told(world, actor, said, { ...doing, thing: { space: notebook.space.id, notebook: notebook.id }, hidden })
  if (!permitted.ok) return permitted
  const { trashed = false } = doing
  return trashed === "either" || (notebook.trashedAt !== null) === trashed ? accepted(notebook) : hidden
}
