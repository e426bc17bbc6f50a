/** Sessions as the database has them: a copy of what the worker knows, and the sole word on whether one lives. */
import { sql } from "kysely"
import { toIso } from "#base/time.ts"
import type { Db } from "#database/index.ts"
import { type Actor, mayList, settleNotices } from "#people/index.ts"
import { waitingFor } from "#work/session-about.ts"
import type { SessionState, SessionView } from "#work/session-view.ts"
import { OPEN_SINCE } from "#work/sql/lease.ts"

/** Payload: the notebook. */
export const SESSION_CHANNEL = "stet_session"

export type SessionRow = {
  readonly id: string
  readonly space: string
  readonly notebook: string
  readonly worker: string
  /** Where its worker is reached; null when that one is forgotten. */
  readonly address: string | null
  readonly state: SessionState
  readonly explanation: string
  readonly kernelName: string
  readonly displayName: string
  readonly language: string
  readonly environment: string
  readonly startedBy: string
  readonly startedByName: string
  readonly features: readonly string[]
  readonly startedAt: number
  readonly endedAt: number | null
  readonly idleUntil: number | null
}

const COLUMNS = sql`s.id, s.space_id AS space, s.notebook_id AS notebook, s.worker_id AS worker, w.address, s.state, s.explanation,
  s.kernel_name AS "kernelName", s.display_name AS "displayName", s.language, s.environment, s.started_by AS "startedBy",
  p.name AS "startedByName", s.features, s.started_at AS "startedAt", s.ended_at AS "endedAt", s.idle_until AS "idleUntil"`
const TABLES = sql`session s JOIN person p ON p.id = s.started_by LEFT JOIN worker w ON w.id = s.worker_id`

/** The one that lives, or the last one. */
export async function latestSession(db: Db, notebook: string): Promise<SessionRow | undefined> {
  const { rows } = await sql<SessionRow>`
    SELECT ${COLUMNS} FROM ${TABLES} WHERE s.notebook_id = ${notebook} ORDER BY s.id DESC LIMIT 1`.execute(db)
  return rows[0]
}

export type LivingSession = Omit<SessionRow, "state"> & {
  readonly state: Exclude<SessionState, "lost" | "ended">
  readonly path: string
  readonly spaceName: string
}

/** Those whose notebooks the actor may read. */
export async function livingSessions(db: Db, actor: Actor): Promise<readonly LivingSession[]> {
  const { rows } = await sql<LivingSession>`
    SELECT ${COLUMNS}, n.path, sp.name AS "spaceName" FROM ${TABLES} JOIN notebook n ON n.id = s.notebook_id JOIN space sp ON sp.id = n.space_id
    WHERE s.state NOT IN ('lost', 'ended') AND ${mayList(actor, "read", { space: "n.space_id", notebook: "n.id" })}
    ORDER BY s.id DESC LIMIT 1000`.execute(db)
  return rows
}

export async function findLivingSession(db: Db, actor: Actor, id: string): Promise<SessionRow | undefined> {
  const { rows } = await sql<SessionRow>`
    SELECT ${COLUMNS} FROM ${TABLES} JOIN notebook n ON n.id = s.notebook_id
    WHERE s.id = ${id} AND s.state NOT IN ('lost', 'ended') AND ${mayList(actor, "read", { space: "n.space_id", notebook: "n.id" })}`.execute(db)
  return rows[0]
}

export function viewOfRow(row: SessionRow): SessionView {
  return {
    id: row.id,
    state: row.state,
    explanation: row.explanation,
    kernelName: row.kernelName,
    displayName: row.displayName,
    language: row.language,
    environment: row.environment,
    startedBy: { id: row.startedBy, name: row.startedByName },
    startedAt: toIso(row.startedAt),
    features: row.features as SessionView["features"],
    ...(row.idleUntil === null ? {} : { endsAt: toIso(row.idleUntil) }),
  }
}

export type NewSession = {
  readonly id: string
  readonly space: string
  readonly notebook: string
  readonly worker: string
  readonly host: string
  readonly startedBy: string
  readonly environmentAsked: string | undefined
  readonly leaseMs: number
}

/** False when there is one that lives already. */
export async function insertSession(db: Db, session: NewSession): Promise<boolean> {
  const { numAffectedRows } = await sql`
    INSERT INTO session (id, space_id, notebook_id, worker_id, host, state, started_by, environment_asked, started_at, lease_until)
    VALUES (${session.id}, ${session.space}, ${session.notebook}, ${session.worker}, ${session.host}, 'starting', ${session.startedBy},
      ${session.environmentAsked ?? null}, clock_timestamp(), clock_timestamp() + make_interval(secs => ${session.leaseMs / 1000}))
    ON CONFLICT (notebook_id) WHERE state NOT IN ('lost', 'ended') DO NOTHING`.execute(db)
  return (numAffectedRows ?? 0n) > 0n
}

export type SessionSaid = {
  readonly view: SessionView
  readonly environmentSha256: string | undefined
  readonly idleUntil: number
  readonly endedAt: number
}

