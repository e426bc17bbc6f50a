/**
 * What really happens: a notebook rerun by Stet's engine on a fresh kernel, every cell of it, also behind one that raises. Kept in a
 * file by the digest of the notebook, so that rules can be judged again without waiting.
 */
import { createHash } from "node:crypto"
import { appendFileSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { newId } from "#base/id.ts"
import { probeIsolation } from "#kernel/adapters/isolation.ts"
import { localKernels } from "#kernel/adapters/local.ts"
import type { Kernels } from "#kernel/index.ts"
import { type Notebook, read, write } from "#notebook/index.ts"
import { blobDirectory } from "#run/adapters/blob-directory.ts"
import { openJournal } from "#run/adapters/journal-file.ts"
import { placed } from "#run/adapters/journal-format.ts"
import { openStorage } from "#run/adapters/storage.ts"
import { systemClock, systemRandom, systemTimers } from "#run/adapters/system.ts"
import { DEFAULT_LIMITS, type Order, perform, type Run, type RunId, STET, wholePlan } from "#run/index.ts"
import type { Ran } from "./repeat.ts"

/** One cell that raised. */
export type Raised = { readonly cell: string; readonly state: string; readonly ename: string; readonly evalue: string }

export type Truth = {
  /** SHA-256 of the notebook as it was run. */
  readonly digest: string
  /** "ran" whatever was raised; anything else is no verdict about the source. */
  readonly status: "ran" | "timed_out" | "kernel_died" | "not_run"
  /** In the order of the cells. */
  readonly raised: readonly Raised[]
  readonly ms: number
}

export type Truths = {
  /** false: the notebooks reach nothing but themselves. */
  readonly hasNetwork: boolean
  of(notebook: Notebook, folder: string): Promise<Truth>
  /** Run once more and stopped where a run stops; undefined when nothing ran. Not kept. */
  ran(notebook: Notebook, folder: string): Promise<Ran | undefined>
  close(): Promise<void>
}

export type Patience = { readonly cellMs: number; readonly runMs: number }

/** `file` holds one verdict a line and is added to. */
export async function openTruths(file: string, patience: Patience): Promise<Truths> {
  mkdirSync(dirname(file), { recursive: true })
  const known = new Map<string, Truth>()
  for (const line of existsSync(file) ? readFileSync(file, "utf8").split("\n") : []) {
    if (line === "") continue
    const truth = JSON.parse(line) as Truth
    known.set(truth.digest, truth)
  }
  const kernels = localKernels()
  const level = (await probeIsolation()).best
  return {
    hasNetwork: level !== "L2",
    of: async (notebook, folder) => {
      const digest = createHash("sha256").update(write(notebook)).digest("hex")
      const before = known.get(digest)
      if (before) return before
      const began = performance.now()
      const { run } = await performed({ notebook, folder, kernels, patience, level, allowErrors: true })
      const truth = { digest, ...verdict(run), ms: Math.round(performance.now() - began) }
      known.set(digest, truth)
      appendFileSync(file, `${JSON.stringify(truth)}\n`)
      return truth
    },
    ran: async (notebook, folder) => {
      const { run, result } = await performed({ notebook, folder, kernels, patience, level, allowErrors: false })
      const { status, raised } = verdict(run)
      return result && status !== "not_run"
        ? { result, stop: raised.map(({ cell, ename }) => `${cell} ${ename}`).join(", ") || run.status }
        : undefined
    },
    close: () => kernels.close(),
  }
}

type Rerun = {
  readonly notebook: Notebook
  readonly folder: string
  readonly kernels: Kernels
  readonly patience: Patience
  readonly level: "L0" | "L1" | "L2"
  readonly allowErrors: boolean
}

async function performed({
  notebook,
  folder,
  kernels,
  patience,
  level,
  allowErrors,
}: Rerun): Promise<{ readonly run: Run; readonly result: Notebook | undefined }> {
  const home = mkdtempSync(join(tmpdir(), "stet-readiness-"))
  const scratch = join(home, "kernels", "one")
  const cwd = join(scratch, "work")
  // Where the notebook stands, so that what lies beside it is found, and nothing of ours is written to.
  mkdirSync(scratch, { recursive: true })
  cpSync(folder, cwd, { recursive: true })
  const order = { ...orderFor(notebook, patience), allowErrors }
  const journal = openJournal(join(home, "journal"))
  const output = join(home, "result.ipynb")
  try {
    const confine = level === "L0" ? {} : { confine: { level, scratch, network: level !== "L2", memoryBytes: 2_000_000_000 } }
    const performing = perform(order, {
      start: () => kernels.start(order.kernelName, { historyOff: true, cwd, ...confine }),
      displayName: order.kernelName,
      journal,
      placed,
      blobs: blobDirectory(join(home, "blobs")),
      open: () => openStorage().openWrite(output),
      clock: systemClock,
      timers: systemTimers,
      dialect: STET,
      snapshotMs: 0,
      keepKernelMs: 0,
    })
    const { run } = await performing.done
    const reading = existsSync(output) ? read(readFileSync(output)) : undefined
    return { run, result: reading?.ok ? reading.value.notebook : undefined }
  } finally {
    await journal.close({ discard: true })
    rmSync(home, { recursive: true, force: true })
  }
}

function orderFor(notebook: Notebook, { cellMs, runMs }: Patience): Order {
  return {
    id: newId<"Run">(systemClock.now(), systemRandom) as RunId,
    notebook,
    input: "notebook.ipynb",
    output: "result.ipynb",
    // Whatever kernel of Python it names, there is this one.
    kernelName: "python3",
    parameters: [],
    plan: wholePlan(notebook),
    done: [],
    limits: { ...DEFAULT_LIMITS, cellTimeoutMs: cellMs, runTimeoutMs: runMs },
    allowErrors: true,
    pipelining: false,
  }
}

function verdict(run: Run): Pick<Truth, "status" | "raised"> {
  const raised = run.cells.flatMap(({ state, error }, at) => {
    if (error === undefined && state !== "failed") return []
    const cell = run.order.notebook.cells[at]?.id ?? ""
    return [{ cell, state, ename: error?.ename ?? "", evalue: (error?.evalue ?? "").slice(0, 300) }]
  })
  if (run.reason === "timed_out") return { status: "timed_out", raised }
  if (run.reason === "asked_for_input") return { status: "ran", raised: [...raised, inputAsked(run)] }
  if (run.reason === "kernel_died" || run.reason === "out_of_memory" || run.reason === "kernel_restarted") return { status: "kernel_died", raised }
  return {
    status: run.cells.some(({ state }) => state === "succeeded" || state === "failed_allowed" || state === "failed") ? "ran" : "not_run",
    raised,
  }
}

function inputAsked(run: Run): Raised {
  const at = run.order.plan[run.current] ?? 0
  return { cell: run.order.notebook.cells[at]?.id ?? "", state: "failed", ename: "InputAsked", evalue: run.explanation }
}
