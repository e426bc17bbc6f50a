/**
 * What a live session does next, as a pure function: one event in, the next state and the wanted effects out. One cell is
 * with the kernel at a time: what waits can still be taken back, and what a person does in between is never too late.
 */
import type { JsonObject } from "#base/json.ts"
import { toHuman } from "#base/time.ts"
import type { Message } from "#kernel/index.ts"
import { INTO_CODE_MS, QUIET_AT_END_MS, QUIET_MS } from "#run/patience.ts"
import {
  type Asked,
  type Execution,
  type ExecutionStatus,
  isExecutionOver,
  isSessionOver,
  type Session,
  type SessionEffect,
  type SessionEvent,
  type SessionOrder,
  type SessionStep,
} from "#run/session.ts"
import { count, type Death, errorIn, howItDied, text } from "#run/words.ts"

export function beginSession(order: SessionOrder, at: number): Session {
  return {
    order,
    status: "starting",
    explanation: "",
    beganAt: at,
    endedAt: 0,
    idleUntil: 0,
    kernel: undefined,
    open: [],
    asked: 0,
  }
}

export function stepSession(session: Session, event: Exclude<SessionEvent, { type: "session_begun" }>): SessionStep {
  if (isSessionOver(session)) return calm(session)
  switch (event.type) {
    case "said":
      return hear(session, event.message, event.at)
    case "asked":
      return ask(session, event.executions, event.at)
    case "execution_sent":
      return sent(session, event)
    case "answered":
      return answered(session, event.execution)
    case "unqueued":
      return unqueue(session, event.executions, event.at)
    case "interrupt_asked":
      return interrupt(session, event.at)
    case "session_timer":
      return onTimer(session, event)
    case "touched":
      return rest(session, event.at)
    case "output_dropped":
      return calm(session)
    default:
      return live(session, event)
  }
}

type OfTheKernel = Exclude<
  SessionEvent,
  {
    type:
      | "session_begun"
      | "said"
      | "asked"
      | "execution_sent"
      | "answered"
      | "unqueued"
      | "interrupt_asked"
      | "session_timer"
      | "touched"
      | "output_dropped"
  }
>

/** What happens to the session as a whole. */
function live(session: Session, event: OfTheKernel): SessionStep {
  switch (event.type) {
    case "kernel_ready":
      return onward({ ...session, kernel: event.kernel, status: "idle", explanation: "" }, event.at)
    case "kernel_failed":
      return die(session, event.at, { explanation: `${event.message} Start it again when that is mended.`, why: "The kernel did not start." })
    case "kernel_died":
      // Ended by us, in order to start anew.
      return session.status === "restarting" ? calm(session) : die(session, event.at, howItDied(event.exit))
    case "kernel_restarted":
      return restartedItself(session, event.at)
    case "restart_asked":
      return restart(session, event.at)
    case "stop_asked":
      return end(session, event.at, { status: "ended", explanation: event.explanation })
    case "storage_failed":
      return end(session, event.at, { status: "ended", explanation: `What it said could not be kept: ${event.message}` })
    case "owner_died":
      return end(session, event.at, {
        status: "lost",
        explanation: "The worker that held this session died, and its kernel with it. Start it again and run the cells that you need.",
      })
  }
}

function calm(session: Session, effects: readonly SessionEffect[] = []): SessionStep {
  return { session, effects }
}

// ── executions ───────────────────────────────────────────────────────────────────────────────────────

function find(session: Session, id: string): Execution | undefined {
  return session.open.find((one) => one.id === id)
}

/** Puts what it is now in its place, or takes it out when it is over; whoever watches is told. */
function put(session: Session, execution: Execution): SessionStep {
  const open = isExecutionOver(execution)
    ? session.open.filter(({ id }) => id !== execution.id)
    : session.open.map((one) => (one.id === execution.id ? execution : one))
  return { session: { ...session, open }, effects: [{ do: "tell_execution", execution }] }
}

function changed(session: Session, id: string, change: Partial<Execution>): SessionStep {
  const execution = find(session, id)
  return execution ? put(session, { ...execution, ...change }) : calm(session)
}

/** The kernel says when it begins: then it is told. */
function sent(session: Session, { execution: id, request }: { readonly execution: string; readonly request: string }): SessionStep {
  const execution = find(session, id)
  return calm(execution ? replaced(session, { ...execution, request, state: "running" }) : session)
}

