/** How a run shows itself while it happens: a line per cell, events for machines; the bar on a terminal is progress-bar.ts. */
import type { Json, JsonObject } from "#base/json.ts"
import { write } from "#base/json.ts"
import { toHuman, toIso } from "#base/time.ts"
import type { Terminal } from "#cli/edge.ts"
import { foreign } from "#cli/foreign.ts"
import type { CellRun, Run, RunEvent } from "#run/index.ts"

export type Reporter = {
  /** Told of each event once it is safe on disk. */
  readonly event: (event: RunEvent, run: Run) => void
  /** The run is over and saved. */
  /** `isSaved` is false when the result of an earlier run was left in its place; default true. */
  readonly end: (run: Run, isSaved?: boolean) => void
  /** The run broke off: nothing more will come. */
  readonly abandon?: () => void
}

export const SILENT: Reporter = { event: () => {}, end: () => {} }

/** Calls back for each cell of the plan as it begins and as it ends, in order. */
function followCells(on: { begin: (run: Run, cell: number) => void; end: (run: Run, cell: number) => void }): (run: Run) => void {
  let begun = -1
  let ended = 0
  return (run) => {
    const { plan } = run.order
    const isOver = run.endedAt > 0
    while (ended < plan.length && (ended < run.current || (isOver && run.cells[plan[ended]!]!.busyAt > 0))) {
      if (begun < ended) on.begin(run, plan[ended]!)
      begun = Math.max(begun, ended)
      on.end(run, plan[ended++]!)
    }
    if (!isOver && run.status === "running" && begun < run.current && run.current < plan.length && run.cells[plan[run.current]!]!.busyAt > 0) {
      begun = run.current
      on.begin(run, plan[begun]!)
    }
  }
}

const WORDS: { readonly [state: string]: string } = {
  succeeded: "ok",
  failed_allowed: "raised, as allowed",
  stopped_early: "ended the run",
  timed_out: "timed out",
  kernel_died: "kernel died",
}

export function wordOf(state: string): string {
  return WORDS[state] ?? state
}

/** A plain line for each cell that ended. */
export function linesReporter(err: Terminal, now: () => number): Reporter {
  const follow = followCells({
    begin: () => {},
    end: (run, cell) => {
      const total = String(run.order.plan.length)
      const place = String(run.order.plan.indexOf(cell) + 1).padStart(total.length)
      const ran = run.cells[cell]!
      err.write(`[${place}/${total}] ${wordOf(ran.state).padEnd(6)} ${took(ran, now()).padStart(8)}  ${firstLine(run, cell)}\n`)
    },
  })
  return {
    event: (event, run) => {
      follow(run)
      if (event.type === "cancel_asked" && run.ending === "cancelled") err.write("Stopping: the cell is interrupted; once more ends it at once.\n")
    },
    end: () => {},
  }
}

function took(cell: CellRun, now: number): string {
  return toHuman(Math.max(0, (Math.max(cell.replyAt, cell.idleAt) || now) - cell.busyAt))
}

/** The first line of a cell that is not blank, safe for a terminal. */
export function firstLine(run: Run, cell: number): string {
  const line = run.order.notebook.cells[cell]!.source.split("\n").find((text) => text.trim() !== "") ?? ""
  return line.trim().replaceAll(/\p{Cc}/gu, " ")
}

/** One JSON object a line: what a machine may want to know, in order, each safe on disk before it is told. */
export function jsonReporter(out: Terminal): Reporter {
  const tell = (fact: JsonObject) => out.write(`${write(fact)}\n`)
  const follow = followCells({
    begin: (run, cell) => tell({ event: "cell_started", at: toIso(run.cells[cell]!.busyAt), ...cellFacts(run, cell) }),
    end: (run, cell) => tell({ event: "cell_ended", ...cellFacts(run, cell), ...endFacts(run.cells[cell]!) }),
  })
  return {
    event: (event, run) => {
      if (event.type === "begun")
        tell({ event: "run_started", at: toIso(event.at), run: run.order.id, cells: run.order.plan.length, input: run.order.input })
      if (event.type === "kernel_ready")
        tell({
          event: "kernel_ready",
          at: toIso(event.at),
          kernel: event.kernel.name,
          implementation: event.kernel.implementation,
          start_ms: event.kernel.startMs,
        })
      // What the cell said belongs between its start and its end.
      if (event.type !== "said" || event.message.header.msg_type === "status" || event.message.channel === "shell") follow(run)
      if (event.type === "said") tellOutput(tell, event.message.header.msg_type, event.message.content, run, event.message.parentId)
    },
    end: (run, isSaved = true) => {
      follow(run)
      tell({
        event: "run_ended",
        at: toIso(run.endedAt),
        run: run.order.id,
        status: run.status,
        reason: run.reason,
        explanation: run.explanation,
        duration_ms: Math.round(run.endedAt - run.beganAt),
        ...(isSaved ? { output: run.order.output } : {}),
      })
    },
  }
}

function tellOutput(tell: (fact: JsonObject) => void, type: string, content: JsonObject, run: Run, request: string): void {
  const cell = run.cells.findIndex((one) => one.request === request)
  if (cell < 0) return
  const id = run.order.notebook.cells[cell]!.id
  if (type === "stream" && typeof content["text"] === "string")
    tell({ event: "stream", cell: id, name: content["name"] ?? "stdout", text: content["text"].toWellFormed() })
  else if (type === "display_data" || type === "execute_result")
    tell({ event: "output", cell: id, type, mime_types: Object.keys((content["data"] ?? {}) as JsonObject) })
  else if (type === "error") tell({ event: "error", cell: id, ename: content["ename"] ?? "", evalue: content["evalue"] ?? "" })
}

function cellFacts(run: Run, cell: number): JsonObject {
  return { cell: run.order.notebook.cells[cell]!.id, index: cell }
}

function endFacts(ran: CellRun): { [key: string]: Json } {
  const end = Math.max(ran.replyAt, ran.idleAt)
  return { state: ran.state, execution_count: ran.executionCount, duration_ms: end > 0 ? Math.round(end - ran.busyAt) : null }
}

/** Copies what cells print to the terminal as it comes. */
export function logOutput(
  inner: Reporter & { readonly clear?: () => void },
  terminals: { readonly out: Terminal; readonly err: Terminal },
): Reporter {
  const shown = { stdout: foreign(terminals.out), stderr: foreign(terminals.err) }
  return {
    ...inner,
    event: (event, run) => {
      if (event.type === "said" && event.message.header.msg_type === "stream") {
        const { name, text } = event.message.content
        inner.clear?.()
        // The bar would be drawn over a line that has not ended.
        const whole = typeof text === "string" && inner.clear && !text.endsWith("\n") ? `${text}\n` : text
        if (typeof whole === "string" && name === "stderr") terminals.err.write(shown.stderr(whole))
        else if (typeof whole === "string") terminals.out.write(shown.stdout(whole))
      }
      inner.event(event, run)
    },
  }
}
