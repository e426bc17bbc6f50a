/** Runs as they are shown, with the names of what they belong to. */
import { type RawBuilder, sql } from "kysely"
import type { Db } from "#database/index.ts"
import { type Actor, type Fetched, standingColumn } from "#people/index.ts"
import type { AttemptRow, RunRow } from "#work/row.ts"
import { KEPT_STATE } from "#work/sql/kept-kernel.ts"

// Most runs have none, and to sort and gather nothing costs PostgreSQL more than to see that there is nothing.
const FILES = sql`CASE WHEN EXISTS (SELECT FROM run_file f WHERE f.run_id = r.id) THEN (
    SELECT json_agg(json_build_object('parameter', f.parameter, 'place', f.place, 'upload', u.id, 'name', u.name, 'sha256', u.sha256, 'sizeBytes', u.size_bytes)
      ORDER BY f.parameter, f.place)
    FROM run_file f JOIN upload u ON u.id = f.upload_id WHERE f.run_id = r.id) ELSE '[]'::json END`

/** What its own row says, with the files that it was ordered with: it changes only when the row is written anew. */
const OWN = sql`r.id, r.space_id AS space, r.notebook_id AS notebook, r.version,
    r.version_sha256 AS "versionSha256", r.parameters, r.secret_names AS "secretNames", ${FILES} AS files, r.labels, r.orchestrator, r.openlineage, r.rig, r.trigger,
    r.ordered_by AS "orderedBy", r.priority,
    r.created_at AS "createdAt", r.state, r.reason, r.explanation, r.desired, r.attempt, r.not_before AS "notBefore", r.started_at AS "startedAt", r.ended_at AS "endedAt",
    r.environment_sha256 AS environment, r.cells_done AS "cellsDone", r.cells_total AS "cellsTotal", r.current_cell AS "currentCell",
    r.failed_cell AS "failedCell", r.error,
    CASE WHEN (r.error->>'forUser')::boolean THEN left(r.error->>'evalue', 1000) ELSE '' END AS message, r.result_sha256 AS "resultSha256", r.result_bytes AS "resultBytes",
    r.keepalive_ms AS "keepaliveMs", r.seq, r.log_bytes AS "logBytes", r.template_id AS template, r.ran_as AS "ranAs"`

/** The kernel that is kept is that of the attempt with which the run failed. */
function ofKept(column: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`CASE WHEN r.state = 'failed' THEN (
    SELECT ${column} FROM kept_kernel k LEFT JOIN worker kw ON kw.id = k.worker_id WHERE k.run_id = r.id AND k.attempt = r.attempt) END`
}

/** What it is told with that is not its own: names, and what became of its kernel. */
const BESIDE = sql`s.name AS "spaceName", n.path AS "notebookPath", n.title AS "notebookTitle", n.code_hidden AS "codeHidden", p.name AS "orderedByName", a.name AS "ranAsName",
    ${ofKept(sql`k.until`)} AS "kernelUntil", ${ofKept(KEPT_STATE)} AS "kernelIs"`
const NAMED = sql`r JOIN space s ON s.id = r.space_id JOIN notebook n ON n.id = r.notebook_id JOIN person p ON p.id = r.ordered_by
  LEFT JOIN person a ON a.id = r.ran_as`

/** Every column of RunRow. */
const COLUMNS = sql`${OWN}, ${BESIDE}`

/** Runs as rows of `source`, which has the columns of the table; to be followed by conditions on r (run), s (space), n (notebook), p (person). */
export function selectRuns(source: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`SELECT ${COLUMNS} FROM ${source} ${NAMED}`
}

export type Beside = Pick<
  RunRow,
  "id" | "spaceName" | "notebookPath" | "notebookTitle" | "codeHidden" | "orderedByName" | "ranAsName" | "kernelUntil" | "kernelIs"
>
/** `written` is another one whenever its own row was written. */
export type Written = { readonly written: string }

const WRITTEN = sql`r.xmin::text AS written`

/** Both to be followed by the same conditions: which runs there are, and all of them. */
export const SELECT_BESIDE: RawBuilder<unknown> = sql`SELECT r.id, ${WRITTEN}, ${BESIDE} FROM run ${NAMED}`
export const SELECT_WRITTEN: RawBuilder<unknown> = sql`SELECT ${WRITTEN}, ${COLUMNS} FROM run ${NAMED}`

export async function findRun(db: Db, id: string): Promise<RunRow | undefined> {
  const { rows } = await sql<RunRow>`${selectRuns(sql`run`)} WHERE r.id = ${id}`.execute(db)
  return rows[0]
}

/** The run, and what tells whether the actor may do something with it. */
export async function findRunFor(db: Db, actor: Actor, id: string): Promise<{ readonly run: RunRow; readonly standing: Fetched } | undefined> {
  const standing = standingColumn(actor, { space: "r.space_id", notebook: "r.notebook_id" })
  const { rows } = await sql<RunRow & { standing: Fetched }>`SELECT ${COLUMNS}, ${standing} AS standing FROM run ${NAMED} WHERE r.id = ${id}`.execute(
    db,
  )
  if (!rows[0]) return undefined
  const { standing: fetched, ...run } = rows[0]
  return { run, standing: fetched }
}

export type Keyed = { readonly run: RunRow; readonly requestDigest: string | null }

export async function findByKey(db: Db, orderedBy: string, key: string): Promise<Keyed | undefined> {
  const { rows } = await sql<RunRow & { requestDigest: string | null }>`
    SELECT ${COLUMNS}, r.request_digest AS "requestDigest" FROM run ${NAMED}
    WHERE r.ordered_by = ${orderedBy} AND r.idempotency_key = ${key}`.execute(db)
  if (!rows[0]) return undefined
  const { requestDigest, ...run } = rows[0]
  return { run, requestDigest }
}

export async function findAttempts(db: Db, run: string): Promise<readonly AttemptRow[]> {
  const { rows } = await sql<AttemptRow>`
    SELECT number, state, reason, explanation, worker_id AS worker, host, started_at AS "startedAt", ended_at AS "endedAt",
      environment_sha256 AS environment, cells, failed_cell AS "failedCell", error, outputs, result_sha256 AS "resultSha256",
      result_bytes AS "resultBytes", journal_sha256 AS "journalSha256"
    FROM attempt WHERE run_id = ${run} ORDER BY number`.execute(db)
  return rows
}

/** How many queued runs are before this one: those of a higher priority, and of the same that came earlier. */
export async function placeInLine(db: Db, { id, priority }: Pick<RunRow, "id" | "priority">): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    SELECT count(*) AS count FROM run WHERE state = 'queued' AND (priority > ${priority} OR (priority = ${priority} AND id < ${id}))`.execute(db)
  return rows[0]?.count ?? 0
}
