/** What is done now and then, whoever asks: counts rolled up, old things let go, blobs that nothing refers to swept. */
import { toError } from "#base/fault.ts"
import type { Keep } from "#configuration.ts"
import { type EnvironmentWorld, retainEnvironments } from "#environment/index.ts"
import { purgeTrash, readSchemasAnew, rollUsage, sweepOrphans } from "#library/index.ts"
import { type Checkpoints, checkpointAudit, type PeopleWorld, sweepPeople } from "#people/index.ts"
import { deliverDue, type Outbound, sweepDeliveries } from "#template/index.ts"
import { retain, sweepSessions, sweepUploads, type WorkWorld } from "#work/index.ts"

const HOUR_MS = 3_600_000
const FIRST_MS = 60_000
const SIGN_MS = 300_000
const DELIVER_MS = 3000

export type Tended = {
  readonly world: WorkWorld
  readonly people: PeopleWorld
  readonly checkpoints: Checkpoints
  /** Of this machine. */
  readonly environment: EnvironmentWorld
  readonly keep: Keep
  /** The way to those who want to hear of runs. */
  readonly outbound: Outbound
}

/** Begins; gives the function that stops it. Of several workers each does it: what one has done the next has not to do. */
export function tended({ world, people, checkpoints, environment, keep, outbound }: Tended, tell: (line: string) => void): () => void {
  const duties: readonly (readonly [string, () => Promise<unknown>])[] = [
    ["schemas", () => readSchemasAnew(world.library)],
    ["usage", () => rollUsage(world.db, world.clock.now())],
    ["retention", () => retain(world, keep)],
    ["sessions", () => sweepSessions(world, keep.eventDays)],
    ["uploads", () => sweepUploads(world)],
    ["trash", () => purgeTrash(world.library, keep.trashDays)],
    ["people", () => sweepPeople(people)],
    ["environments", () => retainEnvironments(environment, keep.environmentDays)],
    ["deliveries", () => sweepDeliveries(world)],
    ["orphans", () => sweepOrphans(world.library)],
  ]
  const tend = async () => {
    for (const [name, duty] of duties) await duty().catch((error: unknown) => tell(`${name}: ${toError(error).message}`))
  }
  const sign = () => void checkpointAudit(people, checkpoints).catch((error: unknown) => tell(`audit: ${toError(error).message}`))
  const signing = setInterval(sign, SIGN_MS)
  let isDelivering = false
  const deliver = async () => {
    isDelivering = true
    try {
      // As long as there is more; a try that fails is put off, so this comes to an end.
      while ((await deliverDue(world, outbound)) > 0);
    } catch (error) {
      tell(`deliveries: ${toError(error).message}`)
    }
    isDelivering = false
  }
  const delivering = setInterval(() => void (isDelivering || deliver()), DELIVER_MS)
  const first = setTimeout(() => void tend(), FIRST_MS)
  const hourly = setInterval(() => void tend(), HOUR_MS)
  return () => {
    clearInterval(signing)
    clearInterval(delivering)
    clearTimeout(first)
    clearInterval(hourly)
  }
}
