/** `stet resume`: from the cell that failed, on the kernel that was kept, or on a fresh one that first does again what was done. */

import { newId } from "#base/id.ts"
import type { JsonObject } from "#base/json.ts"
import { accepted, type Outcome, refused } from "#base/outcome.ts"
import type { Action } from "#cli/action.ts"
import { type Command, lastValueOf, type Parsed } from "#cli/arguments.ts"
import { conductAndReport } from "#cli/conduct-and-report.ts"
import type { Edge } from "#cli/edge.ts"
import { EXECUTION_FLAGS } from "#cli/execution-flags.ts"
import { startingKernel } from "#cli/kernel.ts"
import { limitsOf, type Numbers } from "#cli/limits.ts"
import { kernelNameFor, type Refusal, readNotebook } from "#cli/prepare.ts"
import { say } from "#cli/say.ts"
import { refuseDirectory } from "#cli/working-directory.ts"
import type { KeptKernel, Kernels } from "#kernel/index.ts"
import type { Cell, Notebook } from "#notebook/index.ts"
import { type GivenParameter, type Order, type RunId, type Storage, skipReason } from "#run/index.ts"

const COMMAND: Command = {
  name: "stet resume",
  summary: "Go on from the cell that failed",
  description: [
    "Continues the run whose result is RESULT. When its kernel was kept (stet run --keep-kernel) the failed cell is the next one to run, on the same kernel. Otherwise the completed cells are executed again first on a fresh kernel; which of the two happens is said before it starts.",
    "With --source the cells from the failed one on are taken from a corrected notebook; the ones before it must be unchanged.",
  ],
  positionals: [{ name: "RESULT", help: "The result of the run that failed; it is replaced." }],
  flags: [
    { name: "--source", takes: ["NOTEBOOK"], help: "The corrected notebook.", group: "Source" },
    { name: "--fresh", takes: [], help: "Use a fresh kernel even if one was kept.", group: "Source" },
    ...EXECUTION_FLAGS,
  ],
  examples: [{ line: "stet resume report.result.ipynb --source report.ipynb", means: "after the failing cell was corrected in report.ipynb" }],
}

export const RESUME: Action = { command: COMMAND, act }

async function act(parsed: Parsed, edge: Edge): Promise<number> {
  const numbers = limitsOf(parsed)
  if (!numbers.ok) return say(edge, numbers.refusal)
  const storage = await edge.storage({ allowPrivateAddresses: false })
  const path = parsed.positionals[0]!
  const cwd = lastValueOf(parsed, "--cwd")
  const elsewhere = refuseDirectory(edge, cwd)
  if (elsewhere) return say(edge, elsewhere)
  const stopped = await stoppedRun(storage, path, lastValueOf(parsed, "--source"))
  if (!stopped.ok) return say(edge, stopped.refusal)
  const kept = parsed.given.some(({ flag }) => flag.name === "--fresh") ? undefined : edge.keptKernel(stopped.value.run)
  const kernels = await edge.kernels()
  try {
    const alive = kept && (await isThere(kernels, kept))
    const order = orderFrom(stopped.value, { edge, parsed, path, numbers: numbers.value, onKept: alive !== undefined })
    if (!order.ok) return say(edge, order.refusal)
    announce(edge, stopped.value, order.value, alive !== undefined)
    edge.forgetKernel(stopped.value.run)
    const starting = alive
      ? { start: async () => alive, displayName: alive.info.implementation }
      : await startingKernel(kernels, order.value, {
          preparePython: edge.preparePython,
          startTimeoutMs: numbers.value.startTimeoutMs,
          ...(cwd === undefined ? {} : { cwd }),
        })
    const keepKernelMs = numbers.value.keepKernelMs || (kept ? Math.max(0, kept.until - edge.clock.now()) : 0)
    return await conductAndReport({ edge, parsed, storage, order: order.value, output: path, ...starting, keepKernelMs })
  } finally {
    await kernels.close()
  }
}

/** The kept kernel, connected; undefined when it is gone. */
async function isThere(kernels: Kernels, kept: KeptKernel) {
  return kernels.attach(kept).catch(() => undefined)
}

type Stopped = {
  readonly notebook: Notebook
  readonly run: string
  readonly facts: JsonObject /** Index of the first cell that has to run. */
  readonly from: number
  readonly done: readonly number[]
}

