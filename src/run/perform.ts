/**
 * One run from order to saved result: starts the kernel, drives, shows the notebook to watchers every few seconds,
 * closes or keeps the kernel, and writes the result. Whatever happens, the journal tells it.
 */
import { isFault } from "#base/fault.ts"
import type { Clock } from "#base/time.ts"
import type { KeptKernel, Kernel } from "#kernel/index.ts"
import type { Dialect } from "#run/dialect.ts"
import { Drive, type World } from "#run/drive.ts"
import type { Watch } from "#run/fold.ts"
import type { Order } from "#run/order.ts"
import type { Blobs, Journal, Timers } from "#run/ports.ts"
import { Projection } from "#run/project.ts"
import type { Run } from "#run/run.ts"
import { save } from "#run/save.ts"
import { spill } from "#run/spill.ts"
import type { Sink } from "#run/storage.ts"

export type Stage = {
  /** Starts (or attaches to) the kernel the order names. */
  readonly start: (order: Order) => Promise<Kernel>
  /** What the kernelspec calls itself. */
  readonly displayName: string
  readonly journal: Journal
  readonly placed: World["placed"]
  readonly redact?: World["redact"]
  readonly blobs: Blobs
  /** Opens the place of the result. */
  readonly open: () => Promise<Sink>
  /** Asked when no kernel started: whether a result of an earlier run is there, which tells more than this one could and stays. */
  readonly hasEarlier?: () => Promise<boolean>
  readonly clock: Clock
  readonly timers: Timers
  readonly dialect: Dialect
  /** Milliseconds between notebooks for watchers; 0 = only at the end. */
  readonly snapshotMs: number
  /** Keep the kernel of a failed run for so long; 0 = close it. */
  readonly keepKernelMs: number
  readonly watch?: Watch
  /** Asked when the run is over and its kernel lives; whoever says true hears and closes it from then on. */
  readonly hold?: (run: Run, kernel: Kernel) => boolean
}

/** `saved` is false when the place of the result was left as it was. */
export type Performed = { readonly run: Run; readonly kept: KeptKernel | undefined; readonly saved: boolean }

export type Performance = {
  /** The first call interrupts, and ends when that was not heeded for `graceMs` (default: as the order says); the second ends at once. */
  cancel(by: string, graceMs?: number): void
  /** Ends it because of what it wrote to the disk; `message` is the sentence that the result will say. */
  outgrow(message: string): void
  /**
   * Resolves when the result is saved and the kernel closed or kept.
   * @throws Fault no_such_kernel, and whatever keeps the result or the journal from being written
   */
  readonly done: Promise<Performed>
}

const TRAILING_MS = 50

/** A snapshot may cost this share of the time: the larger the notebook, the rarer. */
const SNAPSHOT_SHARE = 20

export function perform(order: Order, stage: Stage): Performance {
  const ahead = { warm: (_: Run) => {} }
  const drive = new Drive(order, {
    ...stage,
    watch: (event, run, upTo) => {
      ahead.warm(run)
      stage.watch?.(event, run, upTo)
    },
  })
  const projection = new Projection(drive.fold, { dialect: stage.dialect, read: (span) => stage.journal.read(span), token: `stet-span-${order.id}-` })
  ahead.warm = warmer(projection)
  return {
    cancel: (by, graceMs) => drive.cancel(by, graceMs),
    outgrow: (message) => drive.outgrow(message),
    done: act(order, stage, { drive, projection }),
  }
}

/** Writes each cell when the run has left it: the kernel is busy with the next one, and at the end little is left to do. */
function warmer(projection: Projection): (run: Run) => void {
  let next = 0
  return (run) => {
    for (; next < run.current; next++) projection.warm(run.order.plan[next]!)
  }
}

type Parts = { readonly drive: Drive; readonly projection: Projection }

async function act(order: Order, stage: Stage, parts: Parts): Promise<Performed> {
  const stopSnapshots = snapshots(stage, parts)
  const starting = stage.start(order)
  const { run, kernel } = await parts.drive.run(whenBegun(starting, stage.journal), stage.displayName)
  await stopSnapshots()
  // Some kernels say the last of their output a moment after their idle (Deno, up to 3 ms).
  if (kernel && run.status === "succeeded" && !run.kernel?.conditional) await new Promise<void>((then) => stage.timers.after(TRAILING_MS, then))
  // Nothing was begun, so there is no result to keep, and none to replace.
  if (run.reason === "kernel_start_failed") await starting.catch(throwRefusal)
  const keeps = stage.keepKernelMs > 0 && run.status === "failed" && run.reason === "cell_raised"
  const kept = keeps ? await kernel?.detach(stage.keepKernelMs) : undefined
  const isHeld = kernel !== undefined && !kept && (stage.hold?.(run, kernel) ?? false)
  const closing = kept || isHeld ? undefined : kernel?.close()
  try {
    // While the kernel goes, so that only what it still says is left to be written.
    await stage.journal.settled()
    for (const _ of parts.projection.pieces());
  } finally {
    await closing
  }
  parts.drive.settle()
  const saved = run.reason !== "kernel_start_failed" || !(await stage.hasEarlier?.())
  if (saved) await write(stage, parts)
  return { run, kept, saved }
}

/** That it began is on the disk first: the journal is quiet then, and tells of the first cell as soon as that is sent. */
async function whenBegun(starting: Promise<Kernel>, journal: Journal): Promise<Kernel> {
  const kernel = await starting
  // What is wrong with the journal it has told the run itself.
  await journal.settled().catch(() => undefined)
  return kernel
}

function throwRefusal(error: unknown): void {
  if (isFault(error) && error.code === "no_such_kernel") throw error
}

async function write(stage: Stage, { drive, projection }: Parts): Promise<void> {
  const { journal, blobs } = stage
  await journal.settled()
  for (const cell of drive.fold.run.order.plan) {
    const over = drive.fold.outputs.overflow(cell)
    const place = over && (await spill(over, { read: (span) => journal.read(span), record: (at) => journal.record(at) }, blobs))
    if (place) projection.spilled(cell, place)
  }
  await save(projection.pieces(), (span) => journal.read(span), await stage.open())
}

/** Writes the notebook as far as it got, every so often, while something changes. Gives the function that stops it. */
function snapshots(stage: Stage, { drive, projection }: Parts): () => Promise<void> {
  let stopped = stage.snapshotMs === 0
  let writing: Promise<void> = Promise.resolve()
  let cancelTimer = () => {}
  let savedAt = -1
  const take = async () => {
    const began = stage.clock.steady()
    const size = stage.journal.sizeBytes
    if (size !== savedAt && drive.fold.run.status === "running") {
      await stage.journal.settled()
      if (stopped) return
      await save(projection.pieces(), (span) => stage.journal.read(span), await stage.open())
      savedAt = size
    }
    wait(Math.max(stage.snapshotMs, SNAPSHOT_SHARE * (stage.clock.steady() - began)))
  }
  const wait = (ms: number) => {
    // A snapshot that fails is no reason to end the run: the journal has everything, and the final write tells.
    if (stopped) return
    cancelTimer = stage.timers.after(ms, () => {
      writing = take().catch(() => wait(10 * stage.snapshotMs))
    })
  }
  wait(stage.snapshotMs)
  return async () => {
    stopped = true
    cancelTimer()
    await writing
  }
}
