/**
 * What test cases would change outside once more. A run works in a directory of its own, so files that a notebook writes beside itself count
 * for nothing; a cell that gives way to a mock does nothing of what it did.
 */
import { type Json, type JsonObject, write } from "#base/json.ts"
import type { Mock } from "#case/case.ts"
import { rigged } from "#case/rig.ts"
import {
  type Analyst,
  analystFor,
  type Effect,
  isBeyond,
  isCode,
  type Notebook,
  type Sources,
  type ToldWriting,
  tagsOf,
  toldWriting,
  type WritingCell,
  writingCells,
} from "#notebook/index.ts"

type RepeatedRun = { readonly parameters: JsonObject; readonly mocks: readonly Mock[] }

/** What comes with the notebook: the sources that it may import, and the digest of each by its path. */
export type Brought = { readonly sources: Sources; readonly digests: { readonly [path: string]: string } }

/** In the order of the notebook. */
export async function repeatedBy(notebook: Notebook, runs: readonly RepeatedRun[], sources?: Sources): Promise<readonly ToldWriting[]> {
  return (await repetitionsOf(notebook, runs, sources && { sources, digests: {} })).cells
}

export type Repetitions = {
  /** As they are listed to whoever is asked, in the order of the notebook. */
  readonly cells: readonly ToldWriting[]
  /**
   * What a yes to that list is about, one text for each cell of each run, in a form that is the same whenever it is: the source that runs,
   * what it was found to change, what of other cells and of modules beside the notebook that rests on, the cells of the parameters and the
   * values that the run gives.
   */
  readonly effects: readonly string[]
}

export async function repetitionsOf(notebook: Notebook, runs: readonly RepeatedRun[], brought?: Brought): Promise<Repetitions> {
  const analyst = await analystFor(notebook)
  const circumstances = brought ? { sources: brought.sources } : {}
  const each = runs.map((run) => {
    const asked = asRun(notebook, run)
    return { run, asked, effects: analyst.readiness(asked, circumstances).effects.filter((effect) => repeats(effect, run)) }
  })
  const cells = writingCells(
    notebook,
    each.flatMap(({ effects }) => effects),
  ).map(toldWriting)
  const texts = each.flatMap(({ run, asked, effects }) => {
    const writing = writingCells(asked, effects)
    const sources = asked.cells.filter(isRun).map(({ id, source }) => ({ id, source }))
    const handed = analyst.handed(
      sources,
      writing.map(({ cell }) => cell),
      brought?.sources,
    )
    return writing.map(textOf(asked, run, { handed, digests: brought?.digests ?? {} }))
  })
  return { cells, effects: [...new Set(texts)] }
}

function isRun(cell: Notebook["cells"][number]): boolean {
  return isCode(cell) && cell.source.trim() !== "" && !tagsOf(cell).includes("skip-execution")
}

type Rests = { readonly handed: ReturnType<Analyst["handed"]>; readonly digests: Brought["digests"] }

function textOf({ cells }: Notebook, { parameters: given }: RepeatedRun, { handed, digests }: Rests): (writing: WritingCell) => string {
  const parameters = cells.flatMap((cell) => (isCode(cell) && tagsOf(cell).includes("parameters") ? [cell.source] : []))
  const values = Object.entries(given).toSorted(([a], [b]) => (a < b ? -1 : 1))
  return (writing) => {
    const { sources, modules } = handed.get(writing.cell) ?? { sources: [], modules: [] }
    const source = cells[writing.index]?.source ?? ""
    const about = { source, what: [...toldWriting(writing).what].toSorted(), parameters, given: values }
    return write({
      ...about,
      ...(sources.length === 0 ? {} : { handed: [...sources] }),
      ...(modules.length === 0 ? {} : { modules: modules.map((path) => [path, digests[path] ?? ""]) }),
    })
  }
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
