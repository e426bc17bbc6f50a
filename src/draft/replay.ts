/** How far a replay has come: the cells before the one at which it ends, and what became of the last execution of each. */
import type { DraftCell } from "#draft/schema.ts"

export type ReplayState = "running" | "done" | "stopped"

export type Replay = {
  readonly total: number
  readonly done: number
  readonly is: ReplayState
  /** The cell that runs, or at which it stopped; "" when there is none. */
  readonly at: string
}

/**
 * @param until the id of the cell before which it ends; "" for none
 * @param stateOf what became of the last execution of a cell in this session; undefined when there was none
 */
export function replayOf(cells: readonly DraftCell[], until: string, stateOf: (cell: string) => string | undefined): Replay {
  const end = cells.findIndex(({ id }) => id === until)
  const replayed = cells.slice(0, end < 0 ? cells.length : end).filter(isReplayed)
  const states = replayed.map(({ id }) => ({ id, state: stateOf(id) ?? "" }))
  const done = states.filter(({ state }) => state === "succeeded").length
  const open = states.find(({ state }) => state === "running" || state === "queued")
  const stopped = states.find(({ state }) => state !== "succeeded" && state !== "running" && state !== "queued")
  const is = done === states.length ? "done" : open ? "running" : "stopped"
  return { total: states.length, done, is, at: is === "done" ? "" : ((open ?? stopped)?.id ?? "") }
}

/** As a run passes cells over: see run/order.ts. */
function isReplayed({ type, text, tags }: DraftCell): boolean {
  return type === "code" && text.trim() !== "" && !tags.includes("skip-execution")
}
