/**
 * What test cases would change outside once more. A run works in a directory of its own, so files that a notebook writes beside itself count
 * for nothing; a cell that gives way to a mock does nothing of what it did.
 */
import type { Json, JsonObject } from "#base/json.ts"
import type { Mock } from "#case/case.ts"
import { rigged } from "#case/rig.ts"
import { analystFor, type Effect, isBeyond, type Notebook, type ToldWriting, toldWriting, writingCells } from "#notebook/index.ts"

type RepeatedRun = { readonly parameters: JsonObject; readonly mocks: readonly Mock[] }

/** In the order of the notebook. */
export async function repeatedBy(notebook: Notebook, runs: readonly RepeatedRun[]): Promise<readonly ToldWriting[]> {
  const analyst = await analystFor(notebook)
  const effects = runs.flatMap((run) => analyst.readiness(asRun(notebook, run)).effects.filter((effect) => repeats(effect, run)))
  return writingCells(notebook, effects).map(toldWriting)
}

/** Mocks that fit no cell make a run that does not begin. */
function asRun(notebook: Notebook, { mocks }: RepeatedRun): Notebook {
  const made = rigged(notebook, { mocks, expressions: [] })
  return made.ok ? made.value.notebook : notebook
}

/** Where a value leads elsewhere, any file may go there. */
function repeats({ isOutside, writes, kind }: Effect, { parameters }: RepeatedRun): boolean {
  return isOutside || (writes && kind === "file" && Object.values(parameters).some(leadsAway))
}

function leadsAway(value: Json): boolean {
  return typeof value === "string" && isBeyond(value) && !/^https?:/.test(value)
}
