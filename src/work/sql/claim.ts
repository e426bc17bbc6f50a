/** Claiming: queued runs become this worker's, each with a new fence and a lease. */
import { sql } from "kysely"
import type { JsonObject } from "#base/json.ts"
import { isObject } from "#base/json.ts"
import type { Rig } from "#case/index.ts"
import type { Db } from "#database/index.ts"
import { type Candidate, choose, type Room } from "#work/choose.ts"
import type { RunLimits } from "#work/launch.ts"
import type { Queue } from "#work/ports.ts"
import { appendEvents } from "#work/sql/events.ts"
import { filesOf, type LaidFile } from "#work/sql/uploads.ts"
import { stateEvent } from "#work/state-event.ts"

export type Claimed = {
  readonly id: string
  readonly attempt: number
  readonly fence: number
  readonly space: string
  readonly notebook: string
  readonly version: number
  readonly parameters: JsonObject
  /** Of the parameters that are files and were given one. */
  readonly files: readonly LaidFile[]
  readonly secrets: Uint8Array | null
  readonly limits: RunLimits
  readonly environmentAsked: string | null
  readonly orderedBy: string
  /** In whose name it goes, when that is not who ordered it, and the consent to that. */
  readonly ranAs: string | null
  readonly consent: string | null
  /** By whose name it was ordered. */
  readonly template: string | null
  readonly keepKernelMs: number | null
  readonly rig: Rig | null
}

export type Claiming = {
  readonly worker: string
  readonly host: string
  readonly slots: number
  readonly leaseMs: number
  readonly queue: Queue
  readonly at: number
}

/** One claim at a time in the whole platform, so that two workers together never pass a limit. */
const CLAIM_LOCK = 7_838_001

export async function claim(db: Db, claiming: Claiming): Promise<readonly Claimed[]> {
  if (claiming.slots <= 0 || !(await isAnyDue(db))) return []
  return db.transaction().execute(async (tx) => {
    await sql`SELECT pg_advisory_xact_lock(${CLAIM_LOCK})`.execute(tx)
    const room = await roomNow(tx)
    const candidates = await candidatesNow(tx, claiming.slots)
    const chosen = choose(
      candidates.map(({ candidate }) => candidate),
      withLimits(room, candidates),
      claiming.slots,
    )
    return chosen.length === 0
      ? []
      : take(
          tx,
          chosen.map(({ id }) => id),
          claiming,
        )
  })
}

async function isAnyDue(db: Db): Promise<boolean> {
  const { rows } = await sql<{ due: boolean }>`
    SELECT EXISTS (SELECT 1 FROM run WHERE state = 'queued' AND (not_before IS NULL OR not_before <= now())) AS due`.execute(db)
  return rows[0]?.due === true
}

type Running = { readonly lane: string; readonly space: string; readonly notebook: string; readonly template: string | null }
type RoomNow = Omit<Room, "mostInSpace" | "mostOfNotebook" | "mostOfTemplate">

async function roomNow(tx: Db): Promise<RoomNow> {
  const { rows } = await sql<Running>`
    SELECT ordered_by AS lane, space_id AS space, notebook_id AS notebook, template_id AS template FROM run WHERE state = 'running'`.execute(tx)
  return {
    runningInLane: counted(rows.map(({ lane }) => lane)),
    runningInSpace: counted(rows.map(({ space }) => space)),
    runningOfNotebook: counted(rows.map(({ notebook }) => notebook)),
    runningOfTemplate: counted(rows.flatMap(({ template }) => template ?? [])),
  }
}

function counted(ids: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const id of ids) counts.set(id, (counts.get(id) ?? 0) + 1)
  return counts
}

type Found = {
  readonly candidate: Candidate
  readonly mostInSpace: number | null
  readonly mostOfNotebook: number | null
  readonly mostOfTemplate: number | null
}

/**
 * The first few of each person's line; persons are found by skipping through the index, so that this costs the same behind
 * ten queued runs and behind a hundred thousand. What has no room in its space, notebook or template is passed over here already,
 * or it would hide what waits behind it.
 */