/** False when it is not this worker's, or over in the database. */
export async function updateSession(db: Db, worker: string, { view, environmentSha256, idleUntil, endedAt }: SessionSaid): Promise<boolean> {
  const { numAffectedRows } = await sql`
    UPDATE session SET state = ${view.state}, explanation = ${storable(view.explanation)}, kernel_name = ${view.kernelName},
      display_name = ${view.displayName}, language = ${view.language}, environment = ${view.environment},
      environment_sha256 = ${environmentSha256 ?? null}, features = ${[...view.features]},
      idle_until = ${dateOf(idleUntil)}, ended_at = ${dateOf(endedAt)}
    WHERE id = ${view.id} AND worker_id = ${worker} AND state NOT IN ('lost', 'ended')`.execute(db)
  return (numAffectedRows ?? 0n) > 0n
}

export async function nameWidgets(
  db: Db,
  { session, worker, sha256 }: { readonly session: string; readonly worker: string; readonly sha256: string },
): Promise<void> {
  await sql`UPDATE session SET widgets_sha256 = ${sha256} WHERE id = ${session} AND worker_id = ${worker}`.execute(db)
}

/** Of the last session of a notebook that had any. */
export async function widgetsOf(db: Db, notebook: string): Promise<string | undefined> {
  const { rows } = await sql<{ sha256: string }>`
    SELECT widgets_sha256 AS sha256 FROM session WHERE notebook_id = ${notebook} AND widgets_sha256 IS NOT NULL ORDER BY id DESC LIMIT 1`.execute(db)
  return rows[0]?.sha256
}

/** Prolongs the leases of these; gives the ones that are still this worker's. */
export async function prolongSessions(
  db: Db,
  worker: string,
  { sessions, leaseMs }: { readonly sessions: readonly string[]; readonly leaseMs: number },
): Promise<ReadonlySet<string>> {
  if (sessions.length === 0) return new Set()
  const { rows } = await sql<{ id: string }>`
    UPDATE session SET lease_until = clock_timestamp() + make_interval(secs => ${leaseMs / 1000})
    WHERE id = ANY(${sessions}) AND worker_id = ${worker} AND state NOT IN ('lost', 'ended') RETURNING id`.execute(db)
  return new Set(rows.map(({ id }) => id))
}

const LOST =
  "The worker that held this session died or could not be reached any more, and its kernel with it. Start it again and run the cells that you need."

/** Those whose lease is over are lost, and what they ran; gives their notebooks. By the database's clock alone: see reconcile.ts. */
export async function loseSessions(db: Db, leaseMs: number): Promise<readonly string[]> {
  const { rows } = await sql<{ id: string; notebook: string }>`
    UPDATE session SET state = 'lost', explanation = ${LOST}, ended_at = clock_timestamp(), idle_until = NULL
    WHERE state NOT IN ('lost', 'ended') AND lease_until < clock_timestamp()
      AND ${OPEN_SINCE} + make_interval(secs => ${leaseMs / 1000}) < clock_timestamp()
    RETURNING id, notebook_id AS notebook`.execute(db)
  await loseExecutions(db, rows)
  return rows.map(({ notebook }) => notebook)
}

/** This one, whose worker is known to be dead; false when it was over already. */
export async function loseSession(db: Db, id: string): Promise<boolean> {
  const { rows } = await sql<{ id: string; notebook: string }>`
    UPDATE session SET state = 'lost', explanation = ${LOST}, ended_at = clock_timestamp(), idle_until = NULL
    WHERE id = ${id} AND state NOT IN ('lost', 'ended') RETURNING id, notebook_id AS notebook`.execute(db)
  await loseExecutions(db, rows)
  return rows.length > 0
}

async function loseExecutions(db: Db, lost: readonly { readonly id: string; readonly notebook: string }[]): Promise<void> {
  if (lost.length === 0) return
  const { rows } = await sql<{ id: string }>`
    UPDATE execution SET state = CASE state WHEN 'running' THEN 'lost' ELSE 'not_run' END, ended_at = clock_timestamp(),
      explanation = 'The worker that ran it died.'
    WHERE session_id = ANY(${lost.map(({ id }) => id)}) AND state IN ('queued', 'running') RETURNING id`.execute(db)
  // Nobody can answer them any more.
  await settleNotices(
    db,
    rows.map(({ id }) => waitingFor(id)),
  )
  for (const { notebook } of lost) await tellSession(db, notebook)
}

/** Whoever follows that notebook's session looks again. */
export async function tellSession(db: Db, notebook: string): Promise<void> {
  await sql`SELECT pg_notify(${SESSION_CHANNEL}, ${notebook})`.execute(db)
}

export type SessionHostRow = { readonly id: string; readonly host: string; readonly address: string }

/** Workers that take sessions, the one with the most room first. */
export async function workersForSessions(db: Db, leaseMs: number): Promise<readonly SessionHostRow[]> {
  const { rows } = await sql<SessionHostRow>`
    SELECT w.id, w.host, w.address FROM worker w CROSS JOIN LATERAL (
      SELECT coalesce((w.facts->>'sessionSlots')::int, 0) - (SELECT count(*) FROM session s WHERE s.worker_id = w.id AND s.state NOT IN ('lost', 'ended')) AS room
    ) r
    WHERE NOT w.draining AND w.address <> '' AND r.room > 0 AND w.seen_at > clock_timestamp() - make_interval(secs => ${(2 * leaseMs) / 1000})
    ORDER BY r.room DESC, w.id DESC`.execute(db)
  return rows
}

/** Text as PostgreSQL may hold it. */
export function storable(text: string): string {
  return text.replaceAll("\0", "").toWellFormed()
}

export function dateOf(ms: number): Date | null {
  return ms === 0 ? null : new Date(ms)
}
