/** Test runs are looked through when they have ended, whether or not somebody looks; whoever answers for the notebook hears when they fail. */
import { sql } from "kysely"
import { notify, type PersonId } from "#people/index.ts"
import type { TemplateWorld } from "#template/ports.ts"
import { testRunsWhere } from "#template/sql/test-run-row.ts"
import { whoAnswers } from "#template/sql/who-answers.ts"
import { type TestRunView, viewOf } from "#template/test-run.ts"

const AT_ONCE = 100
const MOST_NAMED = 5

/** @returns how many have ended since the last time */
export async function settleTestRuns(world: TemplateWorld): Promise<number> {
  const rows = await testRunsWhere(
    world.db,
    sql`t.told_at IS NULL AND (t.waits_for IS NULL OR t.answer IS NOT NULL) AND NOT EXISTS (SELECT FROM test_run_case c JOIN run r ON r.id = c.run_id
      WHERE c.test_run_id = t.id AND c.verdict = 'pending' AND r.state IN ('queued', 'running'))`,
    AT_ONCE,
  )
  let settled = 0
  for (const row of rows) {
    const view = await viewOf(world, row)
    if (view.state === "pending" || view.state === "waiting") continue
    await settle(world, view)
    settled++
  }
  return settled
}

/** Two who settle at once tell it once. */
async function settle(world: TemplateWorld, view: TestRunView): Promise<void> {
  const at = world.clock.now()
  await world.db.transaction().execute(async (tx) => {
    const mine = await sql`UPDATE test_run SET told_at = ${new Date(at)} WHERE id = ${view.id} AND told_at IS NULL`.execute(tx)
    if (mine.numAffectedRows !== 1n || view.state !== "failed" || view.because === "asked") return
    const { space, notebook, template, askedBy } = view
    const owners = await whoAnswers(tx, { space, notebook, template })
    // A new version is its author's, too; that of a service account, whoever's who answers for it.
    const author = await sql<{ id: PersonId }>`
      SELECT coalesce(p.owner_id, p.id) AS id FROM person p WHERE p.id = ${askedBy.id} AND ${view.because} = 'version'`.execute(tx)
    const told = new Set([...owners, ...author.rows].map(({ id }) => id))
    const run = view.cases.find(({ verdict, run: one }) => verdict === "failed" && one !== null)?.run
    const one = { kind: "tests_failed", about: `tests/${template ?? notebook}`, space, notebook, said: saidOf(view), at } as const
    await notify(
      tx,
      [...told].map((to) => ({ ...one, to, ...(run ? { run } : {}) })),
    )
  })
}

function saidOf({ version, because, environment, cases }: TestRunView): string {
  const failed = cases.filter(({ verdict }) => verdict === "failed").map(({ name }) => name)
  const where = because === "environment" && environment !== null ? ` in its new environment ${environment.slice(0, 8)}` : ""
  const more = failed.length > MOST_NAMED ? ` and ${failed.length - MOST_NAMED} more` : ""
  return `Version ${version}${where}: ${failed.slice(0, MOST_NAMED).join(", ")}${more} failed.`
}
