/** One cell of a notebook that is only looked at. */
import { toHuman } from "#base/time.ts"
import { languageOfCell } from "#web/notebook/languages.ts"
import { CellOutputs } from "#web/outputs/cell-outputs.tsx"
import { Markdown } from "#web/outputs/markdown.tsx"
import type { OpenCell } from "#web/outputs/open-cell.ts"
import { Code } from "#web/run/code.tsx"
import { shownOf } from "#web/run/earlier-outputs.ts"
import type { LiveCellShown } from "#web/run/live.ts"
import type { OutlineCell } from "#web/run/reading/outline.ts"
import type { Source } from "#web/run/reading/reader.ts"
import { useOutputs } from "#web/run/use-notebook.ts"
import css from "#web/run/view.module.css"

type Props = {
  readonly cell: OutlineCell
  readonly language: string
  readonly source: Source | undefined
  readonly scope: string
  readonly live: LiveCellShown | undefined
  readonly hidesCode: boolean
  /** For who only wants to know what it says: errors are left out, they are told otherwise. */
  readonly isReport?: boolean
  readonly onOpenCell: OpenCell
}

export function ViewCell(props: Props) {
  const { cell } = props
  if (cell.type === "markdown")
    return (
      <div className={css["prose"]}>
        <Markdown source={cell.source} attachments={cell.attachments} />
      </div>
    )
  if (cell.type !== "code") return <pre className={css["raw"]}>{cell.source}</pre>
  return <CodeCell {...props} />
}

function CodeCell({ cell, language, source, scope, live, hidesCode, isReport = false, onOpenCell }: Props) {
  const state = live?.state ?? cell.state
  const count = live?.executionCount ?? cell.executionCount
  return (
    <section
      className={css["cell"]}
      data-state={state}
      aria-label={`Cell ${cell.index + 1}${STATE_WORDS[state] === undefined ? "" : `, ${STATE_WORDS[state]}`}`}
    >
      <div className={css["gutter"]}>
        <span className={css["count"]} title={count === null ? undefined : `Cell ${cell.index + 1}, In [${count}]`}>
          {count === null ? "" : count}
        </span>
      </div>
      <div className={css["body"]}>
        {!hidesCode && cell.source !== "" && <Code text={cell.source} language={languageOfCell("code", cell.source, language)} />}
        <Mark cell={cell} state={state} />
        {live ? (
          <CellOutputs outputs={shownOf(live.outputs, isReport)} scope={scope} cell={cell.id} onOpenCell={onOpenCell} />
        ) : (
          <KeptOutputs {...{ cell, source, scope, isReport, onOpenCell }} />
        )}
      </div>
    </section>
  )
}

type Kept = Pick<Props, "cell" | "source" | "scope" | "isReport" | "onOpenCell">

function KeptOutputs({ cell, source, scope, isReport = false, onOpenCell }: Kept) {
  const { outputs, problem } = useOutputs(source, cell.index)
  if (cell.outputs === 0 || source === undefined) return null
  if (problem !== undefined) return <p role="alert">{problem}</p>
  if (!outputs) return <div className={css["coming"]} data-coming="" style={{ height: Math.min(400, 24 + cell.outputSize / 20) }} />
  return <CellOutputs outputs={shownOf(outputs, isReport)} scope={scope} cell={cell.id} onOpenCell={onOpenCell} />
}

const STATE_WORDS: Readonly<Record<string, string>> = {
  failed: "failed",
  timed_out: "took too long",
  kernel_died: "the kernel died here",
  cancelled: "cancelled here",
  lost: "lost here",
  stopped_early: "ended the run",
  failed_allowed: "raised, which it may",
  skipped: "skipped",
  not_run: "not run",
  running: "running",
}

/** What is not ordinary about a cell, in words; and how long it took, where that is worth a word. */
function Mark({ cell, state }: { readonly cell: OutlineCell; readonly state: string }) {
  const words = [
    ...(cell.tags.includes("injected-parameters") ? ["the parameters of this run"] : []),
    ...(STATE_WORDS[state] === undefined ? [] : [`cell ${cell.index + 1}`, STATE_WORDS[state]]),
    ...(cell.durationMs !== undefined && cell.durationMs >= 1000 ? [toHuman(cell.durationMs)] : []),
  ]
  return words.length === 0 ? null : <p className={css["mark"]}>{words.join(" · ")}</p>
}
