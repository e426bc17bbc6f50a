/** What is known of a notebook's session, folded from what the server tells. Pure: tells in, state out. */
import type { Allowed, ExecutionView, OutputsSnapshot, SavedState, SessionView, Tell } from "#api/live.ts"
import { foldOutputs, NOTHING_SHOWN, type ShownOutputs, shownFrom } from "#web/notebook/live-outputs.ts"

export type LiveState = {
  readonly you: ({ readonly id: string; readonly name: string } & Allowed) | null
  readonly session: SessionView | null
  /** By id. */
  readonly executions: ReadonlyMap<string, ExecutionView>
  /** The newest execution of a cell, by the cell's id. */
  readonly newest: ReadonlyMap<string, string>
  /** By execution. */
  readonly outputs: ReadonlyMap<string, ShownOutputs>
  readonly saved: SavedState | null
  /** It was made to look into a run or a version with a live kernel. */
  readonly isOpenedLive: boolean
  /** Stet has been updated since the page was loaded. */
  readonly isPageOld: boolean
}

export const NOTHING_KNOWN: LiveState = {
  you: null,
  session: null,
  executions: new Map(),
  newest: new Map(),
  outputs: new Map(),
  saved: null,
  isOpenedLive: false,
  isPageOld: false,
}

/** Everything that arrives between two frames is folded at once, so that the maps are copied once a frame and not once a line of output. */
export function foldTells(state: LiveState, tells: readonly Tell[]): LiveState {
  if (tells.length === 0) return state
  // A map that nothing is told of stays the same one, for those who watch it.
  const moves = tells.some(({ tell }) => tell === "execution" || tell === "welcome")
  const shows = tells.some(({ tell }) => tell === "outputs" || tell === "welcome")
  const next = {
    ...state,
    executions: moves ? new Map(state.executions) : (state.executions as Map<string, ExecutionView>),
    newest: moves ? new Map(state.newest) : (state.newest as Map<string, string>),
    outputs: shows ? new Map(state.outputs) : (state.outputs as Map<string, ShownOutputs>),
  }
  for (const tell of tells) fold(next, tell)
  return next
}

type Open = { -readonly [K in keyof LiveState]: LiveState[K] extends ReadonlyMap<infer Key, infer Value> ? Map<Key, Value> : LiveState[K] }

function fold(state: Open, tell: Tell): void {
  switch (tell.tell) {
    case "welcome":
      return welcome(state, tell)
    case "session":
      state.session = tell.session
      return
    case "execution":
      return addExecution(state, tell.execution)
    case "outputs":
      state.outputs.set(tell.execution, foldOutputs(state.outputs.get(tell.execution) ?? NOTHING_SHOWN, tell.from, tell.changes))
      return
    case "saved":
      state.saved = tell.saved
      return
    case "rights":
      if (state.you) state.you = { ...state.you, mayComment: tell.mayComment, mayRun: tell.mayRun, mayEdit: tell.mayEdit }
      return
    case "answer":
    case "resync":
    case "restored":
    case "comm":
      return
  }
}

function welcome(state: Open, tell: Extract<Tell, { tell: "welcome" }>): void {
  // What ran while nobody listened has shown something since: it stays as it is until it was asked for again.
  for (const [id, shown] of state.outputs) {
    const known = state.executions.get(id)
    if (!known || !hasEnded(known)) state.outputs.set(id, { ...shown, next: -1 })
  }
  state.you = tell.you
  state.session = tell.session
  state.saved = tell.saved
  state.isOpenedLive = tell.isOpenedLive ?? false
  state.isPageOld = tell.isPageOld ?? false
  state.executions.clear()
  state.newest.clear()
  for (const execution of tell.executions) addExecution(state, execution)
}

function addExecution(state: Open, execution: ExecutionView): void {
  state.executions.set(execution.id, execution)
  const newest = state.newest.get(execution.cell)
  // Ids are in the order of time.
  if (newest === undefined || newest <= execution.id) state.newest.set(execution.cell, execution.id)
}

export function foldSnapshot(state: LiveState, snapshot: OutputsSnapshot): LiveState {
  const known = state.outputs.get(snapshot.execution.id)
  if (known && known.next >= snapshot.next) return state
  const shown = shownFrom(snapshot)
  // What was told while it was on its way is not in it, and nobody says that again: it is asked for once more.
  const isBehind = (known?.missed ?? 0) > snapshot.next
  return { ...state, outputs: new Map(state.outputs).set(snapshot.execution.id, isBehind ? { ...shown, next: -1 } : shown) }
}

function hasEnded(execution: ExecutionView): boolean {
  return execution.state !== "queued" && execution.state !== "running"
}

/** The execution whose state a cell's rail carries. */
export function executionOf(state: LiveState, cell: string): ExecutionView | undefined {
  const id = state.newest.get(cell)
  return id === undefined ? undefined : state.executions.get(id)
}

/**
 * The execution whose outputs a cell shows; undefined when it shows a version's, or none. `shows` is what the draft says; a run
 * that has begun since is ahead of it by the time the draft takes to say so.
 */
export function shownExecution(state: LiveState, cell: string, shows: string): string | undefined {
  const said = shows.startsWith("execution:") ? shows.slice("execution:".length) : undefined
  if (shows.startsWith("cleared:")) {
    const later = executionOf(state, cell)
    return later && later.startedAt !== null && later.id > shows.slice("cleared:".length) ? later.id : undefined
  }
  const newest = executionOf(state, cell)
  if (!newest || newest.startedAt === null) return said
  if (shows.startsWith("version:")) return newest.state === "running" ? newest.id : undefined
  return said === undefined || newest.id > said ? newest.id : said
}

const positions = new WeakMap<ReadonlyMap<string, ExecutionView>, ReadonlyMap<string, number>>()

/** Where a waiting cell stands, from 1 on, by execution. Worked out once for each state. */
export function queuePositions({ executions }: LiveState): ReadonlyMap<string, number> {
  const known = positions.get(executions)
  if (known) return known
  // Those that were asked for together have one instant, and stand here in the order in which they were queued.
  const waiting = [...executions.values()].filter((each) => each.state === "queued").sort((a, b) => compare(a.queuedAt, b.queuedAt))
  const found = new Map(waiting.map((each, at) => [each.id, at + 1]))
  positions.set(executions, found)
  return found
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
