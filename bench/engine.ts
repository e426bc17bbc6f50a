/** Stet's engine with the adapters that `stet run` uses, for the two things its command line does not do: many runs in one process, and warm kernels. */
import { mkdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { newId } from "#base/id.ts"
import { localKernels } from "#kernel/adapters/local.ts"
import type { Kernel } from "#kernel/index.ts"
import { kernelNameOf, type Notebook, read } from "#notebook/index.ts"
import { blobDirectory } from "#run/adapters/blob-directory.ts"
import { openJournal } from "#run/adapters/journal-file.ts"
import { placed } from "#run/adapters/journal-format.ts"
import { openStorage } from "#run/adapters/storage.ts"
import { systemClock, systemRandom, systemTimers } from "#run/adapters/system.ts"
import { DEFAULT_LIMITS, type Order, perform, type Run, type RunId, STET, wholePlan } from "#run/index.ts"

export type Wanted = {
  readonly from: string
  readonly to: string
  /** A kernel that is already up; without it one is forked from the zygote. */
  readonly kernel?: Kernel
}

export type Engine = {
  startKernel(): Promise<Kernel>
  run(wanted: Wanted): Promise<Run>
  close(): Promise<void>
}

/** Watchers see snapshots every so often, as with `stet run`. */
const SNAPSHOT_MS = 3000

export function openEngine(): Engine {
  const home = process.env["STET_HOME"]!
  const journals = join(home, "journals")
  mkdirSync(journals, { recursive: true })
  const kernels = localKernels()
  const storage = openStorage()
  const startKernel = (name = "python3") => kernels.start(name, { historyOff: true, zygote: true })
  const run = async ({ from, to, kernel }: Wanted): Promise<Run> => {
    const order = orderFor(from, to)
    const journal = openJournal(join(journals, `${order.id}.journal`))
    const performance = perform(order, {
      start: async () => kernel ?? startKernel(order.kernelName),
      displayName: order.kernelName,
      journal,
      placed,
      blobs: blobDirectory(join(home, "blobs")),
      open: () => storage.openWrite(to),
      clock: systemClock,
      timers: systemTimers,
      dialect: STET,
      snapshotMs: SNAPSHOT_MS,
      keepKernelMs: 0,
    })
    const { run } = await performance.done
    await journal.close({ discard: true })
    return run
  }
  return { startKernel, run, close: () => kernels.close() }
}

function orderFor(input: string, output: string): Order {
  const notebook = notebookIn(input)
  return {
    id: newId<"Run">(systemClock.now(), systemRandom) as RunId,
    notebook,
    input,
    output,
    kernelName: kernelNameOf(notebook) || "python3",
    parameters: [],
    plan: wholePlan(notebook),
    done: [],
    limits: DEFAULT_LIMITS,
    allowErrors: false,
    pipelining: true,
  }
}

function notebookIn(path: string): Notebook {
  const reading = read(readFileSync(path))
  if (!reading.ok) throw new Error(`${path}: ${reading.refusal.message}`)
  return reading.value.notebook
}
