/** One run under the eyes of the command line: journal, signals, progress, and what is left when something breaks. */
import { join } from "node:path"
import { Fault, isFault, toError } from "#base/fault.ts"
import { type Edge, EXIT } from "#cli/edge.ts"
import type { KeptKernel, Kernel } from "#kernel/index.ts"
import { type Dialect, type Order, perform, type Redactor, type Run, type RunEvent, type Sink } from "#run/index.ts"

export type Conducting = {
  readonly order: Order
  readonly dialect: Dialect
  readonly displayName: string
  readonly start: () => Promise<Kernel>
  readonly open: () => Promise<Sink>
  readonly hasEarlier?: () => Promise<boolean>
  readonly snapshotMs: number
  readonly keepKernelMs: number
  /** Where to leave the journal; undefined = nowhere once the result is saved. */
  readonly journalPath: string | undefined
  readonly redact?: Redactor | undefined
  readonly watch?: (event: RunEvent, run: Run) => void
}

export type Conducted = { readonly run: Run; readonly kept: KeptKernel | undefined; readonly saved: boolean; readonly exit: number }

/** @throws Fault when the journal cannot be opened, or the result cannot be written (the journal is then kept and named) */
export async function conduct(edge: Edge, what: Conducting): Promise<Conducted> {
  const records = await edge.records()
  const journal = records.openJournal(what.journalPath ?? join(edge.home, "journals", `${what.order.id}.${edge.pid}.journal`))
  let startFault: unknown
  const start = () =>
    what.start().catch((error: unknown) => {
      startFault = error
      throw error
    })
  const performance = perform(what.order, {
    ...edge,
    ...records,
    ...what,
    start,
    journal,
  })
  const ignoreSignals = edge.onSignal((signal) => performance.cancel(signal))
  try {
    const { run, kept, saved } = await performance.done
    await journal.close({ discard: what.journalPath === undefined })
    return { run, kept, saved, exit: exitOf(run, startFault) }
  } catch (error) {
    const isRefusal = isFault(error) && error.code === "no_such_kernel"
    const isEmpty = journal.durableBytes === 0
    await journal.close({ discard: isRefusal || isEmpty }).catch(() => {})
    if (isRefusal || isEmpty) throw error
    throw unsaved(error, journal.path)
  } finally {
    ignoreSignals()
  }
}

function unsaved(error: unknown, journal: string): Fault {
  const remedy = `What was recorded can be written elsewhere: stet recover ${journal} OUTPUT`
  if (isFault(error)) return new Fault(error.code, error.message, { cause: error, remedy: [error.remedy, remedy].filter(Boolean).join(" ") })
  return new Fault("storage_unwritable", toError(error).message, { cause: error, remedy })
}

/** The documented exit code of a run that came to an end. */
export function exitOf(run: Run, startFault?: unknown): number {
  if (isFault(startFault)) return startFault.code === "busy" ? EXIT.later : EXIT.infrastructure
  if (run.status === "succeeded") return EXIT.succeeded
  if (run.status === "cancelled") return EXIT.cancelled
  return run.reason === "cell_raised" || run.reason === "timed_out" || run.reason === "asked_for_input" ? EXIT.failed : EXIT.infrastructure
}