async function stoppedRun(storage: Storage, path: string, source: string | undefined): Promise<Outcome<Stopped, Refusal>> {
  const result = await readNotebook(storage, path)
  if (!result.ok) return result
  const facts = (result.value.metadata["stet"] as JsonObject | undefined)?.["run"] as JsonObject | undefined
  if (!facts) return refused({ messages: [`${path} is not the result of a run of Stet.`], remedy: "Run it from the start with: stet run" })
  if (facts["status"] === "succeeded")
    return refused({ messages: [`${path} is the result of a run that succeeded; there is nothing to go on with.`], remedy: "" })
  const from = result.value.cells.findIndex((cell) => isCodeToRun(cell) && !isDone(cell) && stateOf(cell) !== "skipped")
  if (from < 0) return refused({ messages: [`In ${path} no cell is left to run.`], remedy: "" })
  const done = result.value.cells.flatMap((cell, index) => (index < from && isDone(cell) ? [index] : []))
  const corrected =
    source === undefined ? accepted(result.value) : correct(result.value, from, { source, notebook: await readNotebook(storage, source) })
  return corrected.ok ? accepted({ notebook: corrected.value, run: String(facts["id"] ?? ""), facts, from, done }) : corrected
}

function isCodeToRun(cell: Cell): boolean {
  return skipReason(cell) === undefined
}

function stateOf(cell: Cell): string {
  return String((cell.metadata["stet"] as JsonObject | undefined)?.["state"] ?? "")
}

function isDone(cell: Cell): boolean {
  return stateOf(cell) === "succeeded" || stateOf(cell) === "failed_allowed"
}

type Correction = { readonly source: string; readonly notebook: Outcome<Notebook, Refusal> }

/** What ran before, then the corrected notebook from the failed cell on. */
function correct(result: Notebook, from: number, { source, notebook }: Correction): Outcome<Notebook, Refusal> {
  if (!notebook.ok) return notebook
  const failed = result.cells[from]!
  const at = notebook.value.cells.findIndex((cell) => cell.id === failed.id)
  if (at < 0)
    return refused({
      messages: [`${source} has no cell with the id of the failed one, "${failed.id}".`],
      remedy: "Correct the cell in place, or run the notebook from the start.",
    })
  const before = new Map(result.cells.slice(0, from).map((cell) => [cell.id, cell.source]))
  const changed = notebook.value.cells.slice(0, at).find((cell) => isCodeToRun(cell) && before.get(cell.id) !== cell.source)
  if (changed)
    return refused({
      messages: [`In ${source} the cell "${changed.id}" before the failed one was changed after it had run.`],
      remedy: "Run the notebook from the start.",
    })
  return accepted({ ...result, cells: [...result.cells.slice(0, from), ...notebook.value.cells.slice(at)] })
}

type Wish = { readonly edge: Edge; readonly parsed: Parsed; readonly path: string; readonly numbers: Numbers; readonly onKept: boolean }

function orderFrom(stopped: Stopped, wish: Wish): Outcome<Order, Refusal> {
  const { notebook, facts, from, done } = stopped
  const parameters = Object.entries((facts["parameters"] ?? {}) as JsonObject).map(
    ([name, value]): GivenParameter => (value === "(secret)" ? { name, secret: true } : { name, value }),
  )
  if (!wish.onKept && parameters.some((given) => "secret" in given)) {
    return refused({
      messages: ["The run had secret parameters, which are kept nowhere, and its kernel is gone."],
      remedy: "Run the notebook from the start with: stet run",
    })
  }
  const ahead = notebook.cells.flatMap((cell, index) => (index >= from && isCodeToRun(cell) && stateOf(cell) !== "skipped" ? [index] : []))
  return accepted({
    id: newId<"Run">(wish.edge.clock.now(), wish.edge.random) as RunId,
    notebook,
    input: String(facts["input"] ?? wish.path),
    output: wish.path,
    kernelName: kernelNameFor(notebook, lastValueOf(wish.parsed, "--kernel")),
    parameters,
    plan: wish.onKept ? ahead : [...done, ...ahead],
    done: wish.onKept ? done : [],
    limits: wish.numbers.limits,
    allowErrors: wish.parsed.given.some(({ flag }) => flag.name === "--allow-errors"),
    pipelining: !wish.parsed.given.some(({ flag }) => flag.name === "--no-pipelining"),
  })
}

function announce(edge: Edge, { from, done }: Stopped, order: Order, onKept: boolean): void {
  const where = onKept
    ? "on the kernel that was kept"
    : `on a fresh kernel: ${done.length === 1 ? "the completed cell before it is" : `the ${done.length} completed cells before it are`} executed again first`
  edge.err.write(`Going on from cell ${from + 1} of ${order.notebook.cells.length} ${where}.\n`)
}
