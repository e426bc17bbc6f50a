/** One run: what happened, why, and what to do next; then its result. */

import { useMediaQuery } from "@mantine/hooks"
import { useState } from "react"
import { useApi } from "#web/app/api.ts"
import { one, useFilters } from "#web/app/filters.ts"
import { type Crumb, Page } from "#web/app/page.tsx"
import { PageProblem } from "#web/app/page-problem.tsx"
import { useParam } from "#web/app/params.ts"
import { nameOf, notebookHref, spaceCrumb, templateHref } from "#web/app/places.ts"
import { SkeletonBox, SkeletonText } from "#web/app/skeleton.tsx"
import { CompareView } from "#web/run/compare-view.tsx"
import { Happening } from "#web/run/happening.tsx"
import { LogView } from "#web/run/log-view.tsx"
import { ResultView } from "#web/run/result-view.tsx"
import css from "#web/run/run.module.css"
import { RunActions } from "#web/run/run-actions.tsx"
import { RunHead } from "#web/run/run-head.tsx"
import { type RunSheet, useRunSheet } from "#web/run/run-sheet.ts"
import { Side } from "#web/run/side.tsx"
import { Tabs } from "#web/run/tabs.tsx"
import { useIsToPrint } from "#web/run/use-print.ts"
import { isUnderWay, type RunView } from "#web/runs/pages.ts"

export function RunPage() {
  const id = useParam("run")
  // Events say at once what happens; this is for when they do not come through.
  const run = useApi("getRun", { params: { run: id } }, { everyMs: 15_000 })
  if (run.data) return <Loaded key={id} run={run.data} />
  return (
    <Page title="Run">
      {run.error ? (
        <PageProblem error={run.error} retry={run.refetch} />
      ) : (
        <>
          <SkeletonText lines={3} />
          <SkeletonBox height={320} />
        </>
      )}
    </Page>
  )
}

function Loaded({ run }: { readonly run: RunView }) {
  const sheet = useRunSheet(run)
  const [filters, change] = useFilters()
  // Of the screen: paper is narrow, and has its place for what stands beside the result.
  const isNarrow = useMediaQuery("screen and (max-width: 1100px)", undefined, { getInitialValueInEffect: false }) ?? false
  const view = viewOf(one(filters, "view"), isNarrow)
  const isWhole = useIsToPrint()
  const [jumps, setJumps] = useState(0)
  const toCell = (cell: number) => {
    change({ view: undefined, cell: String(cell) })
    // Once more to where one has been sent before.
    setJumps(jumps + 1)
  }
  const name = run.notebook.title
  return (
    <Page title={`${name}, ${sheet.now.state}`} crumbs={crumbsOf(sheet)} actions={<RunActions sheet={sheet} />}>
      <RunHead sheet={sheet} name={name} />
      <Happening sheet={sheet} onCell={toCell} onCompare={() => change({ view: "changes", cell: undefined })} />
      <div className={css["sheet"]}>
        <div className={css["main"]}>
          <Tabs
            views={viewsOf(sheet, isNarrow)}
            at={view}
            onView={(next) => change({ view: next === "result" ? undefined : next, cell: undefined })}
          />
          {view === "result" && <ResultView sheet={sheet} cell={cellOf(one(filters, "cell"))} jumps={jumps} isWhole={isWhole} />}
          {view === "log" && <LogView run={run.id} isUnderWay={isUnderWay(sheet.now)} />}
          {view === "changes" && <CompareView run={run} against={one(filters, "against")} />}
          {view === "about" && <Side sheet={sheet} onCell={toCell} />}
        </div>
        {(!isNarrow || isWhole) && <Side sheet={sheet} onCell={toCell} />}
      </div>
    </Page>
  )
}

const VIEWS = ["result", "log", "changes", "about"] as const
type View = (typeof VIEWS)[number]

/** Where there is no room beside the result, what stands there is a view of its own. */
function viewOf(asked: string | undefined, isNarrow: boolean): View {
  const view = VIEWS.find((name) => name === asked) ?? "result"
  return view === "about" && !isNarrow ? "result" : view
}

function viewsOf({ run, now, form }: RunSheet, isNarrow: boolean) {
  const isOver = !isUnderWay(now)
  const isReport = run.codeHidden || form !== undefined
  return [
    { name: "result", word: isOver ? "Result" : form ? "So far" : "Notebook" },
    // Who does not see the code sees no log either, and nothing to compare code with.
    ...(isReport ? [] : [{ name: "log", word: "Log" }]),
    ...(isOver && run.result && !isReport ? [{ name: "changes", word: "Compare" }] : []),
    ...(isNarrow ? [{ name: "about", word: "About" }] : []),
  ]
}

function cellOf(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,6}$/u.test(text) ? Number(text) : undefined
}

function crumbsOf({ run: { space, notebook, id }, form }: RunSheet): readonly Crumb[] {
  if (form)
    return [{ label: "Templates", href: "/templates" }, { label: form.template, href: templateHref(form.template) }, { label: `Run ${id.slice(-6)}` }]
  return [spaceCrumb(space.name), { label: nameOf(notebook.path), href: notebookHref(notebook.id) }, { label: `Run ${id.slice(-6)}` }]
}
