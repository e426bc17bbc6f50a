/** Which way of showing progress the flags and the terminal call for. */
import { isOn, lastValueOf, type Parsed } from "#cli/arguments.ts"
import type { Edge } from "#cli/edge.ts"
import { jsonReporter, linesReporter, logOutput, type Reporter, SILENT } from "#cli/progress.ts"
import { barReporter } from "#cli/progress-bar.ts"

/** @param outTaken standard output carries the notebook: nothing else may go there */
export function reporterFor(parsed: Parsed, edge: Edge, outTaken: boolean): Reporter {
  const shown = progressOf(parsed, edge, outTaken)
  return isOn(parsed, "--log-output") ? logOutput(shown, { out: outTaken ? edge.err : edge.out, err: edge.err }) : shown
}

function progressOf(parsed: Parsed, edge: Edge, outTaken: boolean): Reporter {
  const now = () => edge.clock.now()
  if (isOn(parsed, "--json")) return jsonReporter(outTaken ? edge.err : edge.out)
  if (isOn(parsed, "--quiet")) return SILENT
  const how = lastValueOf(parsed, "--progress") ?? "auto"
  if (how === "none") return SILENT
  return how === "bar" || (how === "auto" && edge.err.isTerminal) ? barReporter(edge.err, now, edge.timers) : linesReporter(edge.err, now)
}
