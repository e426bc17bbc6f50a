/** What waits for somebody: one row of their inbox each. A notice holds ids, so that what they may not see any more is not told. */
import { sql } from "kysely"
import type { Db } from "#database/index.ts"
import type { Actor } from "#people/actor.ts"
import type { NotebookId, PersonId, SpaceId } from "#people/ids.ts"
import { mayList } from "#people/sql/listed.ts"

export type NoticeKind =
  | "mention"
  | "reply"
  | "run_failed"
  | "run_told"
  | "run_ended"
  | "tests_failed"
  | "tests_waiting"
  | "input_waiting"
  | "access_asked"
  | "access_given"
  | "review_asked"
  | "changes_asked"
  | "approved"
  | "promoted"

export type Notice = {
  readonly kind: NoticeKind
  readonly to: PersonId
  /** What makes it one thing: told again, it comes back to the top, unread. */
  readonly about: string
  readonly space?: SpaceId
  readonly notebook?: NotebookId
  readonly run?: string
  readonly comment?: string
  readonly by?: PersonId
  readonly said?: string
  /** Milliseconds since 1970. */
  readonly at: number
}

/** Times in milliseconds since 1970. */
export type NoticeView = {
  readonly id: number
  readonly kind: NoticeKind
  readonly space: { readonly id: SpaceId; readonly name: string } | null
  readonly notebook: { readonly id: NotebookId; readonly path: string; readonly title: string } | null
  readonly run: string | null
  /** The one that it is about. */
  readonly proposal: string | null
  /** Whose tests wait for a yes. */
  readonly version: number | null
  /** The cell that it is about; empty: none. */
  readonly cell: string
  readonly comment: { readonly id: string; readonly cell: string; readonly text: string } | null
  readonly by: { readonly id: PersonId; readonly name: string } | null
  /** Of a run that failed: why, in one line, for those who may see the code. */
  readonly said: string
  readonly at: number
  readonly readAt: number | null
}

/** In the transaction of what it tells of. */
export async function notify(tx: Db, notices: readonly Notice[]): Promise<void> {
  for (const one of notices)
    await sql`
      INSERT INTO notice (person_id, kind, about, space_id, notebook_id, run_id, comment_id, by_id, said, at)
      VALUES (${one.to}, ${one.kind}, ${one.about}, ${one.space ?? null}, ${one.notebook ?? null}, ${one.run ?? null}, ${one.comment ?? null}, ${one.by ?? null},
        ${one.said ?? ""}, ${new Date(one.at)})
      ON CONFLICT (person_id, about) DO UPDATE SET kind = EXCLUDED.kind, run_id = EXCLUDED.run_id, by_id = EXCLUDED.by_id, comment_id = EXCLUDED.comment_id,
        said = EXCLUDED.said, at = EXCLUDED.at, read_at = NULL`.execute(tx)
}

export type NoticeQuery = { readonly unread?: boolean; readonly limit: number; readonly before?: { readonly at: number; readonly id: number } }

/** Of `run r`: what was raised, else what became of it. */
const WHY = sql`left(split_part(coalesce(nullif(concat_ws(': ', nullif(r.error->>'ename', ''), nullif(r.error->>'evalue', '')), ''), r.explanation),
  chr(10), 1), 300)`