type Ending = { readonly state: ExecutionStatus; readonly explanation: string; readonly at: number }

function over(execution: Execution, { state, explanation, at }: Ending): Execution {
  return { ...execution, state, explanation, endedAt: at, question: undefined }
}

/** Ends those that `which` names. */
function endAll(session: Session, which: (one: Execution) => boolean, ending: Ending): SessionStep {
  return session.open.filter(which).reduce<SessionStep>((step, one) => then(step, (now) => put(now, over(one, ending))), calm(session))
}

function then(before: SessionStep, next: (session: Session) => SessionStep): SessionStep {
  const after = next(before.session)
  return { session: after.session, effects: [...before.effects, ...after.effects] }
}

function current(session: Session): Execution | undefined {
  const first = session.open[0]
  return first?.state === "running" ? first : undefined
}

// ── asking ───────────────────────────────────────────────────────────────────────────────────────────

function ask(session: Session, executions: readonly Asked[], at: number): SessionStep {
  const fresh = executions.filter(({ id }) => !find(session, id))
  const queued = fresh.map((one, index) => waiting(one, session.asked + index, at))
  const told: SessionEffect[] = queued.map((execution) => ({ do: "tell_execution", execution }))
  const asked = { ...session, open: [...session.open, ...queued], asked: session.asked + queued.length }
  return then(calm(asked, told), (now) => onward(now, at))
}

function waiting(asked: Asked, number: number, at: number): Execution {
  return {
    ...asked,
    number,
    state: "queued",
    explanation: "",
    request: "",
    queuedAt: at,
    busyAt: 0,
    inputAt: 0,
    endedAt: 0,
    idleAt: 0,
    executionCount: null,
    reply: "none",
    error: undefined,
    question: undefined,
    interrupted: "",
  }
}

/** Sends the first that waits when the kernel is free; rests when nothing waits. */
function onward(session: Session, at: number): SessionStep {
  const [first] = session.open
  const isReady = session.status === "idle" || session.status === "busy"
  if (!isReady || first?.state === "running") return calm(session, [{ do: "tell_session" }])
  if (!first) return rest({ ...session, status: "idle" }, at)
  const busy: Session = { ...session, status: "busy", idleUntil: 0 }
  return calm(busy, [{ do: "stop_timer", timer: "idle" }, { do: "execute", execution: first.id, source: first.source }, { do: "tell_session" }])
}

function rest(session: Session, at: number): SessionStep {
  const { idleMs } = session.order.limits
  if (session.status !== "idle" || idleMs === 0) return calm(session, [{ do: "tell_session" }])
  return calm({ ...session, idleUntil: at + idleMs }, [{ do: "start_timer", timer: "idle", execution: "", ms: idleMs }, { do: "tell_session" }])
}

function unqueue(session: Session, ids: readonly string[], at: number): SessionStep {
  const which = (one: Execution) => one.state === "queued" && (ids.length === 0 || ids.includes(one.id))
  return endAll(session, which, { state: "not_run", explanation: "It was taken out of the queue.", at })
}

// ── hearing ──────────────────────────────────────────────────────────────────────────────────────────

function hear(session: Session, message: Message, at: number): SessionStep {
  const execution = current(session)
  if (!execution || execution.request === "" || message.parentId !== execution.request) return calm(session)
  const { content } = message
  switch (message.header.msg_type) {
    case "status":
      return hearStatus(session, execution, { state: text(content["execution_state"]), at })
    case "execute_input":
      return hearInput(session, { ...execution, executionCount: count(content["execution_count"]) }, at)
    case "error":
      return execution.error ? calm(session) : calm(replaced(session, { ...execution, error: errorIn(content) }))
    case "input_request":
      return hearQuestion(session, execution, message)
    case "execute_reply":
      return message.channel === "shell" ? hearReply(session, execution, { content, at }) : calm(session)
    default:
      return calm(session)
  }
}

/** Nobody needs to be told of it yet. */
function replaced(session: Session, execution: Execution): Session {
  return { ...session, open: session.open.map((one) => (one.id === execution.id ? execution : one)) }
}

function hearStatus(session: Session, execution: Execution, { state, at }: { readonly state: string; readonly at: number }): SessionStep {
  if (state === "busy") return put(session, { ...execution, busyAt: execution.busyAt || at })
  return state === "idle" ? leaveWhenOver(session, { ...execution, idleAt: at }, at) : calm(session)
}

