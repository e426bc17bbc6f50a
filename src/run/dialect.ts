/** How a result says what happened: the metadata that Stet writes, beside Jupyter's own keys. Another face may speak another one. */
import { type Json, type JsonObject, NumberLexeme } from "#base/json.ts"
import { toIso } from "#base/time.ts"
import { type Cell, isCode, type Notebook } from "#notebook/index.ts"
import type { GivenParameter } from "#run/order.ts"
import { type CellRun, isOver, type Run } from "#run/run.ts"

export type Dialect = {
  /** The cell with its metadata and execution count; outputs are added by the projection. */
  cell(cell: Cell, run: Run, index: number): Cell
  /** The notebook's metadata. */
  notebook(run: Run): JsonObject
  /** Cells to show before the cell with this index. */
  markers(run: Run): ReadonlyMap<number, readonly Cell[]>
}

export const STET: Dialect = {
  cell: (cell, run, index) => (isCode(cell) ? withTimes(cell, run, index) : cell),
  notebook: (run) => ({ ...without(kernelMetadata(run), STALE), stet: { ...stetOf(run.order.notebook), run: runFacts(run) } }),
  markers: () => new Map(),
}

/** What an earlier run wrote: it would now tell of another run. */
const STALE = ["papermill", "widgets", "execution"]

function without(metadata: JsonObject, keys: readonly string[]): JsonObject {
  return Object.fromEntries(Object.entries(metadata).filter(([key]) => !keys.includes(key)))
}

function withTimes(cell: Cell, run: Run, index: number): Cell {
  const ran = run.cells[index]!
  const stet: JsonObject = { ...stetOf(cell), state: ran.state, ...timesOf(ran) }
  // A cell that does not run keeps its outputs, and so what tells of them.
  if (!run.order.plan.includes(index)) return { ...cell, metadata: { ...cell.metadata, stet } }
  const metadata = { ...without(cell.metadata, STALE), stet, ...(ran.busyAt > 0 ? { execution: jupyterTimes(ran) } : {}) }
  return { ...cell, execution_count: ran.executionCount, metadata }
}

function timesOf(ran: CellRun): JsonObject {
  if (ran.busyAt === 0) return {}
  const end = Math.max(ran.replyAt, ran.idleAt)
  return { started_at: toIso(ran.busyAt), ...(end > 0 ? { duration_ms: Math.max(0, Math.round(end - ran.busyAt)) } : {}) }
}

/** The keys that JupyterLab and nbclient write. */
function jupyterTimes(ran: CellRun): JsonObject {
  const times: { [key: string]: Json } = {}
  if (ran.busyAt > 0) times["iopub.status.busy"] = toIso(ran.busyAt)
  if (ran.inputAt > 0) times["iopub.execute_input"] = toIso(ran.inputAt)
  if (ran.replyAt > 0) times["shell.execute_reply"] = toIso(ran.replyAt)
  if (ran.idleAt > 0) times["iopub.status.idle"] = toIso(ran.idleAt)
  return times
}

/** The notebook's own metadata with `kernelspec` and `language_info` as the kernel that ran gave them. */
function kernelMetadata(run: Run): JsonObject {
  const { metadata } = run.order.notebook
  if (!run.kernel) return metadata
  const asked = metadata["kernelspec"] as JsonObject | undefined
  const language = String(run.kernel.languageInfo["name"] ?? "")
  const kernelspec = asked?.["name"] === run.kernel.name ? asked : { name: run.kernel.name, display_name: run.kernel.displayName, language }
  return { ...metadata, kernelspec, language_info: run.kernel.languageInfo }
}

function runFacts(run: Run): JsonObject {
  const failed = run.cells.findIndex((cell) => cell.state === "failed" || cell.state === "timed_out" || cell.state === "kernel_died")
  const done = run.order.plan.filter((index) => isDone(run.cells[index]!)).length
  return {
    id: run.order.id,
    status: run.status,
    reason: run.reason,
    explanation: run.explanation,
    started_at: toIso(run.beganAt),
    ...(isOver(run) ? { ended_at: toIso(run.endedAt), duration_ms: Math.round(run.endedAt - run.beganAt) } : {}),
    input: run.order.input,
    parameters: parameterFacts(run.order.parameters),
    cells: { done, total: run.order.plan.length },
    ...(run.kernel ? { kernel: { name: run.kernel.name, implementation: run.kernel.implementation, protocol: run.kernel.protocol } } : {}),
    ...(failed >= 0 ? { error: errorFacts(run, failed) } : {}),
  }
}

/** Values as they were given; NaN and infinities as words, because strict JSON readers refuse them. */
export function parameterFacts(parameters: readonly GivenParameter[]): JsonObject {
  return Object.fromEntries(parameters.map((given) => [given.name, "secret" in given ? "(secret)" : strict(given.value)]))
}

function strict(value: Json): Json {
  if (typeof value === "number") return Number.isFinite(value) ? value : String(value)
  if (value instanceof NumberLexeme) return /^-?\d/.test(value.text) ? value : value.text
  if (Array.isArray(value)) return value.map(strict)
  if (typeof value !== "object" || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, strict(item)]))
}

function errorFacts(run: Run, index: number): JsonObject {
  const cell = run.cells[index]!
  return {
    cell_id: run.order.notebook.cells[index]!.id,
    cell_index: index,
    ename: cell.error?.ename ?? run.reason,
    evalue: cell.error?.evalue ?? run.explanation,
  }
}

/** Did it get to an end that lets the run go on? */
function isDone(cell: CellRun): boolean {
  return cell.state === "succeeded" || cell.state === "failed_allowed" || cell.state === "stopped_early"
}

function stetOf(thing: Cell | Notebook): JsonObject {
  const own = thing.metadata["stet"]
  return typeof own === "object" && own !== null && !Array.isArray(own) ? (own as JsonObject) : {}
}
