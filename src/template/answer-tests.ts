/** The answer to a test run that waits for a yes: by whoever may run tests of its notebook. */
import type { Outcome } from "#base/outcome.ts"
import { type Actor, audit } from "#people/index.ts"
import { begin } from "#template/begin-tests.ts"
import { notebookFor } from "#template/notebook.ts"
import type { TemplateWorld } from "#template/ports.ts"
import { refuse, type TemplateRefusal } from "#template/refusal.ts"
import { casesOf, type TestRunRow, testRunFor } from "#template/sql/test-run-row.ts"
import { leave, sayYes } from "#template/sql/waiting-tests.ts"
import { keepYes, repetitionsIn, testedVersion } from "#template/standing-yes.ts"
import { lookAtTestRun, type TestRunView } from "#template/test-run.ts"

/** `yes`: now, and whenever exactly this would be changed again by tests that nobody asks for. */
export type AnswerTests = { readonly testRun: string; readonly answer: "yes" | "leave" }

/** Refuses wrong_state when it does not wait, or not any more. */
export async function answerTests(world: TemplateWorld, actor: Actor, asked: AnswerTests): Promise<Outcome<TestRunView, TemplateRefusal>> {
  const found = await testRunFor(world.db, actor, asked.testRun)
  if (!found.ok) return found
  const row = found.value
  const mine = await notebookFor(world, actor, row.notebook)
  if (!mine.ok) return mine
  if (!(await (asked.answer === "yes" ? say : leaveIt)(world, actor, row)))
    return refuse("wrong_state", "This test run does not wait for a yes, or not any more.")
  if (asked.answer === "yes") await begin(world, row.id)
  return lookAtTestRun(world, actor, row.id)
}

/** What was listed cannot have changed meanwhile: neither a version nor the test cases of a test run do. */
async function say(world: TemplateWorld, actor: Actor, { id: testRun, notebook, space, version }: TestRunRow): Promise<boolean> {
  const found = await testedVersion(world.db, { notebook, version })
  if (!found) return false
  const repetitions = await repetitionsIn(world, found, await casesOf(world.db, testRun))
  const at = world.clock.now()
  return world.db.transaction().execute(async (tx) => {
    if (!(await sayYes(tx, actor, { testRun, at }))) return false
    await keepYes(tx, world, { actor, notebook, space, repetitions, with: { testRun, version }, at })
    return true
  })
}

async function leaveIt(world: TemplateWorld, actor: Actor, { id: testRun, notebook, space, version }: TestRunRow): Promise<boolean> {
  const at = world.clock.now()
  return world.db.transaction().execute(async (tx) => {
    if (!(await leave(tx, actor, { testRun, at }))) return false
    await audit(tx, { actor, action: "test.leave", thing: `notebook/${notebook}`, space, outcome: "done", detail: { testRun, version }, at })
    return true
  })
}
