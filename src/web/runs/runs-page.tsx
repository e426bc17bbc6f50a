/** Runs: everything that ran, runs and will run, of what one may see. */
import { useState } from "react"
import { useFilters } from "#web/app/filters.ts"
import { useGo } from "#web/app/go.tsx"
import { useMe } from "#web/app/me.ts"
import { Page } from "#web/app/page.tsx"
import { runHref } from "#web/app/places.ts"
import { Problem } from "#web/app/problem.tsx"
import { SkeletonRows } from "#web/app/skeleton.tsx"
import { filterOf } from "#web/runs/filter.ts"
import { NoRuns } from "#web/runs/no-runs.tsx"
import { RunTable } from "#web/runs/run-table.tsx"
import { RunsFilterBar } from "#web/runs/runs-filter.tsx"
import { useRuns } from "#web/runs/use-runs.ts"

export function RunsPage() {
  const me = useMe()
  const [written, change] = useFilters()
  const filter = filterOf(written)
  const list = useRuns(filter, me.person.id)
  const go = useGo()
  const [at, setAt] = useState(-1)
  return (
    <Page title="Runs">
      <h1 className="unseen">Runs</h1>
      <RunsFilterBar filter={filter} change={change} isLive={list.isLive} runs={list.runs} />
      {list.error && list.runs.length === 0 ? (
        <Problem error={list.error} retry={list.again} />
      ) : list.isPending ? (
        <SkeletonRows rows={14} />
      ) : list.runs.length === 0 ? (
        <NoRuns filter={filter} onClear={() => change(Object.fromEntries(Object.keys(written).map((name) => [name, undefined])))} />
      ) : (
        <RunTable
          runs={list.runs}
          hasMore={list.hasMore}
          onEnd={list.more}
          at={at}
          onAt={setAt}
          onOpen={(run) => go(runHref(run.id))}
          showsNotebook={filter.notebook === undefined}
        />
      )}
    </Page>
  )
}
