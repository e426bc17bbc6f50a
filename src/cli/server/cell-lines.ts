/** A line for each cell that ended, of a run on a server: as a run on this machine has them, but with the cell's place for its source. */
import { toHuman } from "#base/time.ts"
import { wordOf } from "#cli/progress.ts"

export type Told = { readonly type: string; readonly attempt: number; readonly what: unknown }

type What = {
  readonly state?: string
  readonly index?: number
  readonly startedAt?: string | null
  readonly endedAt?: string | null
  readonly total?: number
}

export function cellLines(): (event: Told) => string {
  let [attempt, ended, total] = [0, 0, 0]
  return (event) => {
    const what = event.what as What
    // A run that is tried again begins with its first cell.
    if (event.attempt !== attempt) [attempt, ended] = [event.attempt, 0]
    if (event.type === "progress") total = what.total ?? total
    if (event.type !== "cell" || !what.startedAt || !what.endedAt) return ""
    ended++
    const took = toHuman(Math.max(0, Date.parse(what.endedAt) - Date.parse(what.startedAt)))
    const place = total > 0 ? `[${String(ended).padStart(String(total).length)}/${total}] ` : ""
    return `${place}${wordOf(what.state ?? "").padEnd(6)} ${took.padStart(8)}  cell ${(what.index ?? 0) + 1}\n`
  }
}
