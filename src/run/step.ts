/**
 * What a run does next, as a pure function: one event in, the next state and the wanted effects out.
 *
 * A cell is over when its reply *and* the kernel's idle have come, whichever is later. The kernel has at most two
 * requests of ours: the second is sent only to kernels that promise to skip it unless the first succeeded, so that
 * sending early never changes what runs.
 */
import type { Json, JsonObject } from "#base/json.ts"
import { toHuman } from "#base/time.ts"
import type { Exit, Message } from "#kernel/index.ts"
import { mayRaise, type Order, timeoutOf } from "#run/order.ts"
import { INTO_CODE_MS, QUIET_AT_END_MS, QUIET_MS } from "#run/patience.ts"
import {
  type CellError,
  type CellRun,
  type CellState,
  COLD_CELL,
  type Effect,
  isOver,
  type Reason,
  type Run,
  type RunEvent,
  type RunStatus,
  type Step,
} from "#run/run.ts"
import { count, errorIn, howItEnded, text } from "#run/words.ts"

/** A kernel that is busy with a cell for so long has its source, also when it does not say so. */
const BEGIN_MS = 1000

export function begin(order: Order, at: number): Run {
  const planned = new Set(order.plan)
  const done = new Set(order.done)
  const stateOf = (index: number): CellState => (planned.has(index) ? "waiting" : done.has(index) ? "succeeded" : "skipped")
  return {
    order,
    status: "queued",
    reason: "",
    beganAt: at,
    readyAt: 0,
    endedAt: 0,
    cells: order.notebook.cells.map((_, index) => ({ ...COLD_CELL, state: stateOf(index) })),
    current: 0,
    unsent: 0,
    kernel: undefined,
    exit: undefined,
    ending: "",
    explanation: "",
  }
}

export function step(run: Run, event: Exclude<RunEvent, { type: "begun" }>): Step {
  if (isOver(run)) return idle(run)
  switch (event.type) {
    case "said":
      return hear(run, event.message, event.at)
    case "sent":
      return idle(withCell(run, event.cell, { request: event.request }))
    case "kernel_ready":
      return ready({ ...run, status: "running", readyAt: event.at, kernel: event.kernel })
    case "kernel_failed":
      return finish(run, event.at, { status: "failed", reason: "kernel_start_failed", explanation: event.message })
    case "kernel_died":
      return died({ ...run, exit: event.exit }, event.exit, event.at)
    case "kernel_restarted":
      return finish(endCurrent(run, "kernel_died"), event.at, {
        status: "failed",
        reason: "kernel_restarted",
        explanation: "The kernel restarted itself; what the notebook had computed is gone.",
      })
    case "timer":
      return onTimer(run, event)
    case "cancel_asked":
      return cancel(run, event)
    case "outgrown":
      return outgrow(run, event)
    case "storage_failed":
      return finish(endCurrent(run, "cancelled"), event.at, { status: "failed", reason: "storage_failed", explanation: event.message })
    case "owner_died":
      return finish(endCurrent(run, "lost"), event.at, { status: "lost", reason: "owner_died", explanation: "The process that drove this run died." })
    case "dropped":
      return idle(run)
  }
}

function idle(run: Run): Step {
  return { run, effects: [] }
}

function withCell(run: Run, index: number, change: Partial<CellRun>): Run {
  const cells = run.cells.slice()
  cells[index] = { ...cells[index]!, ...change }
  return { ...run, cells }
}

function currentCell(run: Run): number {
  return run.order.plan[run.current] ?? -1
}

// ── sending ──────────────────────────────────────────────────────────────────────────────────────────

function ready(run: Run): Step {
  if (run.order.plan.length === 0) return finish(run, run.readyAt, { status: "succeeded", reason: "", explanation: "" })
  const limit = run.order.limits.runTimeoutMs
  const timer: Effect[] = limit > 0 ? [{ do: "start_timer", timer: "run", cell: -1, ms: limit }] : []
  const sent = send(run)
  return { run: sent.run, effects: [...timer, ...sent.effects] }
}

