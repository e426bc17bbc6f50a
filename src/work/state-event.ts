/** The event that tells of a run's state. */
import { write } from "#base/json.ts"
import type { EventRow } from "#work/event-rows.ts"
import type { RunReason, RunState } from "#work/row.ts"

export type StateTold = {
  readonly state: RunState
  readonly reason?: RunReason
  readonly explanation?: string
  readonly attempt: number
  /** A cancel that was asked for and is not done yet. */
  readonly desired?: "cancel"
}

export function stateEvent(told: StateTold, at: number): EventRow {
  const { state, reason = "", explanation = "", attempt, desired } = told
  return { at, type: "state", what: write({ state, reason, explanation, attempt, ...(desired ? { desired } : {}) }), logBytes: 0, journalEnd: -1 }
}

export function noteEvent(text: string, at: number): EventRow {
  return { at, type: "note", what: write({ text: text.toWellFormed() }), logBytes: 0, journalEnd: -1 }
}
