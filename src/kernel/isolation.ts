/** Which isolation level a machine is run with: what was asked for against what it can do. Pure. */
import { accepted, type Outcome, refused } from "#base/outcome.ts"
import type { Isolation, IsolationLevel } from "#kernel/ports.ts"

export type IsolationRefusal = { readonly refused: "isolation_unavailable"; readonly message: string; readonly remedy: string }

/** The level that is used: the best there is for "auto", else the one that was named. One that cannot be had is refused, never replaced. */
export function chooseIsolation(asked: "auto" | IsolationLevel, isolation: Isolation): Outcome<IsolationLevel, IsolationRefusal> {
  if (asked === "auto") return accepted(isolation.best)
  if (isolation.possible.includes(asked)) return accepted(asked)
  return refused({
    refused: "isolation_unavailable",
    message: `Isolation level ${asked} was asked for and cannot be had here: ${isolation.whyNot[asked] ?? "it is not known why."}`,
    remedy: `Set STET_ISOLATION to auto or to one of ${isolation.possible.join(", ")}, or do what the sentence says.`,
  })
}
