/**
 * What a browser and the server say to each other over the socket of one notebook, `/api/v1/notebooks/{notebook}/live`.
 *
 * Binary frames are y-protocols messages: the first varint is 0 (sync) or 1 (awareness). Text frames are JSON: an `Ask` from the
 * browser, a `Tell` from the server. Every ask is answered once, by an `answer` with its id. It runs in a browser as well.
 */
import { z } from "zod"
import type { Completion, ExecutionView, Inspection, OutputsSnapshot, SessionView, Told, VariableDetail, Variables } from "#work/session-view.ts"

export type {
  Completion,
  ExecutionState,
  ExecutionView,
  LiveOutput,
  OutputChange,
  OutputsSnapshot,
  SessionState,
  SessionView,
  Variable,
  VariableDetail,
} from "#work/session-view.ts"

/** A cell and the SHA-256 (hex) of the source that is meant: the server waits for that edit, or refuses. */
const MeantCell = z.strictObject({ cell: z.string().max(64), sourceSha256: z.string().length(64) })
const code = z.string().max(10_000_000)
const cursor = z.int().min(0)

/** What may be asked. Cursors count UTF-16 code units, as JavaScript does. */
export const Ask = z.discriminatedUnion("do", [
  z.strictObject({ id: z.int(), do: z.literal("start"), environment: z.string().max(200).optional() }),
  /**
   * Starts a session if there is none; cells are queued in this order. `stopOnError`: the ones behind a cell that raises are not run.
   * `isAll`: of somebody who may edit, changed source becomes a version.
   */
  z.strictObject({
    id: z.int(),
    do: z.literal("run"),
    cells: z.array(MeantCell).min(1).max(20_000),
    stopOnError: z.boolean().default(true),
    isAll: z.boolean().default(false),
  }),
  z.strictObject({ id: z.int(), do: z.literal("interrupt") }),
  z.strictObject({ id: z.int(), do: z.literal("restart") }),
  z.strictObject({ id: z.int(), do: z.literal("stop") }),
  /** Takes cells that wait out of the queue; all of them without `executions`. */
  z.strictObject({ id: z.int(), do: z.literal("unqueue"), executions: z.array(z.string()).max(20_000).optional() }),
  z.strictObject({ id: z.int(), do: z.literal("input"), execution: z.string(), value: z.string().max(1_000_000) }),
  z.strictObject({ id: z.int(), do: z.literal("complete"), code, cursor }),
  z.strictObject({ id: z.int(), do: z.literal("inspect"), code, cursor, detail: z.int().min(0).max(1).default(0) }),
  /** Code that stands in no cell, for those who may edit: a console beside the notebook. Its execution is of the cell `CONSOLE`. */
  z.strictObject({ id: z.int(), do: z.literal("execute"), code }),
  /** A request of a Jupyter client that runs nothing, with its content as the protocol has it; for those who may edit. */
  z.strictObject({
    id: z.int(),
    do: z.literal("query"),
    type: z.enum(["complete_request", "inspect_request", "is_complete_request", "history_request", "kernel_info_request"]),
    content: z.record(z.string(), z.unknown()),
  }),
  z.strictObject({ id: z.int(), do: z.literal("variables") }),
  z.strictObject({ id: z.int(), do: z.literal("variable"), name: z.string().max(1000) }),
  /** A widget is moved: this executes code, so it takes the right to run. Buffers are base64. */
  z.strictObject({
    id: z.int(),
    do: z.literal("comm"),
    commId: z.string().max(200),
    data: z.record(z.string(), z.unknown()),
    buffers: z.array(z.string()).default([]),
  }),
  /** Everything an execution has shown so far; its `outputs` tells follow on from there. */
  z.strictObject({ id: z.int(), do: z.literal("outputs"), execution: z.string().max(64) }),
  z.strictObject({ id: z.int(), do: z.literal("save"), message: z.string().max(2000).optional(), label: z.string().max(200).optional() }),
  /** These cells show nothing until they run again; what they showed stays with its execution. */
  z.strictObject({ id: z.int(), do: z.literal("clear"), cells: z.array(z.string().max(64)).min(1).max(20_000) }),
  /** Takes that back for the cells that have not run since. */
  z.strictObject({ id: z.int(), do: z.literal("unclear"), cleared: z.int().min(1) }),
  /** Edits the draft so that it says what that version says; undoable like any other edit. */
  z.strictObject({ id: z.int(), do: z.literal("restore"), version: z.int().min(1) }),
])
export type Ask = z.output<typeof Ask>
/** As a browser writes it. */
export type Asked = z.input<typeof Ask>

/** What executions of a console are executions of. */
export const CONSOLE = "console"

/** What an answer carries, by what was asked. Nothing for the others. */
export type Answers = {
  readonly start: SessionView
  readonly run: readonly ExecutionView[]
  readonly execute: ExecutionView
  readonly query: { readonly [key: string]: unknown }
  readonly complete: Completion
  readonly inspect: Inspection
  readonly variables: Variables
  readonly variable: VariableDetail
  readonly outputs: OutputsSnapshot
  readonly save: { readonly version: number; readonly created: boolean }
  /** `before`: the version that says what the draft said until then. */
  readonly restore: { readonly version: number; readonly before: number }
  /** `cleared`: with what `unclear` takes it back; 0 when none of them showed anything. */
  readonly clear: { readonly cleared: number }
}

/** What somebody may do in the notebook besides reading it. */
export type Allowed = { readonly mayComment: boolean; readonly mayRun: boolean; readonly mayEdit: boolean }

export type Tell =
  | { readonly tell: "answer"; readonly id: number; readonly ok: true; readonly value?: Answers[keyof Answers] }
  /** `rejectedText`: what a refused edit said, to be offered as a copy. */
  | { readonly tell: "answer"; readonly id: number; readonly ok: false; readonly code: string; readonly message: string; readonly remedy: string }
  /** The first thing said: who one is here, what one may do, and what there is. */
  | {
      readonly tell: "welcome"
      readonly you: { readonly id: string; readonly name: string } & Allowed
      readonly session: SessionView | null
      /** Those that cells of the draft show, and those under way. */
      readonly executions: readonly ExecutionView[]
      /** The version that the draft began as, or was last saved as; `isChanged`: its source is another now. */
      readonly saved: SavedState
      /** The page was made by another Stet than this one: its text is taken, other edits are not until it is loaded anew. */
      readonly isPageOld?: boolean
      /** It was made to look into a run or a version with a live kernel: GET …/origin says which. */
      readonly isOpenedLive?: boolean
    }
  /** What the session says, as its worker tells it. */
  | Told
  | { readonly tell: "saved"; readonly saved: SavedState }
  /** Somebody else has made the draft say what a version says; `before` says what it said until then. */
  | { readonly tell: "restored"; readonly version: number; readonly before: number; readonly by: string }
  /** An edit of this socket is safe: written down, and told to the others. One for each frame with an update that was taken. */
  | { readonly tell: "kept" }
  /** An edit was not taken: forget the document and ask for it again; what is given was lost by that. */
  | { readonly tell: "resync"; readonly reason: string; readonly message: string }
  /** What one may do has changed, or one may nothing any more (then the socket closes with 4403). */
  | ({ readonly tell: "rights" } & Allowed)

export type SavedState = {
  readonly version: number
  readonly label: string | null
  readonly at: string
  readonly by: string
  readonly isChanged: boolean
}

/** Codes with which the server closes the socket. */
export const CLOSED = { notSignedIn: 4401, mayNot: 4403, gone: 4404, tooFast: 4429, serverEnds: 1012 } as const
