/** Which cells of a version the test cases of one of its test runs reached. Nothing of it is stored: it is read from what ran. */
import { accepted, type Outcome } from "#base/outcome.ts"
import { type CaseCells, type CellCoverage, coverageOf, rigged, rigOf, shareOf } from "#case/index.ts"
import { resolveVersion, versionBytes } from "#library/index.ts"
import { type Notebook, read } from "#notebook/index.ts"
import { type Actor, SYSTEM } from "#people/index.ts"
import type { TemplateWorld } from "#template/ports.ts"
import { refuse, type TemplateRefusal } from "#template/refusal.ts"
import { casesOf, type TestRunCase, testRunFor } from "#template/sql/test-run-row.ts"
import { attemptsOf } from "#work/index.ts"

export type TestCoverage = {
  readonly covered: number
  readonly total: number
  readonly cells: readonly CellCoverage[]
  /** Test cases whose run has begun, and is still known; the others count for no cell. */
  readonly known: number
  readonly of: number
}

/** To those who may see the notebook's code. */
export async function testCoverage(world: TemplateWorld, actor: Actor, id: string): Promise<Outcome<TestCoverage, TemplateRefusal>> {
  const found = await testRunFor(world.db, actor, id)
  if (!found.ok) return found
  const { notebook, version } = found.value
  const saved = await resolveVersion(world.library, SYSTEM, "read", { notebook, version, evenTrashed: true })
  const reading = saved.ok ? read(await versionBytes(world.library, saved.value)) : undefined
  if (!reading?.ok) return refuse("no_such_notebook", "The version that was tested cannot be read.")
  const source = reading.value.notebook
  const cases = await casesOf(world.db, id)
  const reached = (await Promise.all(cases.map((one) => reachedBy(world, source, one)))).filter((one) => one !== undefined)
  const cells = coverageOf(source, reached)
  return accepted({ ...shareOf(cells), cells, known: reached.length, of: cases.length })
}

/** Undefined where its run has not begun, or is not there any more. */
async function reachedBy(world: TemplateWorld, notebook: Notebook, { run, mocks, expects }: TestRunCase): Promise<CaseCells | undefined> {
  const attempts = run === null ? undefined : await attemptsOf(world, SYSTEM, run)
  const last = attempts?.ok ? attempts.value.toSorted((a, b) => a.number - b.number).at(-1) : undefined
  if (!last) return undefined
  const rig = rigged(notebook, rigOf({ mocks, expects }))
  const ran = last.cells.filter(({ startedAt }) => startedAt !== null).map(({ id }) => id)
  return { ran: new Set(ran), mocked: new Set(rig.ok ? rig.value.mocked : []) }
}
