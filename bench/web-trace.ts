/** What a page's thread worked for each frame, from a trace of Chromium. Pure. */

/** As the browser tells them, in microseconds; `tdur`: of the processor's time, without what the thread waited for a core. */
export type TraceEvent = {
  readonly name: string
  readonly ph: string
  readonly pid: number
  readonly tid: number
  readonly ts: number
  readonly dur?: number
  readonly tdur?: number
}

/** A task of a thread, under either of the names that Chromium has had for it. */
const TASKS = ["RunTask", "ThreadControllerImpl::RunTask", "ThreadPool_RunTask"]
/** The page's turn to draw: from one to the next is what a frame may take. */
const BEGINS = "BeginMainThreadFrame"

/**
 * For every frame from its begin to that of the next, what the thread worked in tasks meanwhile, in ms of the processor's time: that it
 * waited for the next tick or for a core, and what other threads did (drawing is by software here), does not count. The page is the one
 * that set the mark.
 */
export function frameWork(events: readonly TraceEvent[], mark: string): readonly number[] {
  const marked = events.find(({ name }) => name === mark)
  if (!marked) throw new Error(`the trace holds no mark ${mark}`)
  const own = events.filter(({ pid, tid, ts }) => pid === marked.pid && tid === marked.tid && ts >= marked.ts)
  const begins = own.flatMap(({ name, ts }) => (name === BEGINS ? [ts] : [])).toSorted((a, b) => a - b)
  const tasks = outermost(own.filter(({ name, ph, dur }) => ph === "X" && dur !== undefined && TASKS.includes(name)))
  if (begins.length < 2 || tasks.length === 0) throw new Error("the trace holds no frames or no tasks of the page")
  return begins.slice(0, -1).map((begin, at) => busyBetween(tasks, begin, begins[at + 1] ?? begin) / 1000)
}

/** `share`: of its time the part in which it had a core. */
type Task = { readonly from: number; readonly to: number; readonly share: number }

/** Tasks that run inside of others (a nested loop) are counted with those. */
function outermost(events: readonly TraceEvent[]): readonly Task[] {
  const found: Task[] = []
  for (const { ts, dur = 0, tdur = dur } of events.toSorted((a, b) => a.ts - b.ts))
    if (ts >= (found.at(-1)?.to ?? 0) && dur > 0) found.push({ from: ts, to: ts + dur, share: Math.min(1, tdur / dur) })
  return found
}

function busyBetween(tasks: readonly Task[], from: number, to: number): number {
  return tasks.reduce((busy, task) => busy + task.share * Math.max(0, Math.min(task.to, to) - Math.max(task.from, from)), 0)
}

/** The longest task of the page's thread between each mark and the next, in ms of the processor's time. */
export function longestTasks(events: readonly TraceEvent[], marks: readonly string[]): ReadonlyMap<string, number> {
  const starts = marks.map((mark) => {
    const found = events.find(({ name }) => name === mark)
    if (!found) throw new Error(`the trace holds no mark ${mark}`)
    return found
  })
  const tasks = events.filter(({ name, ph }) => ph === "X" && TASKS.includes(name))
  return new Map(
    starts.map(({ name, pid, tid, ts }, at) => {
      const until = starts[at + 1]?.ts ?? Number.POSITIVE_INFINITY
      const own = tasks.filter((task) => task.pid === pid && task.tid === tid && task.ts + (task.dur ?? 0) > ts && task.ts < until)
      return [name, Math.max(0, ...own.map(({ dur = 0, tdur = dur }) => tdur)) / 1000]
    }),
  )
}
