/** A cell that is looked at, in everything that can become of it. */
import type { LiveOutput } from "#api/live.ts"
import { OutputStage } from "#web/outputs/stage/output-stage.tsx"
import type { OutlineCell } from "#web/run/reading/outline.ts"
import { ViewCell } from "#web/run/view-cell.tsx"

const STATES = ["", "running", "failed", "timed_out", "kernel_died", "cancelled", "lost", "stopped_early", "failed_allowed", "skipped", "not_run"]
const PRINTED: readonly LiveOutput[] = [{ output_type: "stream", name: "stdout", text: "EU earned 42 in 3 weeks\n" }]
const RAISED: readonly LiveOutput[] = [
  {
    output_type: "error",
    ename: "ZeroDivisionError",
    evalue: "division by zero",
    traceback: ["Traceback (most recent call last)", "Cell In[3], line 1\n----> 1 total / weeks", "ZeroDivisionError: division by zero"],
  },
]

export function Cells() {
  return (
    <OutputStage>
      <ViewCell
        cell={cellOf(0, "", "markdown", "## A heading\n\nProse with $e^{i\\pi} + 1 = 0$, a [link](https://example.org) and `code`.")}
        {...ALIKE}
        live={undefined}
      />
      {STATES.map((state, at) => (
        <ViewCell
          key={state}
          cell={cellOf(at + 1, state, "code", "total = sum(prices)\nprint(total / weeks)  # what was earned")}
          {...ALIKE}
          live={{ state, executionCount: state === "not_run" ? null : at + 1, outputs: outputsIn(state) }}
        />
      ))}
      <ViewCell cell={cellOf(20, "", "raw", "Raw text, as it is.")} {...ALIKE} live={undefined} />
    </OutputStage>
  )
}

const ALIKE = { language: "python", source: undefined, scope: "components", hidesCode: false, onOpenCell: () => undefined }

function outputsIn(state: string): readonly LiveOutput[] {
  if (state === "failed" || state === "failed_allowed") return RAISED
  return state === "not_run" || state === "skipped" ? [] : PRINTED
}

function cellOf(index: number, state: string, type: string, source: string): OutlineCell {
  return {
    index,
    id: `component-${index}`,
    type,
    source,
    tags: index === 1 ? ["parameters"] : [],
    executionCount: index,
    state,
    durationMs: index * 700,
    outputs: 0,
    outputSize: 0,
    isError: false,
    attachments: {},
  }
}
