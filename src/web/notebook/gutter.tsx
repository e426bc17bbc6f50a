/** What stands at the left of a cell: its number, what it does at the moment, and what can be done with it. */
import { IconGripVertical, IconPlayerPlayFilled, IconPlayerStopFilled } from "@tabler/icons-react"
import type { DragEvent } from "react"
import type { ExecutionView } from "#api/live.ts"
import { Duration } from "#web/app/time.tsx"
import css from "#web/notebook/cell.module.css"
import { useDesk, useMay } from "#web/notebook/desk.tsx"
import { CELL_DRAG } from "#web/notebook/drag.ts"
import { queuePositions } from "#web/notebook/live-state.ts"
import { at } from "#web/notebook/selection.ts"
import type { CellShape } from "#web/notebook/structure.ts"
import { useStore } from "#web/notebook/use-store.ts"
import { useVersionOutputs } from "#web/notebook/version-outputs.ts"
import { ReadinessMark } from "#web/readiness/mark.tsx"

type Props = {
  readonly cell: CellShape
  readonly execution: ExecutionView | undefined
  readonly staleness: string
  readonly hasTools: boolean
}

export function Gutter({ cell, execution, staleness, hasTools }: Props) {
  const { act, notebook } = useDesk()
  const may = useMay()
  const choose = () => notebook.selection.change((was) => (was.active === cell.id ? was : at(cell.id)))
  const state = execution?.state
  const isUnderWay = state === "running" || state === "queued"
  return (
    <div className={css["gutter"]}>
      {may.edit && hasTools && <Grip cell={cell.id} />}
      {cell.type === "code" && (
        <>
          <button
            type="button"
            className={css["run"]}
            tabIndex={-1}
            aria-label={isUnderWay ? "Stop this cell" : "Run this cell"}
            title={isUnderWay ? "Stop (I, I)" : "Run (Ctrl+Enter)"}
            disabled={!may.run}
            onClick={() => {
              choose()
              if (state === "queued" && execution) notebook.live.ask({ do: "unqueue", executions: [execution.id] })
              else act(state === "running" ? "kernel.interrupt" : "run.stay")
            }}
          >
            {isUnderWay ? <IconPlayerStopFilled size={13} aria-hidden="true" /> : <IconPlayerPlayFilled size={13} aria-hidden="true" />}
          </button>
          <Count cell={cell} execution={execution} />
          <ReadinessMark cell={cell.id} />
        </>
      )}
      <Rail execution={execution} staleness={staleness} isCode={cell.type === "code"} />
    </div>
  )
}

function Grip({ cell }: { readonly cell: string }) {
  const start = (event: DragEvent) => {
    event.dataTransfer.setData(CELL_DRAG, cell)
    event.dataTransfer.effectAllowed = "move"
    const row = event.currentTarget.closest("[data-cell]")
    if (row) event.dataTransfer.setDragImage(row, 20, 12)
  }
  return (
    // For the mouse alone: Alt with the arrows moves cells from the keyboard.
    <span className={css["grip"]} draggable onDragStart={start} title="Drag to move (Alt+↑, Alt+↓)" aria-hidden="true">
      <IconGripVertical size={14} />
    </span>
  )
}

function Count({ cell, execution }: { readonly cell: CellShape; readonly execution: ExecutionView | undefined }) {
  const { notebook } = useDesk()
  const version = useVersionOutputs(notebook.id, execution ? "" : cell.shows, cell.id)
  const position = useStore(notebook.state, (state) => (execution?.state === "queued" ? queuePositions(state).get(execution.id) : undefined))
  if (execution?.state === "queued")
    return (
      <span className={css["count"]} title="Place in the queue">
        {position === undefined ? "…" : `#${position}`}
      </span>
    )
  if (execution?.state === "running")
    return (
      <span className={`${css["count"]} ${css["counting"]}`}>
        <Duration from={execution.startedAt} />
      </span>
    )
  const count = execution ? execution.executionCount : (version?.executionCount ?? null)
  return <span className={css["count"]}>{count === null ? "" : `[${count}]`}</span>
}

/** The thin line that carries the state: always with its word, for who does not see the colour. */
function Rail({
  execution,
  staleness,
  isCode,
}: {
  readonly execution: ExecutionView | undefined
  readonly staleness: string
  readonly isCode: boolean
}) {
  if (!isCode) return <span className={css["rail"]} aria-hidden="true" />
  const state = execution?.state ?? "idle"
  const word = staleness || WORDS[state]
  return <span className={css["rail"]} data-state={state} data-stale={staleness !== "" || undefined} title={word || undefined} aria-hidden="true" />
}

const WORDS: Readonly<Record<string, string>> = {
  idle: "",
  queued: "Waits its turn",
  running: "Runs",
  succeeded: "Ran",
  failed: "Failed",
  cancelled: "Was interrupted",
  not_run: "Was not run, because a cell before it failed",
  lost: "Was lost with its kernel",
}

export function stateWords(execution: ExecutionView | undefined, staleness: string): string {
  const word = execution ? (WORDS[execution.state] ?? "") : ""
  return [word.toLowerCase(), staleness.toLowerCase()].filter((each) => each !== "").join(", ")
}
