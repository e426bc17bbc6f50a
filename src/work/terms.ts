/** What a template adds to a launch. Nobody can ask for it in a launch: it comes beside it, from the room of templates. */
import type { ConsentId, PersonId } from "#people/index.ts"

/** What a kernel may use at most, where the machine can bound it; never more than its worker gives. */
export type Resources = {
  readonly memoryBytes?: number
  /** Processors' worth of time. */
  readonly cpus?: number
  /** Of processor time that one process may use in all. */
  readonly cpuSeconds?: number
}

/** In whose name a run goes, and the consent without which it may not. */
export type InTheNameOf = { readonly person: PersonId; readonly consent: ConsentId }

export type Terms = {
  /** The template by whose name it was ordered: its runs at once are counted. */
  readonly template: string
  readonly as?: InTheNameOf | undefined
  readonly resources: Resources
}

/** How a launch comes: `asked` is what must be the same when its key comes again, when that is not the launch itself. */
export type Ordering = { readonly key?: string | undefined; readonly terms?: Terms | undefined; readonly asked?: string | undefined }

/** What both allow. */
export function within<Given extends Resources>(given: Given, { memoryBytes, cpus, cpuSeconds }: Resources): Given {
  return {
    ...given,
    ...least("memoryBytes", given.memoryBytes, memoryBytes),
    ...least("cpus", given.cpus, cpus),
    ...least("cpuSeconds", given.cpuSeconds, cpuSeconds),
  }
}

/**
 * Where no control group bounds processors: what a process may use of them until the run's time is over. Nothing for a run without a
 * time-out (0), or that may use all there are.
 *
 * @param uncounted processors that any kernel may use; undefined where a control group sees to that
 */
export function cpuSecondsOf({ timeoutMs, cpus }: { readonly timeoutMs: number; readonly cpus?: number }, uncounted: number | undefined): Resources {
  const most = Math.min(cpus ?? Number.POSITIVE_INFINITY, uncounted ?? Number.POSITIVE_INFINITY)
  if (uncounted === undefined || timeoutMs === 0 || most === Number.POSITIVE_INFINITY) return {}
  return { cpuSeconds: Math.max(1, Math.ceil((timeoutMs / 1000) * most)) }
}

function least<Name extends string>(name: Name, a: number | undefined, b: number | undefined) {
  const most = Math.min(a ?? Number.POSITIVE_INFINITY, b ?? Number.POSITIVE_INFINITY)
  return most === Number.POSITIVE_INFINITY ? {} : { [name]: most }
}
