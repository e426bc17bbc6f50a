import { sendNothing } from "#api/serve/handler.ts"
import type { Outcome } from "#base/outcome.ts"

/** 204 for what gives nothing back. */
export function nothing<Refusal>(outcome: Outcome<unknown, Refusal>) {
  return outcome.ok ? sendNothing() : outcome
}
