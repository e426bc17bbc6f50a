/** A run with its progress shown and its end told: what `stet run` and `stet resume` have in common. */
import { isOn, lastValueOf, type Parsed } from "#cli/arguments.ts"
import { conduct } from "#cli/conduct.ts"
import { type Edge, EXIT } from "#cli/edge.ts"
import type { Reporter } from "#cli/progress.ts"
import { report } from "#cli/report.ts"
import { reporterFor } from "#cli/reporter.ts"
import { tellsOfRun } from "#cli/result-path.ts"
import type { Kernel } from "#kernel/index.ts"
import { type Order, type Redactor, STET, type Storage } from "#run/index.ts"

/** How often watchers of a local result see it grow; elsewhere it is written once. */
const SNAPSHOT_MS = 3000

export type Told = {
  readonly edge: Edge
  readonly parsed: Parsed
  readonly storage: Storage
  readonly order: Order
  readonly output: string
  readonly start: () => Promise<Kernel>
  readonly displayName: string
  readonly keepKernelMs: number
  readonly redact?: Redactor | undefined
}

/** Gives the exit code. @throws Fault as `conduct` */
export async function conductAndReport(told: Told): Promise<number> {
  const reporter = reporterFor(told.parsed, told.edge, told.output === "-")
  try {
    return await conducted(told, reporter)
  } finally {
    reporter.abandon?.()
  }
}

async function conducted(told: Told, reporter: Reporter): Promise<number> {
  const { edge, parsed, output, order } = told
  const { run, exit, kept, saved } = await conduct(edge, {
    ...told,
    dialect: STET,
    open: () => told.storage.openWrite(output),
    hasEarlier: () => tellsOfRun(told.storage, output),
    snapshotMs: (await told.storage.mayRepeat(output)) ? SNAPSHOT_MS : 0,
    journalPath: lastValueOf(parsed, "--journal"),
    watch: reporter.event,
  })
  reporter.end(run, saved)
  if (kept) edge.keepKernel(order.id, kept)
  const isQuiet = isOn(parsed, "--quiet") === true && exit === EXIT.succeeded
  if (!isQuiet) report(run, { err: edge.err, output: saved && output !== "-" ? output : "", keptForMs: kept ? told.keepKernelMs : 0 })
  if (!saved) edge.err.write(`The result of an earlier run stays as it was: ${output}\n`)
  return exit
}