function send(run: Run): Step {
  const window = run.order.pipelining && run.kernel?.conditional ? 2 : 1
  const { plan } = run.order
  const effects: Effect[] = []
  let unsent = run.unsent
  while (unsent < plan.length && unsent - run.current < window) {
    const cell = plan[unsent]!
    const after = unsent > run.current && unsent > 0 ? plan[unsent - 1]! : -1
    effects.push({ do: "execute", cell, after, stopOnError: !mayRaise(run.order, cell) })
    unsent++
  }
  return { run: { ...run, unsent }, effects }
}

// ── hearing ──────────────────────────────────────────────────────────────────────────────────────────

function hear(run: Run, message: Message, at: number): Step {
  const type = message.header.msg_type
  if (type === "input_request") return hearQuestion(run, message)
  if (type !== "status" && type !== "execute_input" && type !== "execute_reply" && type !== "error") return idle(run)
  const cell = awaited(run, message.parentId)
  if (cell < 0) return idle(run)
  if (type === "status") return hearStatus(run, cell, { state: text(message.content["execution_state"]), at })
  if (type === "execute_input") return hearInput(run, cell, { at, executionCount: count(message.content["execution_count"]) })
  if (type === "error") return idle(run.cells[cell]!.error ? run : withCell(run, cell, { error: errorIn(message.content) }))
  return message.channel === "shell" ? hearReply(run, cell, { content: message.content, at }) : idle(run)
}

/** Some kernels ask although they were told that nobody answers (IRkernel's readline): they would wait for ever. */
function hearQuestion(run: Run, message: Message): Step {
  if (run.ending !== "" || awaited(run, message.parentId) !== currentCell(run)) return idle(run)
  const cell = currentCell(run)
  const grace: Effect = { do: "start_timer", timer: "grace", cell, ms: run.order.limits.interruptGraceMs }
  return { run: { ...run, ending: "asked_for_input" }, effects: [{ do: "interrupt" }, grace] }
}

/** The cell, among those under way, whose request has this id; -1 when it is none of them. */
function awaited(run: Run, request: string): number {
  for (let place = run.current; place < run.unsent; place++) {
    const cell = run.order.plan[place]!
    if (run.cells[cell]!.request === request) return cell
  }
  return -1
}

function hearStatus(run: Run, cell: number, status: { readonly state: string; readonly at: number }): Step {
  if (status.state === "busy") {
    const ms = timeoutOf(run.order, cell)
    const now = withCell(run, cell, { state: "running", busyAt: status.at })
    return { run: now, effects: ms > 0 ? [{ do: "start_timer", timer: "cell", cell, ms }] : [] }
  }
  if (status.state !== "idle") return idle(run)
  return leaveWhenOver(withCell(run, cell, { idleAt: status.at }), cell, status.at)
}

/** An interrupt that was asked for before waited for this. */
function hearInput(run: Run, cell: number, input: { readonly at: number; readonly executionCount: number | null }): Step {
  const isLate = run.ending !== "" && cell === currentCell(run) && run.cells[cell]!.inputAt === 0
  const effects: Effect[] = isLate ? [{ do: "start_timer", timer: "interrupt", cell, ms: INTO_CODE_MS }] : []
  return { run: withCell(run, cell, { inputAt: input.at, executionCount: input.executionCount }), effects }
}

function hearReply(run: Run, cell: number, reply: { readonly content: JsonObject; readonly at: number }): Step {
  const { content } = reply
  const status = text(content["status"])
  const before = run.cells[cell]!
  const change: Partial<CellRun> = {
    replyAt: reply.at,
    reply: status === "ok" || status === "error" ? status : "aborted",
    executionCount: count(content["execution_count"]) ?? before.executionCount,
    error: status === "error" ? (before.error ?? errorIn(content)) : before.error,
    askedToExit: asksToExit(content["payload"]),
  }
  return leaveWhenOver(withCell(run, cell, change), cell, reply.at)
}

