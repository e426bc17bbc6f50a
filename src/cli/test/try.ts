/** One test case on a kernel of its own, in a copy of the notebook's folder of its own. */
import { dirname, join, resolve } from "node:path"
import { isFault, toError } from "#base/fault.ts"
import { accepted, type Outcome } from "#base/outcome.ts"
import { isMocked, namedResults, rigged, rigOf, shortcomings, type TestCase, weaknesses } from "#case/index.ts"
import type { Edge, Records } from "#cli/edge.ts"
import { startingKernel } from "#cli/kernel.ts"
import type { Numbers } from "#cli/limits.ts"
import { memorySink } from "#cli/memory-sink.ts"
import { kernelNameFor, type Prepared, prepare, type Refusal } from "#cli/prepare.ts"
import { keepSnapshot, snapshotOf, snapshotPath } from "#cli/test/snapshot-file.ts"
import type { Suite } from "#cli/test/suite.ts"
import type { Copy, Workshop } from "#cli/test/workshop.ts"
import type { Kernels } from "#kernel/index.ts"
import { type Cell, type Notebook, read } from "#notebook/index.ts"
import { type Performance, perform, type Run, STET, type Storage } from "#run/index.ts"

export type Tried = {
  readonly name: string
  readonly verdict: "passed" | "failed" | "broken" | "cancelled"
  /** Why not, a sentence each. */
  readonly said: readonly string[]
  /** What it could not have noticed. */
  readonly weak: readonly string[]
  /** Ids of cells. */
  readonly ran: readonly string[]
  readonly mocked: readonly string[]
  readonly durationMs: number
  /** The cell that raised. */
  readonly raised: Raised | undefined
}

export type Raised = { readonly cell: Cell; readonly number: number; readonly traceback: string }

export type Bench = {
  readonly edge: Edge
  readonly storage: Storage
  readonly workshop: Workshop
  readonly kernels: Kernels
  readonly records: Records
  readonly numbers: Numbers
  readonly kernel: string | undefined
  /** The folder that is worked in, in place of the notebook's own. */
  readonly cwd: string | undefined
  /** In that folder itself, and not in a copy. */
  readonly isInPlace: boolean
  readonly updates: boolean
  /** More than one kernel will be wanted. */
  readonly many: boolean
  /** Packages that many of them import, and that take long to load. */
  readonly imports: readonly string[]
  /** Of each that runs now, so that they can be ended. */
  readonly running: Set<Performance>
}

export async function tryCase(suite: Suite, one: TestCase, bench: Bench): Promise<Tried> {
  const began = bench.edge.clock.steady()
  const done = (rest: Partial<Tried> & Pick<Tried, "verdict">): Tried => ({
    name: one.name,
    said: [],
    weak: weaknesses(one),
    ran: [],
    mocked: [],
    raised: undefined,
    ...rest,
    durationMs: bench.edge.clock.steady() - began,
  })
  const prepared = await orderFor(suite, one, bench)
  if (!prepared.ok) return done({ verdict: "failed", said: [...prepared.refusal.messages] })
  const folder = resolve(bench.edge.cwd, bench.cwd ?? dirname(suite.path))
  const copy = await copyFor(folder, bench)
  try {
    const { run, result } = await performed(prepared.value, bench, copy?.path ?? folder)
    return done({ ...(await judged(suite, one, { bench, run, result })), ...cellsOf(run, result) })
  } catch (error) {
    return done({ verdict: "broken", said: [isFault(error) ? [error.message, error.remedy].filter(Boolean).join(" ") : toError(error).message] })
  } finally {
    prepared.value.forget()
    await copy?.remove()
  }
}

