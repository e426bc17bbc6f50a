/**
 * What the rest of Stet knows of kernels: one live kernel spoken to over Jupyter messaging, something that starts one,
 * and something that knows which ones there are. Adapters: `zmq` (local processes), `gateway` (a remote Jupyter
 * server), `scripted` (tests).
 */
import type { JsonObject } from "#base/json.ts"

export type Channel = "shell" | "iopub" | "stdin" | "control"

export type Header = {
  readonly msg_id: string
  readonly msg_type: string
  readonly session: string
  readonly username: string
  /** ISO 8601; "" from kernels that send none. */
  readonly date: string
  readonly version: string
  readonly subshell_id?: string | null
}

/** One message that a kernel sent, checked (signature, shape) and decoded. */
export type Message = {
  readonly channel: Channel
  readonly header: Header
  /** The msg_id this answers; "" when it answers nothing. */
  readonly parentId: string
  readonly metadata: JsonObject
  /**
   * Numbers are lossless (NumberLexeme) in display_data, update_display_data and execute_result.
   * When the content frame is larger than 1 MB, strings encoded in more than 64 KB are StringSpans into `frames[3]`.
   */
  readonly content: JsonObject
  readonly buffers: readonly Uint8Array[]
  /** header, parent header, metadata, content: the bytes as they came. */
  readonly frames: readonly [Uint8Array, Uint8Array, Uint8Array, Uint8Array]
}

export type KernelInfo = {
  /** Protocol the kernel speaks, "5.3" for instance. */
  readonly protocol: string
  readonly implementation: string
  /** `language_info` of kernel_info_reply as the kernel gave it: what Jupyter writes into the notebook. */
  readonly languageInfo: JsonObject
  readonly banner: string
  readonly features: ReadonlySet<KernelFeature>
}

export type KernelFeature =
  /** An execute may name the execute it depends on (`after`): the kernel itself skips it unless that one succeeded, with an ok reply and no error shown. */
  "conditional execute" | "kernel subshells" | "debugger" | "iopub welcome"

export type Execute = {
  readonly code: string
  readonly silent?: boolean
  readonly storeHistory?: boolean
  readonly allowStdin?: boolean
  /** false for a cell that may raise: what is queued behind it still runs. Default true. */
  readonly stopOnError?: boolean
  /** Only with feature "conditional execute": the msg_id of the execute that must have succeeded. */
  readonly after?: string
  readonly userExpressions?: JsonObject
  readonly subshellId?: string
}

/** How a kernel process ended. */
export type Exit = {
  readonly code: number | null
  readonly signal: string | null
  readonly outOfMemory: boolean
  /** msg_id of the last execute that it began; undefined where it leaves no note of that. */
  readonly lastRequest?: string
  /** What its control group counted; undefined where it had none. */
  readonly memory?: { readonly peakBytes: number; readonly limitBytes: number }
  /** Last lines the process wrote to its own stdout and stderr, at most 8 KB. */
  readonly stderrTail: string
}

export type KernelEvent =
  | { readonly type: "said"; readonly message: Message }
  /** The process is gone without having been asked to go; seen within 1 s. Comes once, last. */
  | { readonly type: "died"; readonly exit: Exit }
  /** The kernel restarted itself (another session speaks). State is lost; requests under way are never answered. */
  | { readonly type: "restarted" }

/**
 * One live kernel.
 *
 * A request is over when its reply (shell) *and* `status: idle` (iopub) with its id have come, in either order; output
 * may still come later and carries the id of the request that caused it. Nothing the kernel says after `start`
 * resolved is missed.
 */
export interface Kernel {
  readonly info: KernelInfo
  /** Milliseconds from launch to ready, and how it came: for the run record. */
  readonly started: { readonly tookMs: number; readonly from: "cold" | "zygote" | "attached" | "remote" | "scripted" }
  /** Local process id, which leads the kernel's own process group; undefined when it is elsewhere. */
  readonly pid: number | undefined
  /** How it is confined; undefined when nobody asked for it. */
  readonly confined?: Confined | undefined
  /**
   * Calls back for every event, in order of arrival, synchronously; one listener at a time, set before the first request. That it died is
   * told again to whoever listens after that: a kernel that was kept warm may have done so under another listener.
   */
  listen(listener: (event: KernelEvent) => void): void
  /** Sends execute_request; gives its msg_id at once. */
  execute(request: Execute): string
  /** Sends any other request or message (comm_msg, input_reply, complete_request, …); gives its msg_id. */
  send(channel: "shell" | "control" | "stdin", type: string, content: JsonObject, more?: SendMore): string
  /** Interrupts what runs now: a signal to the process group or interrupt_request, as the kernelspec says. */
  interrupt(): Promise<void>
  /** Restart in place: same connection, new process. @throws Fault kernel_start_failed */
  restart(): Promise<void>
  /** Ends the kernel: shutdown_request, then after `graceMs` SIGTERM, then SIGKILL to the whole group. Never throws; no process is left. */
  close(options?: { readonly graceMs?: number }): Promise<void>
  /** Leaves the kernel running without us for at most `forMs`; gives what `attach` needs. Undefined when the adapter cannot. */
  detach(forMs: number): Promise<KeptKernel | undefined>
}

export type SendMore = {
  readonly metadata?: JsonObject
  readonly buffers?: readonly Uint8Array[]
  readonly parentId?: string
  readonly subshellId?: string
}

