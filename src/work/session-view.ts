/**
 * A live session as those who watch it see it: what the worker tells the server, and the server (api/live.ts) a browser and the CLI.
 * They stand here because a worker knows nothing of the API. It imports nothing, so that a browser can read it as well.
 */

export type SessionState = "starting" | "idle" | "busy" | "restarting" | "dead" | "lost" | "ended"
export type Someone = { readonly id: string; readonly name: string }

/** The kernel that a draft is paired with. Times are ISO 8601. */
export type SessionView = {
  readonly id: string
  readonly state: SessionState
  /** Says more about `dead`, `lost` and `ended`, in a sentence with the remedy; "" when there is nothing to say. */
  readonly explanation: string
  readonly kernelName: string
  readonly displayName: string
  readonly language: string
  readonly environment: string
  /** Whose rights it runs with. */
  readonly startedBy: Someone
  readonly startedAt: string
  /** What the kernel can do beside executing. */
  readonly features: readonly ("subshells" | "variables" | "debugger")[]
  /** When it is ended if nothing happens until then; left out while it is busy. */
  readonly endsAt?: string
}

export type ExecutionState = "queued" | "running" | "succeeded" | "failed" | "cancelled" | "not_run" | "lost"

/** One execution of one cell of the draft in a session; the journal is the author of what it shows. */
export type ExecutionView = {
  readonly id: string
  readonly session: string
  readonly cell: string
  readonly sourceSha256: string
  readonly state: ExecutionState
  readonly explanation: string
  readonly executionCount: number | null
  readonly queuedAt: string
  readonly startedAt: string | null
  readonly endedAt: string | null
  readonly by: Someone
  /** Asks for a line of text. */
  readonly input: { readonly prompt: string; readonly password: boolean } | null
}

/** An nbformat output. A string of `data` longer than 256 KB is left out and named in `metadata.stet.external`: { mime: address }. */
export type LiveOutput = { readonly output_type: string; readonly [key: string]: unknown }

/** What became of the outputs of an execution, to be applied in order. */
export type OutputChange =
  | { readonly op: "append"; readonly output: LiveOutput }
  /** Text at the end of the stream output at this index. */
  | { readonly op: "text"; readonly index: number; readonly text: string }
  | { readonly op: "set"; readonly index: number; readonly output: LiveOutput }
  | { readonly op: "clear" }

export type OutputsSnapshot = {
  readonly execution: ExecutionView
  /** The number of the first change that is not in here. */
  readonly next: number
  readonly outputs: readonly LiveOutput[]
  /** What is not shown because the cell shows too much: bytes. */
  readonly overflowBytes: number
}

/** A widget message of the kernel; buffers in base64. */
export type CommTold = {
  readonly tell: "comm"
  readonly type: "comm_open" | "comm_msg" | "comm_close"
  readonly content: { readonly [key: string]: unknown }
  readonly buffers: readonly string[]
}

/**
 * What is told to those who listen. Changes of the outputs of one execution are numbered from 0; `from` is the number of the first
 * one in `changes`, so the next tell begins at `from + changes.length`. Whoever meets a later number than that (also in a tell
 * without changes, which says where things stand) has missed something and asks for the outputs again; earlier ones are known.
 */
export type Told =
  | { readonly tell: "session"; readonly session: SessionView | null }
  | { readonly tell: "execution"; readonly execution: ExecutionView }
  | { readonly tell: "outputs"; readonly execution: string; readonly from: number; readonly changes: readonly OutputChange[] }
  | CommTold

export type Variable = {
  readonly name: string
  readonly type: string
  /** "3 × 4", "1,000 items"; "" where it has none. */
  readonly shape: string
  readonly sizeBytes: number | null
  /** One line, at most 200 characters. */
  readonly preview: string
}

/** A table is the beginning of one. */
export type VariableDetail = Variable & {
  readonly text: string
  readonly table: {
    readonly columns: readonly { readonly name: string; readonly type: string }[]
    readonly rows: readonly (readonly string[])[]
    readonly totalRows: number
  } | null
}

export type Completion = {
  readonly matches: readonly { readonly text: string; readonly type: string }[]
  /** In UTF-16 code units, as the cursor that was asked about. */
  readonly start: number
  readonly end: number
}

export type Inspection = { readonly found: boolean; readonly data: { readonly [mime: string]: string } }
export type Variables = { readonly variables: readonly Variable[]; readonly truncated: boolean }

/** A cell to run, in the source that is meant. */
export type CellAsked = { readonly cell: string; readonly source: string; readonly sourceSha256: string }

/** Nobody of whom something could come any more. */
export function isOverState(state: SessionState): boolean {
  return state === "lost" || state === "ended"
}
