/**
 * Where test runs begin, whoever wanted them. One that nobody asked for changes nothing outside that is not covered by somebody's standing
 * yes: else it waits for one, and whoever answers for the notebook finds it in the inbox.
 */
import { sql } from "kysely"
import type { JsonObject } from "#base/json.ts"
import { type Expects, type Mock, rigOf } from "#case/index.ts"
import type { ToldWriting } from "#notebook/index.ts"
import { type Actor, notify, type PersonId } from "#people/index.ts"
import type { TemplateWorld } from "#template/ports.ts"
import { type Because, casesOf, type TestRunRow, testRunsWhere } from "#template/sql/test-run-row.ts"
import { waitFor, waitingAbout } from "#template/sql/waiting-tests.ts"
import { whoAnswers } from "#template/sql/who-answers.ts"
import { isCovered, repetitionsIn, testedVersion } from "#template/standing-yes.ts"
import { accept } from "#work/index.ts"

/** One environment is that of many: their tests stand behind whatever else waits. */
const PRIORITIES: Readonly<Record<Because, number>> = { asked: 0, version: 0, environment: -50 }

type Waiting = { readonly place: number; readonly parameters: JsonObject; readonly expects: Expects; readonly mocks: readonly Mock[] }

/** Each is ordered under a key of its own: asked for again after a crash, it is the same run. */
export async function begin(world: TemplateWorld, id: string): Promise<void> {
  const [row] = await testRunsWhere(world.db, sql`t.id = ${id}`)
  if (!row || !(await mayBegin(world, row))) return
  const { rows } = await sql<Waiting>`
    SELECT place, parameters, expects, mocks FROM test_run_case WHERE test_run_id = ${id} AND run_id IS NULL AND verdict = 'pending'
    ORDER BY place`.execute(world.db)
  // In the name of who asked: what they may not run any more is refused.
  const actor: Actor = { id: row.askedBy.id as PersonId, name: row.askedBy.name, isAdmin: false, via: { kind: "session", session: "" } }
  for (const { place, parameters, expects, mocks } of rows) {
    const launch = { notebook: row.notebook, version: row.version, parameters, trigger: "test", labels: { "stet/test": id } } as const
    const rest = { rig: rigOf({ expects, mocks }), environment: row.environmentAsked || undefined, priority: PRIORITIES[row.because] }
    const ordered = await accept(world, actor, { ...launch, ...rest }, { key: `test-run/${id}/${place}` })
    if (ordered.ok)
      await sql`UPDATE test_run_case SET run_id = ${ordered.value.run.id} WHERE test_run_id = ${id} AND place = ${place}`.execute(world.db)
    else if (ordered.refusal.refused !== "queue_full")
      await sql`UPDATE test_run_case SET verdict = 'failed', said = ${ordered.refusal.message} WHERE test_run_id = ${id} AND place = ${place}`.execute(
        world.db,
      )
  }
}

/** Asked at every beginning, so that nothing runs whose yes was not looked for, whatever was in between. */
async function mayBegin(world: TemplateWorld, row: TestRunRow): Promise<boolean> {
  if (row.because === "asked" || row.answer !== null) return row.answer !== "left"
  if (row.waitsFor !== null) return false
  const found = await testedVersion(world.db, row)
  if (!found) return false
  const { cells, effects } = await repetitionsIn(world, found, await casesOf(world.db, row.id))
  if (await isCovered(world, row.notebook, effects)) return true
  await wait(world, row, cells)
  return false
}

/** Two who begin it at once tell it once. */
async function wait(world: TemplateWorld, row: TestRunRow, cells: readonly ToldWriting[]): Promise<void> {
  const at = world.clock.now()
  const { id, space, notebook, template } = row
  await world.db.transaction().execute(async (tx) => {
    if (!(await waitFor(tx, id, cells))) return
    const owners = await whoAnswers(tx, { space, notebook, template })
    const one = { kind: "tests_waiting", about: waitingAbout(id), space, notebook, said: saidOf(row, cells), at } as const
    await notify(
      tx,
      owners.map(({ id: to }) => ({ ...one, to })),
    )
  })
}

const WHY: Readonly<Record<Because, string>> = { asked: "", version: ", which is new", environment: ", whose environment has changed" }

/** Numbers only: who answers for a template need not see its code. */
function saidOf({ version, because }: TestRunRow, cells: readonly ToldWriting[]): string {
  const numbers = cells.map(({ number }) => number).join(", ")
  const which = cells.length === 1 ? `cell ${numbers}` : `cells ${numbers}`
  return `The tests of version ${version}${WHY[because]}, would change something outside again (${which}).`
}
