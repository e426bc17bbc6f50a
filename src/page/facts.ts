/**
 * What a result says about the run that made it, from whichever tool wrote it: Stet's own `metadata.stet`, papermill's
 * `metadata.papermill`, or the times that JupyterLab and nbclient leave in each cell.
 *
 * Everything here comes out of a file that anyone may have written: each value is checked before it is used.
 */
import { isObject, type Json, type JsonObject, NumberLexeme, own } from "#base/json.ts"
import { type Cell, isCode, type Notebook, type Output, tagsOf } from "#notebook/index.ts"

export type RunFacts = {
  readonly id: string
  /** One of ARCHITECTURE's six, or "unfinished": papermill does not say what became of a run that stopped. Other words pass. */
  readonly status: string
  readonly reason: string
  readonly explanation: string
  readonly startedAt: number | undefined
  readonly durationMs: number | undefined
  readonly parameters: JsonObject
  readonly kernel: string
  readonly input: string
  readonly done: number | undefined
  readonly total: number | undefined
  readonly error: { readonly cellId: string; readonly ename: string; readonly evalue: string } | undefined
}

export type CellFacts = {
  /** As the run engine names them: "succeeded", "failed", "failed_allowed", "skipped", "not_run", …; "" when nothing is known. */
  readonly state: string
  readonly durationMs: number | undefined
}

export function member(object: Json | undefined, key: string): Json | undefined {
  return isObject(object) ? own(object, key) : undefined
}

export function text(value: Json | undefined): string {
  return typeof value === "string" ? value : value instanceof NumberLexeme ? value.text : typeof value === "number" ? String(value) : ""
}

export function number(value: Json | undefined): number | undefined {
  const found = value instanceof NumberLexeme ? Number(value.text) : value
  return typeof found === "number" && Number.isFinite(found) ? found : undefined
}

export function runFacts(notebook: Notebook): RunFacts | undefined {
  const run = member(member(notebook.metadata, "stet"), "run")
  if (isObject(run)) return stetFacts(run)
  const papermill = member(notebook.metadata, "papermill")
  return isObject(papermill) ? papermillFacts(papermill, notebook) : undefined
}

function stetFacts(run: JsonObject): RunFacts {
  const error = own(run, "error")
  const parameters = own(run, "parameters")
  return {
    id: text(own(run, "id")),
    status: text(own(run, "status")),
    reason: text(own(run, "reason")),
    explanation: text(own(run, "explanation")),
    startedAt: moment(own(run, "started_at")),
    durationMs: number(own(run, "duration_ms")),
    parameters: isObject(parameters) ? parameters : {},
    kernel: text(member(own(run, "kernel"), "name")) || text(own(run, "kernel")),
    input: text(own(run, "input")),
    done: number(member(own(run, "cells"), "done")),
    total: number(member(own(run, "cells"), "total")),
    error: isObject(error)
      ? { cellId: text(own(error, "cell_id")), ename: text(own(error, "ename")), evalue: text(own(error, "evalue")) }
      : undefined,
  }
}

function papermillFacts(papermill: JsonObject, notebook: Notebook): RunFacts {
  const seconds = number(own(papermill, "duration"))
  const parameters = own(papermill, "parameters")
  return {
    id: "",
    status: papermillStatus(papermill, notebook),
    reason: "",
    explanation: "",
    startedAt: moment(own(papermill, "start_time")),
    durationMs: seconds === undefined ? undefined : seconds * 1000,
    parameters: isObject(parameters) ? parameters : {},
    kernel: "",
    input: text(own(papermill, "input_path")),
    done: undefined,
    total: undefined,
    error: undefined,
  }
}

function papermillStatus(papermill: JsonObject, notebook: Notebook): string {
  const raised = notebook.cells.some((cell) => member(own(cell.metadata, "papermill"), "exception") === true)
  if (raised || own(papermill, "exception") === true) return "failed"
  return moment(own(papermill, "end_time")) === undefined ? "unfinished" : "succeeded"
}

/** Milliseconds since 1970 of an ISO 8601 text. */
function moment(value: Json | undefined): number | undefined {
  const at = typeof value === "string" ? Date.parse(value) : Number.NaN
  return Number.isFinite(at) && Math.abs(at) < 8e15 ? at : undefined
}

const PAPERMILL_STATES: Record<string, string> = { completed: "succeeded", failed: "failed", running: "running", pending: "not_run" }

export function cellFacts(cell: Cell): CellFacts {
  const stet = own(cell.metadata, "stet")
  const papermill = own(cell.metadata, "papermill")
  const state = text(member(stet, "state"))
  if (state) return { state, durationMs: number(member(stet, "duration_ms")) }
  if (isObject(papermill) && isCode(cell)) return papermillCell(papermill)
  return { state: "", durationMs: jupyterDuration(own(cell.metadata, "execution")) }
}

function papermillCell(papermill: JsonObject): CellFacts {
  const seconds = number(own(papermill, "duration"))
  const said = text(own(papermill, "status"))
  const state = own(papermill, "exception") === true ? "failed" : Object.hasOwn(PAPERMILL_STATES, said) ? PAPERMILL_STATES[said]! : ""
  return { state, durationMs: seconds === undefined ? undefined : seconds * 1000 }
}

function jupyterDuration(execution: Json | undefined): number | undefined {
  const began = moment(member(execution, "iopub.execute_input")) ?? moment(member(execution, "iopub.status.busy"))
  const ended = moment(member(execution, "shell.execute_reply")) ?? moment(member(execution, "iopub.status.idle"))
  return began !== undefined && ended !== undefined && ended >= began ? ended - began : undefined
}

export type Failure = { readonly cell: Cell | undefined; readonly ename: string; readonly evalue: string; readonly traceback: readonly string[] }

/** The error that ended the run, or, in a notebook without a run, the first one that nobody expected. */
export function failureOf(notebook: Notebook, run: RunFacts | undefined): Failure | undefined {
  if (run && ["succeeded", "queued", "running"].includes(run.status)) return undefined
  const cell = failedCell(notebook, run)
  const output = cell && errorsOf(cell).at(-1)
  if (run?.error) return { cell, ename: run.error.ename, evalue: run.error.evalue, traceback: tracebackOf(output) }
  if (!cell || !output) return undefined
  return { cell, ename: text(own(output, "ename")), evalue: text(own(output, "evalue")), traceback: tracebackOf(output) }
}

function failedCell(notebook: Notebook, run: RunFacts | undefined): Cell | undefined {
  const named = run?.error && notebook.cells.find((cell) => cell.id === run.error?.cellId)
  return (
    named ??
    notebook.cells.find((cell) => isCode(cell) && ["failed", "timed_out", "kernel_died"].includes(cellFacts(cell).state)) ??
    notebook.cells.find(
      (cell) => isCode(cell) && !tagsOf(cell).includes("raises-exception") && cellFacts(cell).state !== "failed_allowed" && errorsOf(cell).length > 0,
    )
  )
}

function errorsOf(cell: Cell): readonly Output[] {
  return (Array.isArray(cell.outputs) ? cell.outputs : []).filter((output) => isObject(output) && output["output_type"] === "error")
}

function tracebackOf(output: Output | undefined): readonly string[] {
  const traceback = output && own(output, "traceback")
  return Array.isArray(traceback) ? traceback.map((line: Json) => text(line)) : []
}
