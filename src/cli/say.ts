import { isFault } from "#base/fault.ts"
import { complain, type Edge, EXIT } from "#cli/edge.ts"
import type { Refusal } from "#cli/prepare.ts"

/** Says everything that is wrong with a request and gives the exit code for it. */
export function say(edge: Edge, refusal: Refusal): number {
  complain(edge, refusal.messages.join("\n      "), refusal.remedy)
  return EXIT.bad
}

/** Says a fault and gives its exit code; anything else is a bug and goes on. */
export function sayFault(edge: Edge, error: unknown): number {
  if (!isFault(error)) throw error
  complain(edge, error.message, error.remedy)
  if (error.code === "no_such_kernel") return EXIT.bad
  return error.code === "busy" ? EXIT.later : EXIT.infrastructure
}
