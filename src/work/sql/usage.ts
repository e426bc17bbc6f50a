/** How much a notebook is used, kept on its row as its runs end, so that lists need no join. */
import { sql } from "kysely"
import type { Db } from "#database/index.ts"
import { newId } from "#base/id.ts"
import type { RunState } from "#work/row.ts"

const WEEK_MS = 7 * 86_400_000
/** Beyond this, counting would cost more than the number is worth: "10,000 a week" is as good as any. */
const COUNTED = 10_000

export async function recordUsage(tx: Db, { notebook, state, at }: { readonly notebook: string; readonly state: RunState; readonly at: number }): Promise<void> {
  await sql`
    UPDATE notebook SET last_run_at = ${new Date(at)}, last_run_state = ${state}, runs_week = week.runs, failures_week = week.failures
    FROM (
      SELECT count(*) AS runs, count(*) FILTER (WHERE state IN ('failed', 'lost')) AS failures FROM (
        SELECT state FROM run WHERE notebook_id = ${notebook} AND id > ${firstId(at - WEEK_MS)} ORDER BY id DESC LIMIT ${COUNTED}
      ) recent
    ) week WHERE notebook.id = ${notebook}`.execute(tx)
}

/** Ids sort by when they were made: none of that time or later is smaller. */
function firstId(at: number): string {
  return newId(at, { bytes: (count) => new Uint8Array(count) })
}