function leaveWhenOver(run: Run, index: number, at: number): Step {
  const cell = run.cells[index]!
  const ms = run.ending === "" ? QUIET_MS : QUIET_AT_END_MS
  if (cell.reply === "none" || cell.idleAt === 0) return { run, effects: [{ do: "start_timer", timer: "quiet", cell: index, ms }] }
  return index === currentCell(run) ? leave(run, at) : idle(run)
}

// ── leaving a cell ───────────────────────────────────────────────────────────────────────────────────

function leave(run: Run, at: number): Step {
  const index = currentCell(run)
  const cell = run.cells[index]!
  const raised = cell.reply === "error" || cell.error !== undefined
  const stopTimers: Effect[] = [
    { do: "stop_timer", timer: "quiet", cell: index },
    ...(timeoutOf(run.order, index) > 0 ? [{ do: "stop_timer", timer: "cell", cell: index } as const] : []),
  ]
  const next = verdict(run, index, raised)
  const left = withCell(run, index, { state: next.state })
  const then = next.end ? finish(left, at, next.end) : advance(left, at)
  return { run: then.run, effects: [...stopTimers, ...then.effects] }
}

type End = { readonly status: RunStatus; readonly reason: Reason; readonly explanation: string }
type Verdict = { readonly state: CellState; readonly end?: End }

function verdict(run: Run, index: number, raised: boolean): Verdict {
  const cell = run.cells[index]!
  if (isTimedOut(run)) return { state: "timed_out", end: timedOut(run, index) }
  if (run.ending === "asked_for_input") return { state: "failed", end: askedForInput(index) }
  if (run.ending === "outgrown") return { state: raised || gaveUp(cell) ? "failed" : "succeeded", end: outgrown(run) }
  if (run.ending === "cancelled")
    return { state: raised || gaveUp(cell) ? "cancelled" : cell.reply === "aborted" ? "not_run" : "succeeded", end: cancelled(run) }
  if (cell.reply === "aborted")
    return { state: "not_run", end: { status: "failed", reason: "cell_raised", explanation: `The kernel refused to run cell ${index + 1}.` } }
  if (cell.askedToExit)
    return { state: "stopped_early", end: { status: "succeeded", reason: "stopped_early", explanation: `Cell ${index + 1} ended the run.` } }
  if (!raised) return { state: "succeeded" }
  if (mayRaise(run.order, index)) return { state: "failed_allowed" }
  if (leftWithoutComplaint(cell.error))
    return { state: "stopped_early", end: { status: "succeeded", reason: "stopped_early", explanation: `Cell ${index + 1} ended the run.` } }
  return {
    state: "failed",
    end: { status: "failed", reason: "cell_raised", explanation: `Cell ${index + 1} raised ${cell.error?.ename ?? "an error"}.` },
  }
}

/** Kernels such as that of Bash say so of a cell that was interrupted, as they say it of one that they refused. */
function gaveUp({ reply, inputAt }: CellRun): boolean {
  return reply === "aborted" && inputAt > 0
}

/** `sys.exit()`, `sys.exit(0)`, `raise SystemExit`: Python's ways to end a program that went well. */
function leftWithoutComplaint(error: CellError | undefined): boolean {
  return error?.ename === "SystemExit" && /^(|0|None)$/.test(error.evalue)
}

function advance(run: Run, at: number): Step {
  const moved = { ...run, current: run.current + 1 }
  if (moved.current >= moved.order.plan.length) return finish(moved, at, { status: "succeeded", reason: "", explanation: "" })
  const sent = send(moved)
  // The next one may already be over: its reply and idle can overtake our look at this one.
  const next = sent.run.cells[currentCell(sent.run)]!
  if (next.reply === "none" || next.idleAt === 0) return sent
  const left = leave(sent.run, at)
  return { run: left.run, effects: [...sent.effects, ...left.effects] }
}

// ── ending ───────────────────────────────────────────────────────────────────────────────────────────

function onTimer(run: Run, event: { readonly timer: string; readonly cell: number; readonly at: number }): Step {
  const current = currentCell(run)
  if (event.timer === "quiet") return event.cell === current ? leave(settle(run, current), event.at) : idle(run)
  if (event.timer === "grace") return giveUp(run, event.at)
  if (event.timer === "interrupt") return event.cell === current ? { run, effects: interrupts(run, event.at) } : idle(run)
  if (run.ending !== "" || (event.timer === "cell" && event.cell !== current)) return idle(run)
  return interrupt({ ...run, ending: event.timer === "run" ? "run_timed_out" : "cell_timed_out" }, event.at)
}

