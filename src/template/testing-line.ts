/** What a server does for tests that nobody asks for: looks for new versions and changed environments, and looks through what has ended. */
import { toError } from "#base/fault.ts"
import type { Timers } from "#run/index.ts"
import type { TemplateWorld } from "#template/ports.ts"
import { settleTestRuns } from "#template/settle-tests.ts"
import { testChangedEnvironments } from "#template/test-environments.ts"
import { testNewVersions } from "#template/test-versions.ts"

export type Testing = {
  readonly versionsEveryMs: number
  readonly environmentsEveryMs: number
  /** For so long an environment must have been what it is. */
  readonly settleMs: number
  /** Tells the database what names came to mean on this machine's disk. */
  readonly mirror: () => Promise<void>
  readonly timers: Timers
  readonly tell: (line: string) => void
}

/** Gives the function that stops it. */
export function startTesting(world: TemplateWorld, { versionsEveryMs, environmentsEveryMs, settleMs, mirror, timers, tell }: Testing): () => void {
  const versions = async () => {
    await testNewVersions(world)
    await settleTestRuns(world)
  }
  const environments = async () => {
    await mirror()
    await testChangedEnvironments(world, { settleMs })
  }
  const stops = [
    again(versions, { everyMs: versionsEveryMs, timers, failed: (why) => tell(`new versions could not be tested: ${why}`) }),
    again(environments, { everyMs: environmentsEveryMs, timers, failed: (why) => tell(`changed environments could not be tested: ${why}`) }),
  ]
  return () => {
    for (const stop of stops) stop()
  }
}

type Again = { readonly everyMs: number; readonly timers: Timers; readonly failed: (why: string) => void }

/** One after the other, however long each takes. */
function again(work: () => Promise<void>, { everyMs, timers, failed }: Again): () => void {
  let stopTimer = () => {}
  let isStopped = false
  const next = () => {
    if (isStopped) return
    stopTimer = timers.after(everyMs, () => {
      work()
        .catch((error: unknown) => failed(toError(error).message))
        .finally(next)
    })
  }
  next()
  return () => {
    isStopped = true
    stopTimer()
  }
}