async function orderFor(suite: Suite, one: TestCase, { edge, kernel, numbers, cwd }: Bench): Promise<Outcome<Prepared, Refusal>> {
  const rig = rigged(suite.notebook, rigOf(one), kernelNameFor(suite.notebook, kernel))
  if (!rig.ok) return { ok: false, refusal: { messages: [rig.refusal.message], remedy: "" } }
  const ready = await prepare(edge, rig.value.notebook, {
    input: suite.path,
    output: "",
    given: Object.entries(one.parameters).map(([name, value]) => ({ name, value })),
    files: { folder: resolve(edge.cwd, dirname(suite.path)), stays: cwd === undefined },
    allowUnknown: false,
    kernel,
    selection: {},
    limits: numbers.limits,
    allowErrors: false,
    pipelining: true,
  })
  return ready.ok ? accepted(ready.value) : ready
}

/** A remote kernel works where its server says: there is nothing here to be copied. */
async function copyFor(folder: string, { workshop, edge, isInPlace }: Bench): Promise<Copy | undefined> {
  return isInPlace || edge.env["JUPYTER_GATEWAY_URL"] ? undefined : workshop.copyOf(folder)
}

type Ended = { readonly run: Run; readonly result: Notebook | undefined }

async function performed({ order, redact }: Prepared, bench: Bench, cwd: string): Promise<Ended> {
  const { edge, records, kernels, numbers, running, many, imports } = bench
  const starting = await startingKernel(kernels, order, {
    startTimeoutMs: numbers.startTimeoutMs,
    preparePython: edge.preparePython,
    cwd,
    zygote: many,
    zygoteImports: imports,
  })
  const journal = records.openJournal(join(edge.home, "journals", `${order.id}.${edge.pid}.journal`))
  const sink = memorySink()
  const performance = perform(order, {
    ...edge,
    ...records,
    ...starting,
    journal,
    redact,
    dialect: STET,
    open: async () => sink,
    snapshotMs: 0,
    keepKernelMs: 0,
  })
  running.add(performance)
  try {
    const { run } = await performance.done
    const reading = read(sink.bytes())
    return { run, result: reading.ok ? reading.value.notebook : undefined }
  } finally {
    running.delete(performance)
    await journal.close({ discard: true }).catch(() => {})
  }
}

async function judged(
  suite: Suite,
  one: TestCase,
  { bench, run, result }: Ended & { readonly bench: Bench },
): Promise<Pick<Tried, "verdict" | "said">> {
  if (run.status === "cancelled") return { verdict: "cancelled", said: ["It was cancelled."] }
  const isBroken = run.status === "lost" || (run.status === "failed" && INFRASTRUCTURE.has(run.reason))
  const hasSnapshot = one.expects.checks.some(({ check }) => check === "snapshot")
  if (hasSnapshot && bench.updates && run.status === "succeeded" && result) await keep(snapshotPath(suite, one.name), result, bench)
  const before = hasSnapshot ? await snapshotOf(bench.storage, suite, one.name) : undefined
  const error = run.cells.find(({ state }) => state === "failed")?.error ?? null
  const named = result ? namedResults(result) : {}
  const said = shortcomings(one.expects, { state: run.status, explanation: run.explanation, error, result, named, before })
  return { verdict: said.length === 0 ? "passed" : isBroken ? "broken" : "failed", said }
}

async function keep(path: string, result: Notebook, { workshop, storage }: Bench): Promise<void> {
  await workshop.makeFolder(dirname(path))
  await keepSnapshot(storage, path, result)
}

/** Ends that say nothing of the notebook. */
const INFRASTRUCTURE: ReadonlySet<string> = new Set(["kernel_start_failed", "storage_failed", "owner_died"])

function cellsOf(run: Run, result: Notebook | undefined): Pick<Tried, "ran" | "mocked" | "raised"> {
  const { cells } = run.order.notebook
  const ran = cells.flatMap(({ id }, at) => ((run.cells[at]?.busyAt ?? 0) > 0 ? [id] : []))
  const failed = run.cells.findIndex(({ state }) => state === "failed" || state === "timed_out" || state === "kernel_died")
  const cell = cells[failed]
  const error = run.cells[failed]?.error
  const traceback = error ? error.traceback.join("\n") || `${error.ename}: ${error.evalue}` : run.explanation
  return { ran, mocked: (result?.cells ?? []).filter(isMocked).map(({ id }) => id), raised: cell && { cell, number: failed + 1, traceback } }
}
