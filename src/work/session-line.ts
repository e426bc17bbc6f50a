/** One notebook's live session as the server holds it: what can be asked of it, and what it tells. */
import type { Outcome } from "#base/outcome.ts"
import type { Actor, NotebookId } from "#people/index.ts"
import type { SessionSecrets } from "#work/session-asks.ts"
import type { Query } from "#work/session-explore.ts"
import type { SessionFileList } from "#work/session-files.ts"
import type { SessionRefusal } from "#work/session-refusal.ts"
import type {
  CellAsked,
  CommTold,
  Completion,
  ExecutionView,
  Inspection,
  OutputsSnapshot,
  SessionView,
  Told,
  VariableDetail,
  Variables,
} from "#work/session-view.ts"
import type { LeftFile } from "#work/sql/session-files.ts"

export type SessionAnswer<Value> = Promise<Outcome<Value, SessionRefusal>>

export type StartOptions = {
  /** By name or digest; without it the notebook's own, the space's, or that of its kernelspec. */
  readonly environment?: string | undefined
  /** The draft's metadata, which says what kernel it is for; without it that of the last version. */
  readonly metadata?: { readonly [key: string]: unknown } | undefined
  /** Sources of the draft's cells that list packages (`# /// script`); goes with `metadata`. Without it those of the last version. */
  readonly lists?: readonly string[] | undefined
  /** Goes on with the kernel that a failed run left, instead of starting one. */
  readonly adopts?: Adopted | undefined
  readonly secrets?: SessionSecrets | undefined
}

export type AskedQuery = { readonly type: Query["type"]; readonly content: { readonly [key: string]: unknown } }

/** A kernel that is kept, and where. */
export type Adopted = { readonly run: string; readonly worker: string; readonly host: string; readonly address: string }

/**
 * Everything that an actor does is checked at that moment: it takes the right to run the notebook. `listen`, `current`,
 * `outputs` and `widgets` are for those of whom the caller knows that they may read it.
 *
 * @throws Fault worker_gone (retry: later) where the worker cannot be reached and may yet come back
 */
export interface SessionLine {
  /** The session that lives, one that died started again, or a new one. */
  start(actor: Actor, options?: StartOptions): SessionAnswer<SessionView>
  /** Starts a session if there is none; the cells wait behind those that wait already. */
  run(actor: Actor, cells: readonly CellAsked[], options: StartOptions & { readonly stopOnError: boolean }): SessionAnswer<readonly ExecutionView[]>
  interrupt(actor: Actor): SessionAnswer<null>
  restart(actor: Actor): SessionAnswer<null>
  stop(actor: Actor): SessionAnswer<null>
  /** Takes waiting cells out of the queue; all of them when none are named. */
  unqueue(actor: Actor, executions?: readonly string[]): SessionAnswer<null>
  input(actor: Actor, answer: { readonly execution: string; readonly value: string }): SessionAnswer<null>
  /** Cursors count UTF-16 code units. */
  complete(actor: Actor, at: { readonly code: string; readonly cursor: number }): SessionAnswer<Completion>
  inspect(actor: Actor, at: { readonly code: string; readonly cursor: number; readonly detail: number }): SessionAnswer<Inspection>
  /** A request of a Jupyter client that runs nothing; the content of the reply. */
  query(actor: Actor, query: AskedQuery): SessionAnswer<{ readonly [key: string]: unknown }>
  variables(actor: Actor): SessionAnswer<Variables>
  variable(actor: Actor, name: string): SessionAnswer<VariableDetail>
  /** A widget is moved; buffers in base64. */
  comm(
    actor: Actor,
    said: { readonly commId: string; readonly data: { readonly [key: string]: unknown }; readonly buffers: readonly string[] },
  ): SessionAnswer<null>
  /** What cells wrote beside the notebook: in the session that lives, otherwise what the last one left. */
  files(actor: Actor): SessionAnswer<SessionFileList>
  /** One of them, as a blob that is kept for a day at least. */
  takeFile(actor: Actor, path: string): SessionAnswer<LeftFile>
  /** Also of executions of earlier sessions of this notebook. */
  outputs(execution: string): SessionAnswer<OutputsSnapshot>
  /** The widgets there are, each as the message that would have opened it in its present state. */
  widgets(): Promise<readonly CommTold[]>
  /** The session of now, or the last one when it was lost or ended a day ago at most; of each cell the last execution, and all that wait or run. */
  current(): Promise<{ readonly session: SessionView | null; readonly executions: readonly ExecutionView[] }>
  /** Gives the function that ends it. After a break of the connection what was missed is told, or can be seen from the numbers. */
  listen(listener: (told: Told) => void): () => void
  /** Once for each time it was asked for. */
  close(): void
}

export interface Link {
  session(notebook: NotebookId): SessionLine
  /** Ends a kernel that is kept; false when it was gone. @throws Fault worker_gone */
  letGo(kept: Adopted): Promise<boolean>
  close(): Promise<void>
}
