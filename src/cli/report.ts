/** What a person reads when a run is over: one line when it went well, the failing cell with its source and traceback when not. */
import { toHuman } from "#base/time.ts"
import type { Terminal } from "#cli/edge.ts"
import { tamed } from "#cli/foreign.ts"
import type { CellRun, Run } from "#run/index.ts"

const CONTEXT_LINES = 12
const MARKS: { readonly [status: string]: string } = { succeeded: "✓", failed: "✗", cancelled: "■", lost: "?" }
const COLOURS: { readonly [status: string]: string } = { succeeded: "32", failed: "31", cancelled: "33", lost: "35" }

export function report(run: Run, view: { readonly err: Terminal; readonly output: string; readonly keptForMs: number }): void {
  const { err } = view
  const paint = (text: string, code: string) => (err.colours ? `\x1b[${code}m${text}\x1b[0m` : text)
  const failing = run.order.plan.find((index) => isTrouble(run.cells[index]!))
  if (failing !== undefined) err.write(`\n${trouble(run, failing, { colours: err.colours, paint })}\n`)
  if (run.status === "failed" && run.exit && run.exit.stderrTail.trim() !== "")
    err.write(`${paint("The kernel's last words:", "1")}\n${indented(tamed(run.exit.stderrTail.trimEnd(), err.colours))}\n\n`)
  const mark = paint(`${MARKS[run.status] ?? ""} ${run.status}`, COLOURS[run.status] ?? "0")
  const why = run.explanation && !(run.status === "succeeded" && run.reason === "") ? `: ${tamed(run.explanation, false)}` : ""
  const [sentence = "", ...details] = why.trimEnd().split("\n")
  const where = view.output ? `→ ${view.output}` : ""
  const lines = [
    `${mark} in ${toHuman(run.endedAt - run.beganAt)}${sentence}${/^$|[.:]$/.test(sentence) ? "" : "."}`,
    ...details.map((line) => `  ${line}`),
    REMEDIES[run.reason] ?? "",
  ].filter((line) => line !== "")
  err.write(lines.length === 1 ? `${lines[0]}${where && ` ${where}`}\n` : `${[...lines, ...(where ? [where] : [])].join("\n")}\n`)
  if (view.keptForMs > 0)
    err.write(`The kernel is kept for ${toHuman(view.keptForMs)}. Go on from the failed cell with: stet resume ${view.output}\n`)
}

const REMEDIES: { readonly [reason: string]: string } = {
  kernel_start_failed: "Check that kernel's own installation; what it runs is told by: stet kernels --json",
  disk_exceeded: "Let the notebook write less, or set STET_KERNEL_DISK_MB higher on the worker.",
  out_of_memory: "Give the machine or its container more memory, or let the notebook hold less at once.",
}

function isTrouble(cell: CellRun): boolean {
  return cell.state === "failed" || cell.state === "timed_out" || cell.state === "kernel_died"
}

type Look = { readonly colours: boolean; readonly paint: (text: string, code: string) => string }

function trouble(run: Run, index: number, view: Look): string {
  const cell = run.order.notebook.cells[index]!
  const ran = run.cells[index]!
  const count = ran.executionCount === null ? "" : ` (In [${ran.executionCount}])`
  const lines = tamed(cell.source, false).split("\n")
  const source = lines.slice(0, CONTEXT_LINES).map((line, at) => `${String(at + 1).padStart(4)} │ ${line}`)
  if (lines.length > CONTEXT_LINES) source.push(`     │ … ${lines.length - CONTEXT_LINES} more lines`)
  const traceback = ran.error ? ran.error.traceback.join("\n") || `${ran.error.ename}: ${ran.error.evalue}` : ""
  const shown = tamed(traceback, view.colours)
  return [view.paint(`Cell ${index + 1}${count}`, "1"), ...source, ...(shown ? ["", shown, ""] : [""])].join("\n")
}

function indented(text: string): string {
  return text.replace(/^/gm, "  ")
}
