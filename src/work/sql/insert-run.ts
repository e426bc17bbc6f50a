/** A new run: one row, its first event, its job. */
import { sql } from "kysely"
import { type Json, write } from "#base/json.ts"
import type { Db } from "#database/index.ts"
import type { EventRow } from "#work/event-rows.ts"
import type { NewRun } from "#work/new-run.ts"
import type { RunRow } from "#work/row.ts"
import { selectRuns } from "#work/sql/find-run.ts"

/**
 * The run with its first event, and whoever waits for work is woken; undefined when a run with that key of that person is there already.
 * The space is the notebook's as it is now: one that is moved in this moment takes its runs along or waits.
 */
export async function insertRun(tx: Db, run: NewRun, first: EventRow): Promise<RunRow | undefined> {
  const json = (value: unknown) => (value === undefined ? null : write(value as Json))
  const { rows } = await sql<RunRow>`
    WITH added AS (
      INSERT INTO run (id, space_id, notebook_id, version, version_sha256, parameters, secret_names, secrets, labels, orchestrator, openlineage, rig, trigger,
        ordered_by, token_id, idempotency_key, request_digest, priority, limits, retry, environment_asked, created_at, queued_at, state, keepalive_ms, keepalive_at, seq,
        template_id, ran_as, consent_id, keep_kernel_ms)
      VALUES (${run.id}, (SELECT space_id FROM notebook WHERE id = ${run.notebook} FOR SHARE), ${run.notebook}, ${run.version}, ${run.versionSha256}, ${json(run.parameters)}::json, ${run.secretNames}::text[],
        ${run.secrets ?? null}, ${json(run.labels)}::jsonb, ${json(run.orchestrator)}::jsonb, ${json(run.openlineage)}::jsonb, ${json(run.rig)}::json, ${run.trigger},
        ${run.orderedBy}, ${run.token ?? null}, ${run.key ?? null}, ${run.requestDigest}, ${run.priority}, ${json(run.limits)}::jsonb, ${json(run.retry)}::jsonb,
        ${run.environment ?? null}, ${new Date(run.at)}, ${new Date(run.at)}, 'queued', ${run.keepaliveMs ?? null}, ${run.keepaliveMs ? new Date(run.at) : null}, 1,
        ${run.template ?? null}, ${run.as?.person ?? null}, ${run.as?.consent ?? null}, ${run.keepKernelMs ?? null})
      ON CONFLICT (ordered_by, idempotency_key) WHERE idempotency_key IS NOT NULL DO NOTHING
      RETURNING *
    ), event AS (
      INSERT INTO run_event (run_id, seq, attempt, at, type, what) SELECT id, seq, attempt, ${new Date(first.at)}, ${first.type}, ${first.what}::json FROM added
      RETURNING pg_notify('stet_run', run_id), pg_notify('stet_state', run_id), pg_notify('stet_work', '')
    ), told AS (SELECT count(*) FROM event)
    ${selectRuns(sql`added`)} CROSS JOIN told`.execute(tx)
  return rows[0]
}

/** Are there at least so many queued runs? */
export async function isQueueFull(db: Db, most: number): Promise<boolean> {
  const { rows } = await sql`SELECT 1 FROM run WHERE state = 'queued' LIMIT 1 OFFSET ${Math.max(0, most - 1)}`.execute(db)
  return rows.length > 0
}

export async function queueLength(db: Db): Promise<number> {
  const { rows } = await sql<{ runs: number }>`SELECT count(*)::int AS runs FROM run WHERE state = 'queued'`.execute(db)
  return rows[0]?.runs ?? 0
}