/** An interrupt that was asked for before is for this: a kernel that only begins may have let it go by. */
function hearInput(session: Session, execution: Execution, at: number): SessionStep {
  const isLate = execution.interrupted !== "" && execution.inputAt === 0
  return then(put(session, { ...execution, inputAt: execution.inputAt || at }), (now) =>
    calm(now, isLate ? [interruptIn(INTO_CODE_MS, execution)] : []),
  )
}

function interruptIn(ms: number, { id }: Execution): SessionEffect {
  return { do: "start_timer", timer: "interrupt", execution: id, ms }
}

function hearReply(session: Session, execution: Execution, reply: { readonly content: JsonObject; readonly at: number }): SessionStep {
  const { content, at } = reply
  const status = text(content["status"])
  const next: Execution = {
    ...execution,
    reply: status === "ok" || status === "error" ? status : "aborted",
    executionCount: count(content["execution_count"]) ?? execution.executionCount,
    error: status === "error" ? (execution.error ?? errorIn(content)) : execution.error,
  }
  return leaveWhenOver(session, next, at)
}

function hearQuestion(session: Session, execution: Execution, message: Message): SessionStep {
  const { prompt, password } = message.content
  const question = { prompt: text(prompt), password: password === true, request: message.header.msg_id }
  const { inputMs } = session.order.limits
  const timer: SessionEffect[] = inputMs > 0 ? [{ do: "start_timer", timer: "input", execution: execution.id, ms: inputMs }] : []
  return then(put(session, { ...execution, question }), (now) => calm(now, timer))
}

function answered(session: Session, id: string): SessionStep {
  return then(changed(session, id, { question: undefined }), (now) => calm(now, [{ do: "stop_timer", timer: "input" }]))
}

function leaveWhenOver(session: Session, execution: Execution, at: number): SessionStep {
  const now = replaced(session, execution)
  if (execution.reply !== "none" && execution.idleAt > 0) return leave(now, execution, at)
  const ms = execution.interrupted === "" ? QUIET_MS : QUIET_AT_END_MS
  return calm(now, [{ do: "start_timer", timer: "quiet", execution: execution.id, ms }])
}

// ── leaving an execution ─────────────────────────────────────────────────────────────────────────────

function leave(session: Session, execution: Execution, at: number): SessionStep {
  const ending = { ...verdict(execution), at }
  const stops: SessionEffect[] = [
    { do: "stop_timer", timer: "quiet" },
    { do: "stop_timer", timer: "input" },
    { do: "stop_timer", timer: "interrupt" },
  ]
  const left = then(calm(session, stops), (now) => put(now, over(execution, ending)))
  const raised = ending.state === "failed" || ending.state === "cancelled"
  const behind = raised && execution.stopOnError ? then(left, (now) => stopBehind(now, execution, at)) : left
  return then(behind, (now) => onward(now, at))
}

function verdict(execution: Execution): Omit<Ending, "at"> {
  const raised = execution.reply === "error" || execution.error !== undefined
  // A kernel that gives up what it had begun says so as well.
  if (execution.reply === "aborted" && execution.inputAt > 0 && execution.interrupted !== "")
    return { state: "cancelled", explanation: execution.interrupted }
  if (execution.reply === "aborted") return { state: "not_run", explanation: "The kernel refused to run it." }
  if (!raised) return { state: "succeeded", explanation: "" }
  if (execution.interrupted !== "") return { state: "cancelled", explanation: execution.interrupted }
  return { state: "failed", explanation: `It raised ${execution.error?.ename || "an error"}.` }
}

/** What the same person has waiting; what others asked for is theirs to stop. */
function stopBehind(session: Session, failed: Execution, at: number): SessionStep {
  const which = (one: Execution) => one.state === "queued" && one.by.id === failed.by.id
  return endAll(session, which, { state: "not_run", explanation: "A cell before it raised an error.", at })
}

// ── interrupting, restarting, ending ─────────────────────────────────────────────────────────────────

/**
 * Kernels that are built on ipykernel ignore the signal until they have the source, and may forget it until the code has begun. Where one is
 * about to, it waits for that: a second one, to be sure, could come while the code puts things in order after the first. Before, it stops what
 * else the kernel does, and once more this. Who asks again means now.
 */
