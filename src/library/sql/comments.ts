import { sql } from "kysely"
import { newId } from "#base/id.ts"
import { accepted } from "#base/outcome.ts"
import { attempt, type Db } from "#database/index.ts"
import { type CommentRow, toldOf } from "#library/comment.ts"
import type { NotebookRow } from "#library/notebook-row.ts"
import { type Catalogued, notAllowed, refuse } from "#library/refusal.ts"
import { getNotebook, notebookFor } from "#library/sql/find-notebook.ts"
import type { CatalogWorld } from "#library/sql/permit.ts"
import { type Actor, audit, can, notify, type PersonId, type SpaceId, verdict } from "#people/index.ts"

const COLUMNS = sql`c.id, c.notebook_id AS notebook, c.thread_id AS thread, t.cell_id AS cell,
  json_build_object('id', a.id, 'name', a.name) AS author, CASE WHEN c.deleted_at IS NULL THEN c.body ELSE '' END AS text,
  c.created_at AS "createdAt", c.edited_at AS "editedAt", c.resolved_at AS "resolvedAt",
  CASE WHEN r.id IS NOT NULL THEN json_build_object('id', r.id, 'name', r.name) END AS "resolvedBy", c.deleted_at AS "deletedAt"`
const TABLES = sql`comment c JOIN comment t ON t.id = c.thread_id JOIN person a ON a.id = c.author_id LEFT JOIN person r ON r.id = c.resolved_by`
const MOST = 5000

/** Threads in the order they were begun, each followed by its answers. */
export async function listComments(
  db: Db,
  actor: Actor,
  { notebook, resolved }: { readonly notebook: string; readonly resolved?: boolean | undefined },
): Promise<Catalogued<readonly CommentRow[]>> {
  const found = await getNotebook(db, actor, notebook)
  if (!found.ok) return found
  const which = resolved === undefined ? sql`true` : resolved ? sql`t.resolved_at IS NOT NULL` : sql`t.resolved_at IS NULL`
  const said = await sql<CommentRow>`
    SELECT ${COLUMNS} FROM ${TABLES} WHERE c.notebook_id = ${found.value.id} AND ${which} ORDER BY c.thread_id, c.id LIMIT ${MOST}`.execute(db)
  return accepted(said.rows)
}

export type Say = {
  readonly notebook: string
  readonly text: string
  /** The first comment of the thread that is answered; without it a thread is begun. */
  readonly thread?: string | undefined
  readonly cell?: string | undefined
  readonly mentions: readonly PersonId[]
}

export async function addComment(world: CatalogWorld, actor: Actor, say: Say): Promise<Catalogued<CommentRow>> {
  const doing = { action: "comment", verb: "comment.add", words: "comment on this notebook" } as const
  const found = await notebookFor(world, actor, say.notebook, doing)
  if (!found.ok) return found
  const notebook = found.value
  const at = world.clock.now()
  const id = newId<"Comment">(at, world.random)
  return attempt(world.db, async (tx) => {
    const thread = say.thread ?? id
    const before = say.thread === undefined ? [] : await speakersIn(tx, say.thread, notebook.id)
    if (say.thread !== undefined && before.length === 0) return noSuchComment()
    await sql`
      INSERT INTO comment (id, space_id, notebook_id, thread_id, cell_id, author_id, body, created_at)
      VALUES (${id}, ${notebook.space.id}, ${notebook.id}, ${thread}, ${say.cell ?? ""}, ${actor.id}, ${say.text}, ${new Date(at)})`.execute(tx)
    await tellOf(tx, { notebook, comment: id, thread, author: actor, before, mentions: say.mentions, at })
    await record(tx, actor, { action: "comment.add", notebook: notebook.id, space: notebook.space.id, detail: { comment: id, thread }, at })
    const row = await commentRow(tx, id)
    return row ? accepted(row) : noSuchComment()
  })
}

type Told = {
  readonly notebook: NotebookRow
  readonly comment: string
  readonly thread: string
  readonly author: Actor
  readonly before: readonly PersonId[]
  readonly mentions: readonly PersonId[]
  readonly at: number
}

/** A thread is one notice: what was said last in it is what one is told. Who may not read the notebook is not told that it is there. */
async function tellOf(tx: Db, { notebook, comment, thread, author, before, mentions, at }: Told): Promise<void> {
  for (const { to, kind } of toldOf({ author: author.id, mentions, before, owner: notebook.owner.id })) {
    const reader: Actor = { id: to, name: "", isAdmin: false, via: { kind: "session", session: "" } }
    if (!(await can(tx, reader, "read", { space: notebook.space.id, notebook: notebook.id }))) continue
    await notify(tx, [{ kind, to, about: `comment/${thread}`, space: notebook.space.id, notebook: notebook.id, comment, by: author.id, at }])
  }
}