async function candidatesNow(tx: Db, slots: number): Promise<readonly Found[]> {
  const { rows } = await sql<Candidate & Omit<Found, "candidate">>`
    WITH RECURSIVE lane AS (
      (SELECT ordered_by FROM run WHERE state = 'queued' ORDER BY ordered_by LIMIT 1)
      UNION ALL
      SELECT (SELECT r.ordered_by FROM run r WHERE r.state = 'queued' AND r.ordered_by > lane.ordered_by ORDER BY r.ordered_by LIMIT 1)
      FROM lane WHERE lane.ordered_by IS NOT NULL
    ), full_space AS (
      SELECT s.id FROM space s JOIN run r ON r.space_id = s.id AND r.state = 'running'
      WHERE s.max_running IS NOT NULL GROUP BY s.id HAVING count(*) >= s.max_running
    ), full_notebook AS (
      SELECT n.id FROM notebook n JOIN run r ON r.notebook_id = n.id AND r.state = 'running'
      WHERE n.max_running IS NOT NULL GROUP BY n.id HAVING count(*) >= n.max_running
    ), full_template AS (
      SELECT t.id FROM template t JOIN run r ON r.template_id = t.id AND r.state = 'running'
      WHERE t.max_running IS NOT NULL GROUP BY t.id HAVING count(*) >= t.max_running
    )
    SELECT c.*, s.max_running AS "mostInSpace", n.max_running AS "mostOfNotebook", t.max_running AS "mostOfTemplate"
    FROM lane CROSS JOIN LATERAL (
      SELECT r.id, r.ordered_by AS lane, r.space_id AS space, r.notebook_id AS notebook, r.template_id AS template, r.priority FROM run r
      WHERE r.state = 'queued' AND r.ordered_by = lane.ordered_by AND (r.not_before IS NULL OR r.not_before <= now())
        AND r.space_id NOT IN (SELECT id FROM full_space) AND r.notebook_id NOT IN (SELECT id FROM full_notebook)
        AND (r.template_id IS NULL OR r.template_id NOT IN (SELECT id FROM full_template))
      ORDER BY r.priority DESC, r.id LIMIT ${slots}
    ) c JOIN space s ON s.id = c.space JOIN notebook n ON n.id = c.notebook LEFT JOIN template t ON t.id = c.template
    WHERE lane.ordered_by IS NOT NULL`.execute(tx)
  return rows.map(({ mostInSpace, mostOfNotebook, mostOfTemplate, ...candidate }) => ({ candidate, mostInSpace, mostOfNotebook, mostOfTemplate }))
}

function withLimits(room: RoomNow, found: readonly Found[]): Room {
  const mostInSpace = new Map<string, number>()
  const mostOfNotebook = new Map<string, number>()
  const mostOfTemplate = new Map<string, number>()
  for (const one of found) {
    if (one.mostInSpace !== null) mostInSpace.set(one.candidate.space, one.mostInSpace)
    if (one.mostOfNotebook !== null) mostOfNotebook.set(one.candidate.notebook, one.mostOfNotebook)
    if (one.mostOfTemplate !== null && one.candidate.template !== null) mostOfTemplate.set(one.candidate.template, one.mostOfTemplate)
  }
  return { ...room, mostInSpace, mostOfNotebook, mostOfTemplate }
}

async function take(tx: Db, ids: readonly string[], { worker, host, leaseMs, queue, at }: Claiming): Promise<readonly Claimed[]> {
  const { rows } = await sql<Omit<Claimed, "files">>`
    UPDATE run SET state = 'running', reason = '', explanation = '', fence = fence + 1, worker_id = ${worker}, started_at = now(), not_before = NULL,
      lease_until = clock_timestamp() + make_interval(secs => ${leaseMs / 1000})
    WHERE id = ANY(${ids}) AND state = 'queued'
    RETURNING id, attempt, fence, space_id AS space, notebook_id AS notebook, version, parameters, secrets, limits,
      environment_asked AS "environmentAsked", ordered_by AS "orderedBy", ran_as AS "ranAs", consent_id AS consent, template_id AS template, keep_kernel_ms AS "keepKernelMs", rig`.execute(
    tx,
  )
  await sql`
    INSERT INTO attempt (run_id, number, state, worker_id, host, fence, started_at)
    SELECT id, attempt, 'running', ${worker}, ${host}, fence, started_at FROM run WHERE id = ANY(${rows.map(({ id }) => id)})
    ON CONFLICT (run_id, number) DO UPDATE SET state = 'running', worker_id = excluded.worker_id, host = excluded.host, fence = excluded.fence,
      started_at = excluded.started_at`.execute(tx)
  for (const { id, attempt } of rows) await appendEvents(tx, { run: id, attempt, rows: [stateEvent({ state: "running", attempt }, at)] })
  await queue.remove(
    tx,
    rows.map(({ id }) => id),
  )
  return Promise.all(
    rows.map(async (row) => ({ ...row, parameters: isObject(row.parameters) ? row.parameters : {}, files: await filesOf(tx, { run: row.id }) })),
  )
}
