/**
 * What is left of a result for those who may not see its code: prose, and what cells showed on purpose. No source, no error, no
 * traceback, and nothing of what was printed, because anything may have been printed.
 */
import { isList, isObject, type Json, type JsonObject, own } from "#base/json.ts"
import { type Cell, isCode, type Notebook, type Output } from "#notebook/document.ts"

const FAILED = "A step of this report did not succeed. Its owner can see which one, and why."

export function reportOf(notebook: Notebook): Notebook {
  const cells = notebook.cells.flatMap((cell) => (cell.cell_type === "markdown" ? [prose(cell)] : isCode(cell) ? figure(cell) : []))
  return { nbformat: 4, nbformat_minor: notebook.nbformat_minor, metadata: notebookFacts(notebook.metadata), cells }
}

/** Whether somebody showed it, rather than that it was said on the way. */
export function isShown(output: JsonObject): boolean {
  const type = own(output, "output_type")
  return type === "display_data" || type === "execute_result"
}

function prose(cell: Cell): Cell {
  const attachments = own(cell, "attachments")
  return { id: cell.id, cell_type: "markdown", metadata: {}, source: cell.source, ...(attachments === undefined ? {} : { attachments }) }
}

/** A cell that shows nothing is not told of at all. */
function figure(cell: Cell): Cell[] {
  const outputs = (cell.outputs ?? []).filter(isShown).map(uncounted)
  if (outputs.length === 0) return []
  return [{ id: cell.id, cell_type: "code", metadata: {}, source: "", execution_count: null, outputs }]
}

function uncounted(output: Output): Output {
  return output.output_type === "execute_result" ? { ...output, execution_count: null } : output
}

const RUN_FACTS = ["id", "status", "started_at", "ended_at", "duration_ms", "parameters"]

function notebookFacts(metadata: JsonObject): JsonObject {
  const title = own(metadata, "title")
  const stet = own(metadata, "stet")
  const run = isObject(stet) ? own(stet, "run") : undefined
  return {
    ...(typeof title === "string" ? { title } : {}),
    ...(isObject(run) ? { stet: { run: runOf(run) } } : {}),
    ...widgetsOf(own(metadata, "widgets")),
  }
}

function runOf(run: JsonObject): JsonObject {
  const kept = Object.fromEntries(RUN_FACTS.flatMap((name) => (own(run, name) === undefined ? [] : [[name, own(run, name) as Json]])))
  const status = own(run, "status")
  return status === "failed" || status === "lost" ? { ...kept, explanation: FAILED } : kept
}

/** An Output widget holds outputs of its own. */
function widgetsOf(widgets: Json | undefined): JsonObject {
  if (!isObject(widgets)) return {}
  const kept = Object.entries(widgets).map(([mime, saved]): [string, Json] => {
    const state = isObject(saved) ? own(saved, "state") : undefined
    return isObject(saved) && isObject(state) ? [mime, { ...saved, state: mapped(state) }] : [mime, {}]
  })
  return { widgets: Object.fromEntries(kept) }
}

function mapped(state: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(state).map(([id, model]) => [id, isObject(model) ? modelOf(model) : {}]))
}

function modelOf(model: JsonObject): JsonObject {
  const inner = own(model, "state")
  const outputs = isObject(inner) ? own(inner, "outputs") : undefined
  if (!isObject(inner) || outputs === undefined) return model
  return { ...model, state: { ...inner, outputs: isList(outputs) ? outputs.filter((one) => isObject(one) && isShown(one)) : [] } }
}
