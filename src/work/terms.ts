/** What a template adds to a launch. Nobody can ask for it in a launch: it comes beside it, from the room of templates. */
import type { ConsentId, PersonId } from "#people/index.ts"

/** What a kernel may use at most, where the machine can bound it; never more than its worker gives. */
export type Resources = {
  readonly memoryBytes?: number
  /** Processors' worth of time. */
  readonly cpus?: number
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
export function within<Given extends Resources>(given: Given, { memoryBytes, cpus }: Resources): Given {
  return { ...given, ...least("memoryBytes", given.memoryBytes, memoryBytes), ...least("cpus", given.cpus, cpus) }
}

function least<Name extends string>(name: Name, a: number | undefined, b: number | undefined) {
  const most = Math.min(a ?? Number.POSITIVE_INFINITY, b ?? Number.POSITIVE_INFINITY)
  return most === Number.POSITIVE_INFINITY ? {} : { [name]: most }
}