/** A kernel that outlives the command that started it; plain data, kept in a 0600 file. */
export type KeptKernel = {
  readonly connectionFile: string
  readonly kernelName: string
  readonly pid: number
  readonly startedAt: number
  readonly until: number
}

/** An installed kernelspec. */
export type KernelSpec = {
  readonly name: string
  readonly displayName: string
  readonly language: string
  readonly argv: readonly string[]
  readonly env: { readonly [name: string]: string }
  readonly interruptMode: "signal" | "message"
  readonly metadata: JsonObject
  /** Directory of kernel.json; "" for one that is built in. */
  readonly resourceDir: string
}

export type Launch = {
  readonly cwd?: string
  /** Added to the environment of the process. */
  readonly env?: { readonly [name: string]: string }
  readonly startTimeoutMs?: number
  /** true in runs: no history database (saves 1–5 ms a cell). */
  readonly historyOff?: boolean
  /** false: an ipykernel is started without its debugger (saves 80 ms); default the opposite of `historyOff`. */
  readonly debugger?: boolean
  /** Fork from a zygote (started if there is none yet) where the kernel is Python; ignored elsewhere. */
  readonly zygote?: boolean
  /** Packages that the zygote imports before it forks (numpy, pandas, …): each list has a zygote of its own. */
  readonly zygoteImports?: readonly string[]
  /** Extra arguments for the kernel's command line. */
  readonly extraArguments?: readonly string[]
  /** Bounds for a kernel whose code is not trusted. Without it the kernel may do what we may. */
  readonly confine?: Confinement
}

/**
 * How far a kernel is kept from the rest of the machine:
 * L0: our own user; only limits and a reduced environment. Holds against accidents.
 * L1: a user of its own, for this kernel alone; no new privileges; opens what it needs of the file system (Landlock). Holds against
 *     reading or signalling what is others'.
 * L2: namespaces of its own besides: it sees its own processes, and of the file system what it needs.
 */
export type IsolationLevel = "L0" | "L1" | "L2"

/** What a kernel may take and touch. A limit that is left out is not set. */
export type Confinement = {
  readonly level: IsolationLevel
  /**
   * Absolute path of a directory for this kernel alone, which exists; `cwd` lies in it or is readable. It becomes the
   * kernel user's (0700, its parent enterable), holds HOME and TMPDIR, and is given back to us when the kernel has ended.
   */
  readonly scratch: string
  /** Directory that holds the scratch directories of all kernels alike; default the parent. A zygote serves those of one such directory. */
  readonly scratchRoot?: string
  /** false needs L2. */
  readonly network: boolean
  /** Files and directories that it reads beside the system's and its environment's own; matters above L0. */
  readonly readable?: readonly string[]
  /** Of all its processes together where there are control groups, else of each one. */
  readonly memoryBytes?: number
  /** Processors' worth of time, 1.5 for instance; only where there are control groups. */
  readonly cpus?: number
  /** Processor time that one process may use in all. */
  readonly cpuSeconds?: number
  readonly processes?: number
  /** Size of the largest file it may write. */
  readonly fileBytes?: number
  readonly openFiles?: number
}

/** What became of a Confinement, for the record. */
export type Confined = {
  readonly level: IsolationLevel
  /** The user that its code runs as. */
  readonly uid: number
  /** Who counts memory and processes: the control group, the limits of a process, or nobody. */
  readonly memoryBy: "cgroup" | "rlimit" | "nobody"
  readonly processesBy: "cgroup" | "rlimit" | "nobody"
}

/** What this machine can do about confinement. */
export type Isolation = {
  readonly best: IsolationLevel
  /** L0 is always among them. An ordinary user may have L2 without L1. */
  readonly possible: readonly IsolationLevel[]
  /** For each level that cannot be had, one sentence that says why and what would help. */
  readonly whyNot: { readonly [level in IsolationLevel]?: string }
  /** What counts memory and processes of a kernel, and why nothing better does. */
  readonly limitsBy: { readonly who: "cgroup" | "rlimit" | "nobody"; readonly why: string }
  /** What bounds the processors' time of all of a kernel's processes at each moment, and why nothing does. */
  readonly processorBy: { readonly who: "cgroup" | "nobody"; readonly why: string }
  /** Whether confined Python kernels can be forked from a zygote; if not, why they start cold. */
  readonly zygote: { readonly possible: boolean; readonly why: string }
  /** Whether kernels at L1 open no other files than those they need; if not, why. */
  readonly files: { readonly restricted: boolean; readonly why: string }
  /** Whether kernels at L2 are refused system calls that notebooks have no use for; if not, why. */
  readonly systemCalls: { readonly filtered: boolean; readonly why: string }
}

export interface Kernels {
  /** Every kernelspec that can be started, Jupyter's search order, first hit of a name wins. */
  list(): Promise<readonly KernelSpec[]>
  /**
   * Starts the kernel of that name and resolves when it is ready.
   * @throws Fault no_such_kernel (names the ones there are, nearest first), kernel_start_failed (with the end of its stderr),
   * isolation_unavailable (the confinement asked for cannot be had here)
   */
  start(name: string, launch?: Launch): Promise<Kernel>
  /** @throws Fault kernel_died when it is gone */
  attach(kept: KeptKernel): Promise<Kernel>
  /** Ends zygotes, guards and every kernel still alive. */
  close(): Promise<void>
}