/** A kernel that forgot its reply or its idle: judge by what came. An interrupt at a bad moment makes ipykernel forget it. */
function settle(run: Run, index: number): Run {
  const cell = run.cells[index]!
  if (cell.reply !== "none") return run
  return withCell(run, index, { reply: cell.error ? "error" : run.ending === "" ? "ok" : "aborted" })
}

function cancel(run: Run, event: { readonly at: number; readonly graceMs?: number }): Step {
  if (run.status === "queued") return finish(run, event.at, cancelled(run))
  if (run.ending === "cancelled") return giveUp(run, event.at)
  return interrupt({ ...run, ending: "cancelled" }, event.at, event.graceMs)
}

/** Said once: what it is being ended for already stands. */
function outgrow(run: Run, event: { readonly at: number; readonly message: string }): Step {
  const told = { ...run, explanation: event.message }
  if (run.status === "queued") return finish(told, event.at, outgrown(told))
  return run.ending === "" ? interrupt({ ...told, ending: "outgrown" }, event.at) : idle(run)
}

function outgrown({ explanation }: Run): End {
  return { status: "failed", reason: "disk_exceeded", explanation }
}

function interrupt(run: Run, at: number, graceMs = run.order.limits.interruptGraceMs): Step {
  return { run, effects: [...interrupts(run, at), { do: "start_timer", timer: "grace", cell: currentCell(run), ms: graceMs }] }
}

/**
 * Kernels ignore the signal until they have the source of a cell, and those that are built on ipykernel forget the cell's reply, or the
 * signal, when it comes a moment before the code: for a cell of which nothing more was heard than that it begins, it waits for that. One that
 * has only begun is signalled once more: later, a second signal could break off what the code puts in order after the first.
 */
function interrupts(run: Run, at: number): readonly Effect[] {
  const index = currentCell(run)
  const cell = run.cells[index]
  if (cell === undefined || cell.reply !== "none" || cell.idleAt > 0) return [{ do: "interrupt" }]
  if (cell.inputAt === 0) return cell.busyAt === 0 || at - cell.busyAt < BEGIN_MS ? [] : [{ do: "interrupt" }]
  const sinceMs = at - cell.inputAt
  const later = (ms: number): Effect => ({ do: "start_timer", timer: "interrupt", cell: index, ms })
  if (sinceMs < INTO_CODE_MS) return [later(INTO_CODE_MS - sinceMs)]
  return sinceMs < BEGIN_MS ? [{ do: "interrupt" }, later(BEGIN_MS)] : [{ do: "interrupt" }]
}

/** The interrupt was not heard: end without the kernel's consent. */
function giveUp(run: Run, at: number): Step {
  const index = currentCell(run)
  const ended = isTimedOut(run)
    ? finish(endCurrent(run, "timed_out"), at, timedOut(run, index))
    : run.ending === "asked_for_input"
      ? finish(endCurrent(run, "failed"), at, askedForInput(index))
      : run.ending === "outgrown"
        ? finish(endCurrent(run, "failed"), at, outgrown(run))
        : finish(endCurrent(run, "cancelled"), at, cancelled(run))
  return { run: ended.run, effects: [{ do: "kill" }, ...ended.effects] }
}

function isTimedOut(run: Run): boolean {
  return run.ending === "cell_timed_out" || run.ending === "run_timed_out"
}

function timedOut(run: Run, index: number): End {
  const whole = run.ending === "run_timed_out"
  const ms = whole ? run.order.limits.runTimeoutMs : timeoutOf(run.order, index)
  const what = whole ? "The run" : `Cell ${index + 1}`
  return { status: "failed", reason: "timed_out", explanation: `${what} took longer than its time-out of ${toHuman(ms)}.` }
}

