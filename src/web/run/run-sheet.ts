/** Everything that the parts of a run's page read: the run as it was answered, what its events said since, its attempts. */
import type { Answered } from "#api/contract.ts"
import { useApi } from "#web/app/api.ts"
import type { LiveRun } from "#web/run/live.ts"
import { useLiveRun } from "#web/run/use-live-run.ts"
import type { TimedCell } from "#web/run/waterfall.ts"
import { isUnderWay, type RunView } from "#web/runs/pages.ts"

export type Attempt = Answered<"listAttempts">["items"][number]

export type RunSheet = {
  readonly run: RunView
  /** The run with what its events said since. */
  readonly now: RunView
  readonly live: LiveRun
  readonly isBroken: boolean
  readonly attempts: readonly Attempt[]
  readonly cells: readonly TimedCell[]
  /** The template whose form was filled, for those who do not also write what is behind it: they read a report, and errors are not their affair. */
  readonly form: { readonly template: string } | undefined
}

export function useRunSheet(run: RunView): RunSheet {
  const { live, isBroken } = useLiveRun(run.id, isUnderWay(run))
  const attempts = useApi("listAttempts", { params: { run: run.id } }).data?.items ?? []
  const now = runNow(run, live)
  return { run, now, live, isBroken, attempts, cells: cellsNow(run, live, attempts), form: useForm(run) }
}

/** Until it is known who looks, nothing is shown that they might not want to see. */
function useForm({ labels }: RunView): RunSheet["form"] {
  const template = labels["stet/template"]
  const found = useApi("getTemplate", { params: { template: template ?? "" } }, { enabled: template !== undefined })
  return template === undefined || found.error || found.data?.mayEdit ? undefined : { template }
}

/** The answer counts where it is newer than what was heard. */
function runNow(run: RunView, live: LiveRun): RunView {
  if (live.seq <= run.seq || live.state === "") return run
  const { state, reason, explanation, attempt, progress, cancelAsked } = live
  return {
    ...run,
    state: state as RunView["state"],
    reason,
    explanation,
    attempt: Math.max(attempt, run.attempt),
    cancelAsked: cancelAsked || run.cancelAsked,
    progress: progress.total > 0 ? progress : run.progress,
  }
}

function cellsNow(run: RunView, live: LiveRun, attempts: readonly Attempt[]): readonly TimedCell[] {
  if (live.cells.size > 0 && isUnderWay(run)) return [...live.cells].map(([index, cell]) => ({ index, ...cell })).sort((a, b) => a.index - b.index)
  return attempts.find(({ number }) => number === run.attempt)?.cells ?? []
}
