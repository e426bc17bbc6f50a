/**
 * A run as a value: what `step` folds the journal's events into. Outputs are beside it (outputs.ts), because they are
 * large; this holds only what decisions need.
 */
import type { JsonObject } from "#base/json.ts"
import type { Exit, Message } from "#kernel/index.ts"
import type { Order } from "#run/order.ts"

export type RunStatus = "queued" | "running" | "succeeded" | "failed" | "cancelled" | "lost"

/** Says more about a status; "" when there is nothing to add. */
export type Reason =
  | ""
  | "stopped_early"
  | "cell_raised"
  | "asked_for_input"
  | "timed_out"
  | "kernel_died"
  | "out_of_memory"
  | "disk_exceeded"
  | "kernel_start_failed"
  | "kernel_restarted"
  | "storage_failed"
  | "owner_died"

export type CellState =
  | "waiting"
  | "running"
  | "succeeded"
  /** Raised, and was allowed to. */
  | "failed_allowed"
  | "failed"
  | "timed_out"
  | "kernel_died"
  | "cancelled"
  | "lost"
  /** Asked the run to end here (`exit`, `sys.exit(0)`). */
  | "stopped_early"
  /** Tagged skip-execution, outside the selection, empty, or not code. */
  | "skipped"
  /** Would have run, had the run not ended before. */
  | "not_run"

export type CellRun = {
  readonly state: CellState
  /** msg_id of its execute_request; "" before it was sent. */
  readonly request: string
  /** Wall clock, milliseconds; 0 = not yet. */
  readonly busyAt: number
  readonly inputAt: number
  readonly replyAt: number
  readonly idleAt: number
  readonly executionCount: number | null
  readonly error: CellError | undefined
  readonly reply: "none" | "ok" | "error" | "aborted"
  readonly askedToExit: boolean
}

export type CellError = { readonly ename: string; readonly evalue: string; readonly traceback: readonly string[] }

export type Run = {
  readonly order: Order
  readonly status: RunStatus
  readonly reason: Reason
  readonly beganAt: number
  readonly readyAt: number
  readonly endedAt: number
  /** One per cell of the notebook, by index. */
  readonly cells: readonly CellRun[]
  /** Positions in `order.plan`: the cell that runs or is awaited, and the first one not yet sent. */
  readonly current: number
  readonly unsent: number
  readonly kernel: KernelFacts | undefined
  readonly exit: Exit | undefined
  /** What we are trying to make the kernel do, and why. */
  readonly ending: "" | "cell_timed_out" | "run_timed_out" | "asked_for_input" | "cancelled" | "outgrown"
  readonly explanation: string
}

export type KernelFacts = {
  readonly name: string
  readonly displayName: string
  readonly protocol: string
  readonly implementation: string
  readonly languageInfo: JsonObject
  readonly conditional: boolean
  /** Left out of runs, which use none. */
  readonly features?: readonly string[]
  readonly startMs: number
  readonly startedFrom: string
}

/** Everything that can happen to a run. Each is one record of the journal; folding them again gives the same run. */
export type RunEvent =
  | { readonly type: "begun"; readonly at: number; readonly order: Order }
  | { readonly type: "kernel_ready"; readonly at: number; readonly kernel: KernelFacts }
  | { readonly type: "kernel_failed"; readonly at: number; readonly message: string }
  | { readonly type: "sent"; readonly at: number; readonly cell: number; readonly request: string }
  | { readonly type: "said"; readonly at: number; readonly message: Message }
  | { readonly type: "dropped"; readonly at: number; readonly cell: number; readonly messages: number; readonly bytes: number }
  | { readonly type: "kernel_died"; readonly at: number; readonly exit: Exit }
  | { readonly type: "kernel_restarted"; readonly at: number }
  | { readonly type: "timer"; readonly at: number; readonly timer: TimerName; readonly cell: number }
  /** `graceMs`: how long the interrupt is given, where it is not as long as the order says. */
  | { readonly type: "cancel_asked"; readonly at: number; readonly by: string; readonly graceMs?: number }
  /** It wrote more than it may; `message` says so in one sentence. */
  | { readonly type: "outgrown"; readonly at: number; readonly message: string }
  | { readonly type: "storage_failed"; readonly at: number; readonly message: string }
  | { readonly type: "owner_died"; readonly at: number }

export type TimerName = "cell" | "run" | "interrupt" | "grace" | "quiet"

/** Everything a run can want of the world. */
export type Effect =
  /** `after`: the cell that must have succeeded for the kernel to run this one; -1 = none is under way. */
  | { readonly do: "execute"; readonly cell: number; readonly after: number; readonly stopOnError: boolean }
  | { readonly do: "interrupt" }
  | { readonly do: "kill" }
  | { readonly do: "start_timer"; readonly timer: TimerName; readonly cell: number; readonly ms: number }
  | { readonly do: "stop_timer"; readonly timer: TimerName; readonly cell: number }
  | { readonly do: "finish" }

export type Step = { readonly run: Run; readonly effects: readonly Effect[] }

export function isOver(run: Run): boolean {
  return run.status !== "queued" && run.status !== "running"
}

export const COLD_CELL: CellRun = {
  state: "not_run",
  request: "",
  busyAt: 0,
  inputAt: 0,
  replyAt: 0,
  idleAt: 0,
  executionCount: null,
  error: undefined,
  reply: "none",
  askedToExit: false,
}
