/** What opening a run live would do, said before it does it: what is run again, what of that writes, and in which environment. */
import { accepted, type Outcome } from "#base/outcome.ts"
import { type EnvironmentWorld, type Instead, type Other, othersThan, prospectOf, withoutIt } from "#environment/index.ts"
import { sourcesOf } from "#library/index.ts"
import { analystFor, type Notebook, tagsOf } from "#notebook/index.ts"
import type { Actor } from "#people/index.ts"
import { type KeptKernel, keptKernelOf } from "#work/kept-rights.ts"
import { type LiveOf, type LiveRefusal, type LiveSource, liveSource } from "#work/live-source.ts"
import { type ReplayedWrite, type ReplayPlan, replayedWrites, replayPlan } from "#work/replay.ts"
import type { WorkWorld } from "#work/world.ts"

export type LiveEnvironment = {
  /** `open`: it is not recorded, so that the notebook says. `gone`: it cannot be had any more. */
  readonly is: "open" | "ready" | "to_build" | "gone"
  readonly sha256: string | null
  readonly name: string
  /** Says more about one that is gone, in a sentence. */
  readonly why: string
  /** What the notebook would get instead of one that is gone; null: nothing. */
  readonly instead: Instead | null
  /** What else could be taken instead of one that is gone, if that is said. */
  readonly others: readonly Other[]
}

export type LivePlan = {
  readonly source: LiveSource
  readonly replay: ReplayPlan
  readonly writes: readonly ReplayedWrite[]
  readonly environment: LiveEnvironment
  readonly kernel: KeptKernel | undefined
}

export type LivePlanning = { readonly work: WorkWorld; readonly environment: EnvironmentWorld }

export type PlanLive = {
  readonly of: LiveOf
  readonly cell?: string | undefined
  /** The run's own could not be built: another one is wanted. */
  readonly withoutEnvironment?: boolean | undefined
}

/** @param cell an id, or a place from 1; undefined: the cell at which the run failed */
export async function planLive(
  { work, environment }: LivePlanning,
  actor: Actor,
  { of, cell, withoutEnvironment = false }: PlanLive,
): Promise<Outcome<LivePlan, LiveRefusal>> {
  const source = await liveSource(work, actor, of)
  if (!source.ok) return source
  const { run, notebook, version, failedCell } = source.value
  const replay = replayPlan(notebook, cell ?? failedIn(notebook, failedCell))
  if (!replay.ok) return replay
  const [analyst, sources, prospect, kernel] = await Promise.all([
    analystFor(notebook),
    sourcesOf(work.library, version),
    environmentOf(environment, source.value, withoutEnvironment),
    run && keptKernelOf(work, actor, run),
  ])
  return accepted({
    source: source.value,
    replay: replay.value,
    writes: replayedWrites(analyst, { notebook, sources, cells: replay.value.cells }),
    environment: prospect,
    kernel,
  })
}

/** The cell that holds the parameters is not in the version: where it raised, the replay ends behind it, and says so. */
function failedIn({ cells }: Notebook, failed: string): string {
  if (failed === "" || cells.some(({ id }) => id === failed)) return failed
  return cells[cells.findIndex((cell) => tagsOf(cell).includes("parameters")) + 1]?.id ?? ""
}

async function environmentOf(world: EnvironmentWorld, { run, notebook }: LiveSource, without: boolean): Promise<LiveEnvironment> {
  const sha256 = run?.environment ?? null
  if (sha256 === null) return { is: "open", sha256, name: "", why: "", instead: null, others: [] }
  const prospect = await (without ? withoutIt : prospectOf)(world, sha256, notebook)
  if (prospect.is !== "gone") return { is: prospect.is, sha256, name: prospect.name, why: "", instead: null, others: [] }
  const { name, why, instead } = prospect
  return { is: "gone", sha256, name, why, instead: instead ?? null, others: await othersThan(world, sha256, notebook) }
}
