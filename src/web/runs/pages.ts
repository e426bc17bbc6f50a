/** A list of runs that is read part by part while its beginning changes. Pure. */
import type { Answered } from "#api/contract.ts"

export type RunView = Answered<"getRun">

/**
 * The list with what the newest part says now: runs that it has are replaced, new ones come first. `isGap`: so many are new that
 * the two parts no longer meet, and the list must be read again from the top.
 */
export function withNewest(
  known: readonly RunView[],
  newest: readonly RunView[],
  hasMore: boolean,
): { readonly runs: readonly RunView[]; readonly isGap: boolean } {
  const last = newest.at(-1)
  if (!last) return { runs: [], isGap: known.length > 0 }
  const older = known.filter(({ id }) => id < last.id)
  const isGap = hasMore && known.length > 0 && !known.some(({ id }) => id >= last.id)
  return isGap ? { runs: newest, isGap } : { runs: [...newest, ...older], isGap }
}

const UNDER_WAY = new Set(["queued", "running"])

export function isUnderWay({ state }: Pick<RunView, "state">): boolean {
  return UNDER_WAY.has(state)
}
