/**
 * What stands between a proposal and its promotion. Only four things ever do: a fresh rerun that failed, a test that failed, a secret
 * that certainly is one, and approvals that are missing. Nobody can pass a gate by; only an administrator changes the policy. Pure.
 */

export type CheckRow = {
  readonly place: number
  readonly kind: "rerun" | "test"
  readonly name: string
  readonly run: string | null
  readonly verdict: "pending" | "passed" | "failed"
  readonly said: string
  readonly environment: string | null
}

export type ReviewRow = {
  readonly person: { readonly id: string; readonly name: string }
  readonly verdict: "approve" | "request_changes"
  readonly said: string
  readonly binding: string
  /** Milliseconds since 1970. */
  readonly at: number
}

export type Gate = {
  readonly gate: "rerun" | "tests" | "secrets" | "approvals"
  readonly state: "passed" | "failed" | "pending"
  /** One sentence. */
  readonly said: string
}

export type Before = {
  readonly checks: readonly CheckRow[]
  readonly reviews: readonly ReviewRow[]
  /** What approvals must be about. */
  readonly binding: string
  readonly author: string
  /** By the policy; null: one, or none while nobody but the author may edit. */
  readonly approvals: number | null
  readonly otherEditors: number
  /** A sentence for each secret that certainly is one. */
  readonly secrets: readonly string[]
}

export function gatesOf(before: Before): readonly Gate[] {
  return [rerunGate(before), testsGate(before), secretsGate(before), approvalsGate(before)]
}

export function mayPromote(gates: readonly Gate[]): boolean {
  return gates.every(({ state }) => state === "passed")
}

/** Approvals that count: of what is proposed now, and not the author's own. */
function approvalsOf({ reviews, binding, author }: Before): readonly ReviewRow[] {
  return reviews.filter((one) => one.verdict === "approve" && one.binding === binding && one.person.id !== author)
}

function needed({ approvals, otherEditors }: Before): number {
  return approvals ?? (otherEditors > 0 ? 1 : 0)
}

/** By nobody but the one who made it: the evidence says so. */
export function isReviewed(before: Before): boolean {
  return approvalsOf(before).length > 0
}

function rerunGate({ checks }: Before): Gate {
  return gateOf(
    "rerun",
    checks.filter(({ kind }) => kind === "rerun"),
    "It runs from a fresh kernel.",
  )
}

function testsGate({ checks }: Before): Gate {
  const tests = checks.filter(({ kind }) => kind === "test")
  const environments = new Set(checks.flatMap(({ environment }) => environment ?? []))
  if (environments.size > 1) return { gate: "tests", state: "failed", said: "The runs did not all have the same environment: propose it again." }
  const passed = ["There are no test cases beside the rerun.", "The test case passed."][tests.length] ?? `All ${tests.length} test cases passed.`
  return gateOf("tests", tests, passed)
}

function gateOf(gate: Gate["gate"], checks: readonly CheckRow[], passed: string): Gate {
  const failed = checks.filter(({ verdict }) => verdict === "failed")
  if (failed.length > 0) return { gate, state: "failed", said: failed.map(({ name, said }) => `${name}: ${said}`).join(" ") }
  const pending = checks.filter(({ verdict }) => verdict === "pending")
  if (pending.length > 0) return { gate, state: "pending", said: `${pending.length} of ${checks.length} still run.` }
  return { gate, state: "passed", said: passed }
}

function secretsGate({ secrets }: Before): Gate {
  return secrets.length === 0
    ? { gate: "secrets", state: "passed", said: "No secret was found in the source." }
    : { gate: "secrets", state: "failed", said: secrets.join(" ") }
}

function approvalsGate(before: Before): Gate {
  const against = before.reviews.filter((one) => one.verdict === "request_changes")
  if (against.length > 0)
    return { gate: "approvals", state: "failed", said: `${against.map(({ person }) => person.name).join(", ")} asked for changes.` }
  const have = approvalsOf(before)
  const lacking = needed(before) - have.length
  if (lacking > 0)
    return { gate: "approvals", state: "pending", said: `${lacking === 1 ? "One more approval is" : `${lacking} more approvals are`} needed.` }
  if (have.length > 0) return { gate: "approvals", state: "passed", said: `Approved by ${have.map(({ person }) => person.name).join(", ")}.` }
  return { gate: "approvals", state: "passed", said: "Not reviewed: no approval is needed here." }
}
