/** A result in the words of papermill's metadata: same keys and marker cells, but what they say is what happened. */
import type { Json, JsonObject } from "#base/json.ts"
import { toIso } from "#base/time.ts"
import { type Cell, isCode, tagsOf } from "#notebook/index.ts"
import { type CellRun, type CellState, type Dialect, isOver, parameterFacts, type Run, STET } from "#run/index.ts"

const MARKER_TAG = "papermill-error-cell-tag"

export type Face = { readonly version: string; readonly reportMode: boolean }

export function papermillDialect(face: Face): Dialect {
  return {
    cell: (cell, run, index) => {
      const said = STET.cell(cell, run, index)
      const metadata = { ...said.metadata, papermill: cellFacts(cell, run, index), tags: [...tagsOf(cell)] }
      return { ...said, metadata: face.reportMode && isCode(cell) ? hidden(metadata) : metadata }
    },
    notebook: (run) => ({ ...STET.notebook(run), papermill: notebookFacts(run, face) }),
    markers,
  }
}

function hidden(metadata: JsonObject): JsonObject {
  const jupyter = metadata["jupyter"]
  return { ...metadata, jupyter: { ...(typeof jupyter === "object" && !Array.isArray(jupyter) ? (jupyter as JsonObject) : {}), source_hidden: true } }
}

const STATUS: { readonly [state in CellState]: string } = {
  waiting: "pending",
  running: "running",
  succeeded: "completed",
  failed_allowed: "completed",
  stopped_early: "completed",
  failed: "failed",
  timed_out: "failed",
  kernel_died: "failed",
  cancelled: "failed",
  lost: "failed",
  skipped: "pending",
  not_run: "pending",
}

function cellFacts(cell: Cell, run: Run, index: number): JsonObject {
  const ran = run.cells[index]!
  const end = Math.max(ran.replyAt, ran.idleAt) || (ran.busyAt > 0 ? run.endedAt : 0)
  const status = isCode(cell) ? STATUS[ran.state] : isPassed(run, index) ? "completed" : "pending"
  return {
    duration: ran.busyAt > 0 && end > 0 ? seconds(end - ran.busyAt) : null,
    end_time: end > 0 ? python(end) : null,
    exception: isCode(cell) ? raisedWord(ran) : status === "completed" ? false : null,
    start_time: ran.busyAt > 0 ? python(ran.busyAt) : null,
    status,
  }
}

/** Text is done with when the run has gone past it: a cell behind it has begun, or every cell got to a good end. */
function isPassed({ order, cells }: Run, index: number): boolean {
  const hasBegun = (place: number) => STATUS[cells[place]!.state] !== "pending"
  return order.plan.some((place) => place > index && hasBegun(place)) || order.plan.every((place) => STATUS[cells[place]!.state] === "completed")
}

function raisedWord(ran: CellRun): Json {
  if (ran.state === "waiting" || ran.state === "not_run" || ran.state === "skipped" || ran.state === "running") return null
  return ran.state !== "succeeded" && ran.state !== "stopped_early"
}

function notebookFacts(run: Run, face: Face): JsonObject {
  const over = isOver(run)
  return {
    default_parameters: {},
    duration: over ? seconds(run.endedAt - run.beganAt) : null,
    end_time: over ? python(run.endedAt) : null,
    environment_variables: {},
    exception: over && run.status !== "succeeded" ? true : null,
    input_path: run.order.input,
    output_path: run.order.output,
    parameters: parameterFacts(run.order.parameters),
    start_time: run.readyAt > 0 || over ? python(run.beganAt) : null,
    version: `stet ${face.version}`,
  }
}

function seconds(ms: number): number {
  return Math.round(ms) / 1000
}

function python(ms: number): string {
  return toIso(ms).replace("Z", "+00:00")
}

/** Where it went wrong, on top and right before the cell. */
function markers(run: Run): ReadonlyMap<number, readonly Cell[]> {
  const failed = run.cells.findIndex((cell) => STATUS[cell.state] === "failed")
  if (failed < 0 || run.status === "succeeded") return new Map()
  const count = run.cells[failed]!.executionCount
  const label = count === null ? `cell ${failed + 1}` : `In [${count}]`
  const top = marker(
    "papermill-error-top",
    `<span style="color:red; font-size:2em">The run stopped at <a href="#papermill-error-cell">${label}</a>.</span>`,
  )
  const here = marker("papermill-error-cell", '<span id="papermill-error-cell" style="color:red; font-size:2em">This cell stopped the run:</span>')
  return failed === 0
    ? new Map([[0, [top, here]]])
    : new Map([
        [0, [top]],
        [failed, [here]],
      ])
}

function marker(id: string, source: string): Cell {
  return { cell_type: "markdown", id, metadata: { tags: [MARKER_TAG] }, source }
}

/** Marker cells of an earlier run do not belong to the notebook. */
export function isMarker(cell: Cell): boolean {
  return tagsOf(cell).includes(MARKER_TAG)
}
