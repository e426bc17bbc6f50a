/** From what a package tool said to a refusal (the list is at fault) or a Fault (the network or the disk is). */
import { Fault } from "#base/fault.ts"
import { diskFault } from "#environment/adapters/disk.ts"
import type { Ended } from "#environment/adapters/process.ts"
import { resolversReason } from "#environment/reasons.ts"
import { type Refused, refuse } from "#environment/refusal.ts"
import { reasonOf } from "#setup/door.mjs"

export type Doing = "lock" | "install"

/** @throws Fault index_unreachable, disk_full, storage_unwritable */
export function troubleOf(ended: Ended, doing: Doing, folder: string): Refused {
  if (ended.isCancelled) return cancelled()
  const { kind, why, remedy } = reasonOf(ended.output)
  const isFull = /ENOSPC|No space left|os error 28|Disk quota/i.test(ended.output)
  if (kind === "disk") throw diskFault(folder, isFull, { message: why })
  // An address that answers "not found" was reached: the list names something that is not there.
  if (kind === "network" && !/\b(?:404|410)\b|HTTP status client error/.test(ended.output))
    throw new Fault("index_unreachable", `The environment cannot be made now: ${why} (${resolversReason(ended.output)}).`, {
      retry: "later",
      remedy: `Please ${remedy}.`,
    })
  const what = doing === "lock" ? "No set of packages satisfies the requirements" : "The packages cannot be installed"
  return refuse("build_failed", `${what}: ${resolversReason(ended.output)}.`, "Correct the requirements, then try again.")
}

export function cancelled(): Refused {
  return refuse("cancelled", "The making of the environment was cancelled.", "Start it again when it is wanted.")
}
