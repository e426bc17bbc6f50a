/**
 * What stands between a proposal and its promotion. Only these ever do: a fresh rerun that failed, a test that failed, a secret that
 * certainly is one, approvals that are missing, and, where it is to run in somebody's name, that they agree.
 * Nobody can pass a gate by; only an administrator changes the policy. Pure.
 */
import { type ConsentRow, type Named, whyNotInTheNameOf } from "#people/index.ts"

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
  /** Whether they are a person who may still edit it: the word of who may not any more does not count. */
  readonly mayEdit: boolean
}

/** Somebody whose approval it takes. */
export type CodeOwner = {
  readonly kind: "person" | "group"
  readonly id: string
  readonly name: string
  /** Of this template alone, or of all of its space. */
  readonly of: "template" | "space"
  /** Who can give it: themselves, or any one of the group; those of them who may edit it. */
  readonly people: readonly string[]
}

export type Gate = {
  readonly gate: "rerun" | "tests" | "secrets" | "approvals" | "consent"
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
  /** The person who answers for the author, when that is a service account: they have proposed it, too. */
  readonly behind: string | null
  /** By the policy; null: one, or none while nobody but the author may edit. */
  readonly approvals: number | null
  /** Active people beside the author who may edit it. */
  readonly otherEditors: number
  readonly codeOwners: readonly CodeOwner[]
  /** In whose name it is to run, if not in that of whoever asks, and what they said to that. */
  readonly inTheNameOf: { readonly person: Named; readonly consent: ConsentRow | undefined } | undefined
  /** A sentence for each secret that certainly is one. */
  readonly secrets: readonly string[]
}

export function gatesOf(before: Before): readonly Gate[] {
  return [rerunGate(before), testsGate(before), secretsGate(before), approvalsGate(before), ...consentGate(before)]
}

export function mayPromote(gates: readonly Gate[]): boolean {
  return gates.every(({ state }) => state === "passed")
}

type Approved = Pick<Before, "reviews" | "binding" | "author" | "behind">

/** Approvals that count: of what is proposed now, by people who may still edit it, and not the author's own. */
function approvalsOf({ reviews, binding, author, behind }: Approved): readonly ReviewRow[] {
  const own = [author, behind]
  return reviews.filter((one) => one.mayEdit && one.verdict === "approve" && one.binding === binding && !own.includes(one.person.id))
}

export function neededOf({ approvals, otherEditors }: Pick<Before, "approvals" | "otherEditors">): number {
  return approvals ?? (otherEditors > 0 ? 1 : 0)
}

/**
 * Of those who may edit it: whose approval is waited for when it is proposed. Code owners; beside them, where they are not as many as it
 * takes, everybody who has a role there, and administrators of all of Stet where nobody else has one.
 */
export function whoIsAsked(
  before: Pick<Before, "author" | "behind" | "approvals" | "otherEditors" | "codeOwners">,
  editors: readonly { readonly id: string; readonly isGranted: boolean }[],
): readonly string[] {
  const own: readonly (string | null)[] = [before.author, before.behind]
  const others = editors.filter(({ id }) => !own.includes(id))
  const owners = others.filter(({ id }) => before.codeOwners.some(({ people }) => people.includes(id)))
  if (owners.length >= neededOf(before)) return owners.map(({ id }) => id)
  const granted = others.filter(({ isGranted }) => isGranted)
  return [...new Set([...owners, ...(granted.length > 0 ? granted : others)].map(({ id }) => id))]
}

/** How far a code owner is: `proposed` when they made it themselves, `nobody` when there is nobody who could approve for them. */
export type OwnerStand = {
  readonly is: "approved" | "proposed" | "waiting" | "nobody"
  readonly by: readonly ReviewRow["person"][]
}

/** Who proposed it has looked at it; a group takes another one of it. */
export function ownerStand({ kind, id, people }: CodeOwner, before: Approved): OwnerStand {
  const own: readonly (string | null)[] = [before.author, before.behind]
  const by = approvalsOf(before).flatMap(({ person }) => (people.includes(person.id) ? [person] : []))
  if (by.length > 0) return { is: "approved", by }
  if (kind === "person" && own.includes(id)) return { is: "proposed", by }
  return { is: people.some((one) => !own.includes(one)) ? "waiting" : "nobody", by }
}

/** How many approvals it takes, whosever, and who gave one. `isUsual`: no policy says the number. */
export type ApprovalsStand = { readonly needed: number; readonly isUsual: boolean; readonly by: readonly ReviewRow["person"][] }

export function approvalsStand(before: Approved & Pick<Before, "approvals" | "otherEditors">): ApprovalsStand {
  return { needed: neededOf(before), isUsual: before.approvals === null, by: approvalsOf(before).map(({ person }) => person) }
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
    ? { gate: "secrets", state: "passed", said: "No secret was found in the notebook, its outputs and its test cases." }
    : { gate: "secrets", state: "failed", said: secrets.join(" ") }
}

function approvalsGate(before: Before): Gate {
  const against = before.reviews.filter((one) => one.mayEdit && one.verdict === "request_changes")
  if (against.length > 0)
    return { gate: "approvals", state: "failed", said: `${against.map(({ person }) => person.name).join(", ")} asked for changes.` }
  const have = approvalsOf(before)
  const missing = [...countMissing(neededOf(before) - have.length), ...ownersMissing(before)]
  if (missing.length > 0) return { gate: "approvals", state: "pending", said: missing.join(" ") }
  if (have.length > 0) return { gate: "approvals", state: "passed", said: `Approved by ${have.map(({ person }) => person.name).join(", ")}.` }
  return { gate: "approvals", state: "passed", said: "Not reviewed: no approval is needed here." }
}

function countMissing(lacking: number): string[] {
  if (lacking <= 0) return []
  return [`${lacking === 1 ? "One more approval is" : `${lacking} more approvals are`} needed.`]
}

function ownersMissing(before: Before): string[] {
  return before.codeOwners.flatMap((owner) => {
    const { name, kind } = owner
    const { is } = ownerStand(owner, before)
    if (is === "nobody")
      return [`It takes the approval of ${name}, and nobody there can give it: an administrator of the space has to name another code owner.`]
    if (is !== "waiting") return []
    return [kind === "group" ? `It takes the approval of somebody of ${name}.` : `It takes the approval of ${name}.`]
  })
}

/** Only where it is to run in somebody's name. */
function consentGate({ inTheNameOf }: Before): Gate[] {
  if (!inTheNameOf) return []
  const { person, consent } = inTheNameOf
  const why = whyNotInTheNameOf(person, consent)
  if (why !== undefined) return [{ gate: "consent", state: "pending", said: why }]
  const who = consent?.givenBy.id === person.id ? person.name : `${consent?.givenBy.name}, who answers for it,`
  return [{ gate: "consent", state: "passed", said: `It runs in the name of ${person.name}. ${who} agrees.` }]
}
