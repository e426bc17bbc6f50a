/** A run as it is stored and shown. Times are milliseconds since 1970. */
import type { Json, JsonObject } from "#base/json.ts"
import type { Rig } from "#case/index.ts"
import type { NotebookId, PersonId, SpaceId } from "#people/index.ts"
import type { CellState, Reason, RunId } from "#run/index.ts"
import type { Orchestrator, Trigger } from "#work/launch.ts"

export type RunState = "queued" | "running" | "succeeded" | "failed" | "cancelled" | "lost"

/** Why it is in that state: what the engine says, and what only the platform can. */
export type RunReason =
  | Reason
  | "environment_missing"
  | "index_unreachable"
  | "version_missing"
  | "orphaned"
  | "worker_stopped"
  | "spool_lost"
  | "not_permitted"

/** `forUser`: its author meant what it says for whoever runs it. */
export type RunError = { readonly ename: string; readonly evalue: string; readonly traceback: readonly string[]; readonly forUser?: boolean }

/** What became of the kernel that a failed run left. */
export type KeptState = "kept" | "attached" | "expired" | "died" | "let_go" | "not_kept" | "worker_stopped" | "worker_gone"

export type RunRow = {
  readonly id: RunId
  readonly space: SpaceId
  readonly spaceName: string
  readonly notebook: NotebookId
  readonly notebookPath: string
  readonly notebookTitle: string
  readonly version: number
  readonly versionSha256: string
  /** As given; secrets only by name. */
  readonly parameters: JsonObject
  readonly secretNames: readonly string[]
  /** Of the parameters that are files and were given one, by name. */
  readonly files: readonly RunFile[]
  readonly labels: { readonly [name: string]: string }
  readonly orchestrator: Orchestrator | null
  readonly openlineage: JsonObject | null
  /** What was done to the notebook for a test. */
  readonly rig: Rig | null
  readonly trigger: Trigger
  readonly orderedBy: PersonId
  readonly orderedByName: string
  /** In whose name it goes, when that is not who ordered it. */
  readonly ranAs: PersonId | null
  readonly ranAsName: string | null
  /** The template by whose name it was ordered. */
  readonly template: string | null
  readonly priority: number
  readonly createdAt: number
  readonly state: RunState
  readonly reason: RunReason
  /** One sentence for people. */
  readonly explanation: string
  readonly desired: "run" | "cancel"
  readonly attempt: number
  readonly notBefore: number | null
  readonly startedAt: number | null
  readonly endedAt: number | null
  readonly environment: string | null
  readonly cellsDone: number
  readonly cellsTotal: number
  readonly currentCell: number | null
  readonly failedCell: number | null
  readonly error: RunError | null
  /** What its author says to whoever ran it; "" when nothing was meant for them. */
  readonly message: string
  readonly resultSha256: string | null
  readonly resultBytes: number | null
  readonly keepaliveMs: number | null
  readonly seq: number
  readonly logBytes: number
  /** Of the kernel that its failed attempt left; null when none was asked for. */
  readonly kernelUntil: number | null
  readonly kernelIs: KeptState | null
  /** The notebook shows its code only to those who edit it. As `shownTo` gives it: this reader is not one of them, and what tells of code is left out. */
  readonly codeHidden: boolean
}

export type RunFile = {
  readonly parameter: string
  /** Which of a list it is, from 0; 0 where it is no list. */
  readonly place: number
  /** The upload that its value names. */
  readonly upload: string
  readonly name: string
  readonly sha256: string
  readonly sizeBytes: number
}

export type AttemptRow = {
  readonly number: number
  readonly state: RunState
  readonly reason: RunReason
  readonly explanation: string
  readonly worker: string | null
  readonly host: string
  readonly startedAt: number | null
  readonly endedAt: number | null
  readonly environment: string | null
  readonly cells: readonly CellTime[]
  readonly failedCell: number | null
  readonly error: RunError | null
  readonly outputs: { readonly [name: string]: Json } | null
  readonly resultSha256: string | null
  readonly resultBytes: number | null
  readonly journalSha256: string | null
}

export type CellTime = {
  readonly index: number
  readonly id: string
  readonly state: CellState
  readonly startedAt: number | null
  readonly endedAt: number | null
  readonly executionCount: number | null
}

export type ArtifactRow = {
  readonly attempt: number
  readonly path: string
  readonly sha256: string
  readonly sizeBytes: number
  readonly mediaType: string
}

const OVER: ReadonlySet<RunState> = new Set(["succeeded", "failed", "cancelled", "lost"])

export function isTerminal(state: RunState): boolean {
  return OVER.has(state)
}