export type Amend = { readonly comment: string; readonly text?: string | undefined; readonly isResolved?: boolean | undefined }

/** What one said oneself may be said otherwise; a thread is settled, or opened again, by whoever may comment. */
export async function changeComment(world: CatalogWorld, actor: Actor, { comment, text, isResolved }: Amend): Promise<Catalogued<CommentRow>> {
  const seen = await commentFor(world.db, actor, comment)
  if (!seen.ok) return seen
  const row = seen.value
  const { space } = seen
  if (text !== undefined && row.author.id !== actor.id) return notAllowed("change what somebody else said")
  if (isResolved !== undefined && row.thread !== row.id) return refuse("not_allowed", "Only a whole thread is resolved: name its first comment.")
  const at = world.clock.now()
  const now = new Date(at)
  return attempt(world.db, async (tx) => {
    const recordIf = async ({ numAffectedRows }: { readonly numAffectedRows?: bigint | undefined }, action: string) => {
      if (Number(numAffectedRows ?? 0) > 0) await record(tx, actor, { action, notebook: row.notebook, space, detail: { comment }, at })
    }
    if (text !== undefined)
      await recordIf(
        await sql`UPDATE comment SET body = ${text}, edited_at = ${now} WHERE id = ${comment} AND deleted_at IS NULL AND body <> ${text}`.execute(tx),
        "comment.edit",
      )
    if (isResolved === true)
      await recordIf(
        await sql`UPDATE comment SET resolved_at = ${now}, resolved_by = ${actor.id} WHERE id = ${comment} AND resolved_at IS NULL`.execute(tx),
        "comment.resolve",
      )
    if (isResolved === false)
      await recordIf(
        await sql`UPDATE comment SET resolved_at = NULL, resolved_by = NULL WHERE id = ${comment} AND resolved_at IS NOT NULL`.execute(tx),
        "comment.reopen",
      )
    const changed = await commentRow(tx, comment)
    return changed ? accepted(changed) : noSuchComment()
  })
}

/** By its author, or by whoever administers the notebook. */
export async function deleteComment(world: CatalogWorld, actor: Actor, comment: string): Promise<Catalogued<undefined>> {
  const seen = await commentFor(world.db, actor, comment)
  if (!seen.ok) return seen
  const { author, notebook } = seen.value
  const { space } = seen
  const isOwn = author.id === actor.id
  if (!isOwn && !(await can(world.db, actor, "administer", { space, notebook }))) return notAllowed("delete what somebody else said")
  const at = world.clock.now()
  return attempt(world.db, async (tx) => {
    const gone = await sql`UPDATE comment SET deleted_at = ${new Date(at)}, body = '' WHERE id = ${comment} AND deleted_at IS NULL`.execute(tx)
    const detail = { comment, author: author.id }
    if (Number(gone.numAffectedRows ?? 0) > 0) await record(tx, actor, { action: "comment.delete", notebook, space, detail, at })
    return accepted(undefined)
  })
}

type Recorded = {
  readonly action: string
  readonly notebook: string
  readonly space: SpaceId
  /** Ids alone: what was said may be taken back, a record never. */
  readonly detail: Readonly<Record<string, string>>
  readonly at: number
}

async function record(tx: Db, actor: Actor, { action, notebook, space, detail, at }: Recorded): Promise<void> {
  await audit(tx, { actor, action, thing: `notebook/${notebook}`, space, outcome: "done", detail, at })
}

/** One that the actor may answer. */
async function commentFor(db: Db, actor: Actor, id: string) {
  const row = await commentRow(db, id)
  const notebook = row && (await getNotebook(db, actor, row.notebook))
  if (!row || !notebook?.ok || notebook.value.trashedAt !== null || row.deletedAt !== null) return noSuchComment()
  const space = notebook.value.space.id
  if ((await verdict(db, actor, "comment", { space, notebook: row.notebook })) !== "allowed") return notAllowed("comment on this notebook")
  return { ...accepted(row), space }
}

async function commentRow(db: Db, id: string): Promise<CommentRow | undefined> {
  const found = await sql<CommentRow>`SELECT ${COLUMNS} FROM ${TABLES} WHERE c.id = ${id}`.execute(db)
  return found.rows[0]
}

/** Empty when there is no such thread on this notebook. */
async function speakersIn(tx: Db, thread: string, notebook: string): Promise<readonly PersonId[]> {
  const found = await sql<{ author: PersonId }>`
    SELECT DISTINCT c.author_id AS author FROM comment c JOIN comment t ON t.id = c.thread_id
    WHERE c.thread_id = ${thread} AND t.thread_id = t.id AND c.notebook_id = ${notebook}`.execute(tx)
  return found.rows.map(({ author }) => author)
}

function noSuchComment() {
  return refuse("no_such_comment", "There is no such comment, or you may not see it.")
}
