/** What a server asks of a worker over their connection: one request, one answer, and what is told in between. */
import type { JsonObject } from "#base/json.ts"
import type { Outcome } from "#base/outcome.ts"
import type { Asked } from "#run/index.ts"
import type { Query } from "#work/session-explore.ts"
import type { SessionRefusal } from "#work/session-refusal.ts"
import type { ExecutionView, SessionView, Someone, Told } from "#work/session-view.ts"

/** Secrets that are handed to a kernel once; they are kept nowhere. */
export type SessionSecrets = {
  /** What the file holds that the injected cell reads. */
  readonly text: string
  /** To be blotted out of what the kernel says. */
  readonly values: readonly string[]
  /** Code that reads them, for a kernel in which the injected cell ran already; "" when it is still to come. */
  readonly code: string
}

/** Without `session` they concern none yet. Ids are made by the server, so that what is asked twice is done once. */
export type SessionAsk =
  | {
      readonly do: "start"
      readonly notebook: string
      readonly by: Someone
      readonly environment?: string | undefined
      readonly metadata?: JsonObject | undefined
      readonly lists?: readonly string[] | undefined
      /** The run whose kernel it takes over. */
      readonly adopts?: string | undefined
      readonly secrets?: SessionSecrets | undefined
    }
  /** Ends the kernel that this run left. It concerns no session. */
  | { readonly do: "let_go"; readonly run: string }
  | { readonly do: "listen" }
  | { readonly do: "unlisten" }
  | { readonly do: "run"; readonly executions: readonly Asked[] }
  | { readonly do: "interrupt" | "restart" | "stop"; readonly by: Someone }
  | { readonly do: "unqueue"; readonly executions: readonly string[]; readonly by: Someone }
  | { readonly do: "input"; readonly execution: string; readonly value: string; readonly by: Someone }
  | { readonly do: "complete"; readonly code: string; readonly cursor: number }
  | { readonly do: "inspect"; readonly code: string; readonly cursor: number; readonly detail: number }
  | ({ readonly do: "query" } & Query)
  | { readonly do: "variables" }
  | { readonly do: "variable"; readonly name: string }
  | { readonly do: "comm"; readonly commId: string; readonly data: JsonObject; readonly buffers: readonly string[] }
  | { readonly do: "outputs"; readonly execution: string }
  | { readonly do: "widgets" }
  | { readonly do: "files" }
  | { readonly do: "takeFile"; readonly path: string }

export type Request = { readonly id: number; readonly session: string; readonly ask: SessionAsk }

export type Listening = {
  readonly session: SessionView
  readonly executions: readonly ExecutionView[]
  /** Of each execution that showed something, the number of its next change. */
  readonly next: readonly (readonly [string, number])[]
}

export type Response =
  | { readonly id: number; readonly outcome: Outcome<unknown, SessionRefusal> }
  | { readonly id: number; readonly fault: string }
  | { readonly session: string; readonly told: Told }