function askedForInput(index: number): End {
  return { status: "failed", reason: "asked_for_input", explanation: `Cell ${index + 1} asks for input, and in a run nobody is there to answer.` }
}

function cancelled(run: Run): End {
  return {
    status: "cancelled",
    reason: "",
    explanation: run.status === "queued" ? "The run was cancelled before the kernel was ready." : "The run was cancelled.",
  }
}

function died(before: Run, exit: Exit, at: number): Step {
  if (before.ending !== "") return giveUp(before, at)
  const { run, end } = believe(before, exit.lastRequest)
  if (end) return finish(run, at, end)
  const index = currentCell(run)
  const where = run.status !== "running" ? "" : whereabouts(run, index)
  return finish(endCurrent(run, "kernel_died"), at, {
    status: "failed",
    reason: exit.outOfMemory ? "out_of_memory" : "kernel_died",
    explanation: `The kernel ${howItEnded(exit)}${where}.`,
  })
}

function whereabouts(run: Run, index: number): string {
  if (index < 0) return " when the last cell had run"
  return run.current < run.unsent ? ` while cell ${index + 1} ran` : ` before cell ${index + 1} began`
}

/**
 * A kernel that dies takes the last of what it said with it. A cell of which its reply or its idle came is over all the
 * same, and the one sent behind it is where the kernel was. So is one of which nothing came when the kernel noted that it
 * had begun the next: it begins one only when the one before is over.
 */
function believe(run: Run, lastRequest: string | undefined): { readonly run: Run; readonly end: End | undefined } {
  const index = currentCell(run)
  const cell = run.cells[index]
  if (run.current >= run.unsent || !cell) return { run, end: undefined }
  if (cell.reply === "none" && cell.idleAt === 0 && !hasBegunBehind(run, lastRequest)) return { run, end: undefined }
  const settled = settle(run, index)
  const { state, end } = verdict(settled, index, settled.cells[index]!.reply === "error" || cell.error !== undefined)
  const left = withCell(settled, index, { state })
  return end ? { run: left, end } : believe({ ...left, current: run.current + 1 }, lastRequest)
}

/** Whether the request is one that was sent behind the current cell. */
function hasBegunBehind({ order, cells, current, unsent }: Run, request: string | undefined): boolean {
  return request !== undefined && order.plan.slice(current + 1, unsent).some((index) => cells[index]!.request === request)
}

/** Marks the cells under way: the current one with `state`, one that had begun behind it alike. */
function endCurrent(run: Run, state: CellState): Run {
  let ended = run
  for (let place = run.current; place < run.unsent; place++) {
    const index = run.order.plan[place]!
    if (place === run.current || run.cells[index]!.busyAt > 0) ended = withCell(ended, index, { state })
  }
  return ended
}

function finish(run: Run, at: number, end: End): Step {
  const over: CellState = end.status === "lost" ? "lost" : end.status === "cancelled" ? "cancelled" : "not_run"
  const cells = run.cells.map((cell, index) => {
    const begun = cell.state === "running" && !wasRefused(run, index)
    const state = begun ? over : cell.state === "waiting" || cell.state === "running" ? "not_run" : cell.state
    // Sent ahead and refused: the times of the refusal are not the times of a run.
    return state === "not_run" ? { ...COLD_CELL, request: cell.request } : state === cell.state ? cell : { ...cell, state }
  })
  return { run: { ...run, ...end, cells, endedAt: at }, effects: [{ do: "finish" }] }
}

/** The kernel is busy for a moment even with a cell that it skips, because the one before it failed. */
function wasRefused({ order, cells }: Run, index: number): boolean {
  const before = order.plan[order.plan.indexOf(index) - 1]
  if (before === undefined || mayRaise(order, before)) return false
  return cells[before]!.reply === "error" || cells[before]!.error !== undefined
}

// ── reading messages ─────────────────────────────────────────────────────────────────────────────────

function asksToExit(payload: Json | undefined): boolean {
  return (
    Array.isArray(payload) &&
    payload.some((item) => (item as JsonObject | null)?.["source"] === "ask_exit" && (item as JsonObject)["keepkernel"] !== true)
  )
}