function interrupt(session: Session, at: number): SessionStep {
  const queue = endAll(session, ({ state }) => state === "queued", { state: "not_run", explanation: "The kernel was interrupted before.", at })
  return then(queue, (now) => {
    const execution = current(now)
    const marked = execution ? replaced(now, { ...execution, interrupted: "It was interrupted." }) : now
    if (execution === undefined || execution.busyAt === 0 || execution.interrupted !== "")
      return calm(marked, [{ do: "stop_timer", timer: "interrupt" }, { do: "interrupt" }])
    if (execution.inputAt === 0) return calm(marked)
    const leftMs = INTO_CODE_MS - (at - execution.inputAt)
    return calm(marked, leftMs > 0 ? [interruptIn(leftMs, execution)] : [{ do: "interrupt" }])
  })
}

function onTimer(session: Session, event: Extract<SessionEvent, { type: "session_timer" }>): SessionStep {
  const execution = current(session)
  if (event.timer === "idle") {
    if (session.status !== "idle") return calm(session)
    const explanation = `Nothing happened in it for ${toHuman(session.order.limits.idleMs)}, so it was ended. Run a cell to start it again.`
    return end(session, event.at, { status: "ended", explanation })
  }
  if (!execution || execution.id !== event.execution) return calm(session)
  if (event.timer === "quiet") return leave(session, settled(execution), event.at)
  if (event.timer === "interrupt") return calm(session, [{ do: "interrupt" }])
  if (!execution.question) return calm(session)
  const interrupted = `It asked for input, and nobody answered for ${toHuman(session.order.limits.inputMs)}.`
  return calm(replaced(session, { ...execution, interrupted }), [{ do: "interrupt" }])
}

/** A kernel that forgot its reply or its idle: judge by what came. An interrupt at a bad moment makes ipykernel forget it. */
function settled(execution: Execution): Execution {
  if (execution.reply !== "none") return execution
  return { ...execution, reply: execution.error ? "error" : execution.interrupted === "" ? "ok" : "aborted" }
}

const STOP_ALL: readonly SessionEffect[] = [
  { do: "stop_timer", timer: "idle" },
  { do: "stop_timer", timer: "input" },
  { do: "stop_timer", timer: "interrupt" },
  { do: "stop_timer", timer: "quiet" },
]

function restart(session: Session, at: number): SessionStep {
  if (session.status === "starting" || session.status === "restarting") return calm(session)
  const running = endAll(session, ({ state }) => state === "running", { state: "cancelled", explanation: "The kernel was restarted.", at })
  const queue = then(running, (now) => endAll(now, () => true, { state: "not_run", explanation: "The kernel was restarted before.", at }))
  return then(queue, (now) => {
    const restarting: Session = { ...now, status: "restarting", explanation: "", idleUntil: 0 }
    return calm(restarting, [...STOP_ALL, { do: "restart" }, { do: "tell_session" }])
  })
}

/** Its own supervisor did it, in the same place: what it had computed is gone, the kernel is there. */
function restartedItself(session: Session, at: number): SessionStep {
  const explanation = "The kernel restarted itself; what it had computed is gone."
  const running = endAll(session, ({ state }) => state === "running", { state: "failed", explanation, at })
  const queue = then(running, (now) => endAll(now, () => true, { state: "not_run", explanation, at }))
  return then(queue, (now) => onward({ ...now, status: "idle", explanation }, at))
}

function die(session: Session, at: number, { explanation, why }: Death): SessionStep {
  const running = endAll(session, ({ state }) => state === "running", { state: "failed", explanation: why, at })
  const queue = then(running, (now) => endAll(now, () => true, { state: "not_run", explanation: why, at }))
  return then(queue, (now) => calm({ ...now, status: "dead", explanation, idleUntil: 0, kernel: undefined }, [...STOP_ALL, { do: "tell_session" }]))
}

type End = { readonly status: "ended" | "lost"; readonly explanation: string }

function end(session: Session, at: number, { status, explanation }: End): SessionStep {
  const state: ExecutionStatus = status === "lost" ? "lost" : "cancelled"
  const why = status === "lost" ? "The worker that ran it died." : "The session was ended."
  const running = endAll(session, (one) => one.state === "running", { state, explanation: why, at })
  const queue = then(running, (now) => endAll(now, () => true, { state: "not_run", explanation: why, at }))
  return then(queue, (now) =>
    calm({ ...now, status, explanation, endedAt: at, idleUntil: 0 }, [...STOP_ALL, { do: "close" }, { do: "tell_session" }]),
  )
}
