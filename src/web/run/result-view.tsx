/** The notebook of a run: while it goes on, with what its cells have shown; afterwards, its result. */
import { Switch } from "@mantine/core"
import { useLocalStorage } from "@mantine/hooks"
import { useEffect, useMemo, useRef } from "react"
import { isAbsent } from "#web/app/api.ts"
import { Empty } from "#web/app/empty.tsx"
import { Problem } from "#web/app/problem.tsx"
import { SkeletonBox } from "#web/app/skeleton.tsx"
import { liveCells } from "#web/run/live.ts"
import { type Mover, NotebookView } from "#web/run/notebook-view.tsx"
import type { Source } from "#web/run/reading/reader.ts"
import css from "#web/run/run.module.css"
import type { RunSheet } from "#web/run/run-sheet.ts"
import { useOutline } from "#web/run/use-notebook.ts"
import { usePrint } from "#web/run/use-print.ts"
import { isUnderWay } from "#web/runs/pages.ts"

type Props = { readonly sheet: RunSheet; readonly cell: number | undefined; readonly jumps: number; readonly isWhole: boolean }

export function ResultView({ sheet, cell, jumps, isWhole }: Props) {
  const { run, now, live, form } = sheet
  const isReport = form !== undefined || run.codeHidden
  const goesOn = isUnderWay(now)
  const source = sourceOf(sheet)
  const outline = useOutline(goesOn && run.codeHidden ? undefined : source)
  const shown = useMemo(() => (goesOn ? liveCells(live) : undefined), [goesOn, live])
  const [hidesCode, hideCode] = useLocalStorage({ key: "stet-result-code-hidden", defaultValue: false, getInitialValueInEffect: false })
  const mover = useRef<Mover>(null)
  const isThere = outline.data !== undefined
  // biome-ignore lint/correctness/useExhaustiveDependencies: every jump moves the page
  useEffect(() => {
    if (isThere && cell !== undefined) mover.current?.toCell(cell)
  }, [isThere, cell, jumps])
  usePrint(isWhole && isThere)
  if (goesOn && run.codeHidden)
    return (
      <Empty title="Its result comes when it has ended">
        This notebook shows its code only to those who edit it: you will see here what it reports.
      </Empty>
    )
  if (!source) return <NoResult sheet={sheet} />
  if (outline.error) return isAbsent(outline.error) ? <NoResult sheet={sheet} /> : <Problem error={outline.error} retry={outline.refetch} />
  if (!outline.data) return <SkeletonBox height={400} />
  return (
    <>
      {!isReport && (
        <div className={css["tools"]}>
          <Switch size="xs" label="Hide code" checked={hidesCode} onChange={({ currentTarget: { checked } }) => hideCode(checked)} />
        </div>
      )}
      <NotebookView
        ref={mover}
        outline={outline.data}
        source={goesOn ? undefined : source}
        scope={`run ${run.id} ${run.attempt}`}
        live={shown}
        environment={sheet.now.environment}
        hidesCode={hidesCode || isReport}
        isReport={isReport}
        isWhole={isWhole}
      />
    </>
  )
}

/** While it goes on, the version that runs; then what it left. */
function sourceOf({ run, now }: RunSheet): Source | undefined {
  if (isUnderWay(now)) return { kind: "version", notebook: run.notebook.id, version: run.version }
  return run.result === null ? undefined : { kind: "result", run: run.id, attempt: run.attempt }
}

function NoResult({ sheet: { now } }: { readonly sheet: RunSheet }) {
  return (
    <Empty title="There is no result">
      {now.state === "cancelled"
        ? "The run was cancelled before anything ran."
        : "The run ended before anything ran, or its result is no longer kept."}
    </Empty>
  )
}
