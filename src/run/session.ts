/**
 * A live session as a value: a kernel that people send cells to, one after another, for as long as they like. It is folded
 * from the events of its journal by `step` (session-step.ts); outputs are beside it, because they are large.
 */
import type { Exit, Message } from "#kernel/index.ts"
import type { CellError, KernelFacts } from "#run/run.ts"

export type Someone = { readonly id: string; readonly name: string }

/** What was asked when it began; times in milliseconds since 1970 here and below. */
export type SessionOrder = {
  readonly id: string
  readonly startedBy: Someone
  readonly limits: SessionLimits
}

export type SessionLimits = {
  /** Bytes of output shown per execution. */
  readonly shownBytes: number
  /** Bytes that the journal may take before output is counted and dropped. */
  readonly keptBytes: number
  /** A session in which nothing happens is ended after this; 0 = never. */
  readonly idleMs: number
  /** A question to which nobody answers is ended by an interrupt after this; 0 = never. */
  readonly inputMs: number
}

export const SESSION_LIMITS: SessionLimits = { shownBytes: 10_000_000, keptBytes: 10_000_000_000, idleMs: 3_600_000, inputMs: 3_600_000 }

/** `lost`: whoever drove it died. `dead`: its kernel did; it can be started again. */
export type SessionStatus = "starting" | "idle" | "busy" | "restarting" | "dead" | "lost" | "ended"

export type Asked = {
  readonly id: string
  readonly cell: string
  readonly source: string
  /** Of the source that was meant and really runs; hex. */
  readonly sourceSha256: string
  readonly by: Someone
  /** When it raises, what its person has waiting behind it is not run. */
  readonly stopOnError: boolean
}

export type ExecutionStatus = "queued" | "running" | "succeeded" | "failed" | "cancelled" | "not_run" | "lost"

export type Question = { readonly prompt: string; readonly password: boolean; readonly request: string }

export type Execution = Asked & {
  readonly state: ExecutionStatus
  readonly explanation: string
  /** Place in the order in which they were asked, from 0. */
  readonly number: number
  /** msg_id of its execute_request; "" before it was sent. */
  readonly request: string
  readonly queuedAt: number
  /** 0 = not yet. */
  readonly busyAt: number
  /** When the kernel said that it has the source: from then on it takes an interrupt for this execution. 0 = not yet. */
  readonly inputAt: number
  readonly endedAt: number
  readonly idleAt: number
  readonly executionCount: number | null
  readonly reply: "none" | "ok" | "error" | "aborted"
  readonly error: CellError | undefined
  readonly question: Question | undefined
  /** Why it is made to stop, in a sentence; "" when it is not. */
  readonly interrupted: string
}

export type Session = {
  readonly order: SessionOrder
  readonly status: SessionStatus
  readonly explanation: string
  readonly beganAt: number
  readonly endedAt: number
  /** When it will be ended if nothing happens; 0 while that cannot be. */
  readonly idleUntil: number
  readonly kernel: KernelFacts | undefined
  /** Executions that are not over, in the order in which they run: at most the first one is with the kernel. */
  readonly open: readonly Execution[]
  /** How many were ever asked. */
  readonly asked: number
}

/** Everything that can happen to a session. Each is a record of its journal, but for widgets' traffic. */
export type SessionEvent =
  | { readonly type: "session_begun"; readonly at: number; readonly order: SessionOrder }
  | { readonly type: "kernel_ready"; readonly at: number; readonly kernel: KernelFacts }
  | { readonly type: "kernel_failed"; readonly at: number; readonly message: string }
  | { readonly type: "kernel_died"; readonly at: number; readonly exit: Exit }
  | { readonly type: "kernel_restarted"; readonly at: number }
  | { readonly type: "asked"; readonly at: number; readonly executions: readonly Asked[] }
  | { readonly type: "unqueued"; readonly at: number; readonly executions: readonly string[]; readonly by: Someone }
  | { readonly type: "execution_sent"; readonly at: number; readonly execution: string; readonly request: string }
  | { readonly type: "said"; readonly at: number; readonly message: Message }
  | { readonly type: "output_dropped"; readonly at: number; readonly execution: string; readonly messages: number; readonly bytes: number }
  /** What was answered is not told: it may be a password. */
  | { readonly type: "answered"; readonly at: number; readonly execution: string; readonly by: Someone }
  | { readonly type: "interrupt_asked"; readonly at: number; readonly by: Someone }
  | { readonly type: "restart_asked"; readonly at: number; readonly by: Someone }
  | { readonly type: "stop_asked"; readonly at: number; readonly explanation: string }
  /** A person did something that is not an execution. */
  | { readonly type: "touched"; readonly at: number }
  | { readonly type: "session_timer"; readonly at: number; readonly timer: SessionTimer; readonly execution: string }
  | { readonly type: "storage_failed"; readonly at: number; readonly message: string }
  | { readonly type: "owner_died"; readonly at: number }

export type SessionTimer = "idle" | "input" | "interrupt" | "quiet"

export type SessionEffect =
  | { readonly do: "execute"; readonly execution: string; readonly source: string }
  | { readonly do: "interrupt" }
  | { readonly do: "restart" }
  | { readonly do: "close" }
  | { readonly do: "start_timer"; readonly timer: SessionTimer; readonly execution: string; readonly ms: number }
  | { readonly do: "stop_timer"; readonly timer: SessionTimer }
  /** This one is over, or changed: whoever watches is told. */
  | { readonly do: "tell_execution"; readonly execution: Execution }
  | { readonly do: "tell_session" }

export type SessionStep = { readonly session: Session; readonly effects: readonly SessionEffect[] }

export function isSessionOver({ status }: Session): boolean {
  return status === "lost" || status === "ended"
}

export function isExecutionOver({ state }: Execution): boolean {
  return state !== "queued" && state !== "running"
}