/** Newest first. */
export async function listNotices(db: Db, actor: Actor, { unread = false, limit, before }: NoticeQuery): Promise<readonly NoticeView[]> {
  const older = before === undefined ? sql`true` : sql`(o.at, o.id) < (${new Date(before.at)}, ${before.id})`
  const found = await sql<NoticeView>`
    SELECT o.id, o.kind, o.run_id AS run, coalesce(t.cell_id, e.cell, '') AS cell, coalesce(nullif(o.said, ''), ${WHY}, '') AS said, o.at, o.read_at AS "readAt",
      substring(o.about FROM '^(?:proposal|review|reviewed)/(.*)$') AS proposal,
      (SELECT q.version FROM test_run q WHERE o.kind = 'tests_waiting' AND q.id = substr(o.about, 15)) AS version,
      CASE WHEN s.id IS NOT NULL THEN json_build_object('id', s.id, 'name', s.name) END AS space,
      CASE WHEN n.id IS NOT NULL THEN json_build_object('id', n.id, 'path', n.path, 'title', n.title) END AS notebook,
      CASE WHEN b.id IS NOT NULL THEN json_build_object('id', b.id, 'name', b.name) END AS by,
      CASE WHEN c.id IS NOT NULL THEN json_build_object('id', c.id, 'cell', t.cell_id, 'text', left(c.body, 300)) END AS comment
    FROM notice o LEFT JOIN space s ON s.id = o.space_id LEFT JOIN notebook n ON n.id = o.notebook_id LEFT JOIN person b ON b.id = o.by_id
      LEFT JOIN comment c ON c.id = o.comment_id LEFT JOIN comment t ON t.id = c.thread_id
      LEFT JOIN run r ON r.id = o.run_id AND o.kind IN ('run_failed', 'run_ended', 'tests_failed') AND r.state IN ('failed', 'lost')
        AND (NOT n.code_hidden OR ${mayList(actor, "read_hidden_code", { space: "o.space_id", notebook: "o.notebook_id" })})
      LEFT JOIN execution e ON o.kind = 'input_waiting' AND e.id = substr(o.about, 7)
    WHERE ${mine(actor)} AND ${older} AND (NOT ${unread} OR o.read_at IS NULL)
    ORDER BY o.at DESC, o.id DESC LIMIT ${limit}`.execute(db)
  return found.rows
}

export async function countUnread(db: Db, actor: Actor): Promise<number> {
  const found = await sql<{ unread: number }>`
    SELECT count(*)::int AS unread FROM (
      SELECT FROM notice o LEFT JOIN notebook n ON n.id = o.notebook_id LEFT JOIN comment c ON c.id = o.comment_id
      WHERE o.read_at IS NULL AND ${mine(actor)} LIMIT 1000) AS found`.execute(db)
  return found.rows[0]?.unread ?? 0
}

/** All of them without `ids`. @returns how many were unread before */
export async function markRead(
  db: Db,
  actor: Actor,
  { ids, at }: { readonly ids?: readonly number[] | undefined; readonly at: number },
): Promise<number> {
  const which = ids === undefined ? sql`true` : sql`id = ANY (${ids}::bigint[])`
  const done = await sql`UPDATE notice SET read_at = ${new Date(at)} WHERE person_id = ${actor.id} AND read_at IS NULL AND ${which}`.execute(db)
  return Number(done.numAffectedRows ?? 0n)
}

/** What they were about is done, whoever did it; for one person, as far as it was theirs. */
export async function settleNotices(db: Db, abouts: readonly string[], of?: PersonId): Promise<void> {
  const whose = of === undefined ? sql`true` : sql`person_id = ${of}`
  if (abouts.length > 0)
    await sql`UPDATE notice SET read_at = clock_timestamp() WHERE about = ANY(${abouts}) AND ${whose} AND read_at IS NULL`.execute(db)
}

/** Of `notice o`, `notebook n` and `comment c`: the actor's own, about what they may still see and what is still there. */
function mine(actor: Actor) {
  const there = { space: "o.space_id", notebook: "o.notebook_id" }
  // Who may not edit any more approves nothing, and proposals of hidden code are not theirs to see.
  const reviewed = sql`CASE WHEN o.kind = 'review_asked' THEN ${mayList(actor, "edit", there)}
    WHEN o.kind IN ('changes_asked', 'approved', 'promoted') AND n.code_hidden THEN ${mayList(actor, "read_hidden_code", there)} ELSE true END`
  return sql`o.person_id = ${actor.id} AND (o.space_id IS NULL OR ${mayList(actor, "read", there)}) AND ${reviewed}
    AND n.trashed_at IS NULL AND c.deleted_at IS NULL`
}
