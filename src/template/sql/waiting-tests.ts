/** Test runs that wait for somebody's yes: from when they begin to wait until they are answered or give way. */
import { sql } from "kysely"
import { type Json, write } from "#base/json.ts"
import type { Db } from "#database/index.ts"
import type { ToldWriting } from "#notebook/index.ts"
import { type Actor, settleNotices } from "#people/index.ts"

/** Of the notice that tells of it. */
export const waitingAbout = (testRun: string): string => `tests-waiting/${testRun}`

/** @returns whether it did not wait before */
export async function waitFor(tx: Db, testRun: string, cells: readonly ToldWriting[]): Promise<boolean> {
  const done = await sql`
    UPDATE test_run SET waits_for = ${write(cells as unknown as Json)}::json WHERE id = ${testRun} AND waits_for IS NULL AND answer IS NULL`.execute(
    tx,
  )
  return done.numAffectedRows === 1n
}

/** @returns whether it still waited */
export async function sayYes(tx: Db, actor: Actor, { testRun, at }: { readonly testRun: string; readonly at: number }): Promise<boolean> {
  const done = await sql`
    UPDATE test_run SET answer = 'yes', answered_by = ${actor.id}, answered_at = ${new Date(at)}
    WHERE id = ${testRun} AND waits_for IS NOT NULL AND answer IS NULL`.execute(tx)
  if (done.numAffectedRows === 1n) await settleNotices(tx, [waitingAbout(testRun)])
  return done.numAffectedRows === 1n
}

/** Its cases never run. @returns whether it still waited */
export async function leave(tx: Db, actor: Actor | undefined, { testRun, at }: { readonly testRun: string; readonly at: number }): Promise<boolean> {
  const when = new Date(at)
  const done = await sql`
    UPDATE test_run SET answer = 'left', answered_by = ${actor?.id ?? null}, answered_at = ${when}, told_at = coalesce(told_at, ${when})
    WHERE id = ${testRun} AND waits_for IS NOT NULL AND answer IS NULL`.execute(tx)
  if (done.numAffectedRows !== 1n) return false
  await sql`UPDATE test_run_case SET verdict = 'left' WHERE test_run_id = ${testRun} AND verdict = 'pending'`.execute(tx)
  await settleNotices(tx, [waitingAbout(testRun)])
  return true
}

type Giving = { readonly notebook: string; readonly template: string | null; readonly but: string; readonly at: number }

/** A newer one of the same takes the place of those that wait. */
export async function leaveWaiting(tx: Db, { notebook, template, but, at }: Giving): Promise<void> {
  const found = await sql<{ id: string }>`
    SELECT id FROM test_run WHERE notebook_id = ${notebook} AND template_id IS NOT DISTINCT FROM ${template} AND waits_for IS NOT NULL
      AND answer IS NULL AND id <> ${but}`.execute(tx)
  for (const { id } of found.rows) await leave(tx, undefined, { testRun: id, at })
}
