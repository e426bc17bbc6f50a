/** Problems as the API tells them (RFC 9457), made from refusals and faults. Pure. */
import type { Problem } from "#api/contract.ts"
import { type AnyRefused, API_REMEDY, FAULT_STATUS, STATUS } from "#api/refusals.ts"
import { type Fault, type FaultCode, isFault } from "#base/fault.ts"

/** What every room's refusals have in common, and what some of them say beside. */
export type AnyRefusal = {
  readonly refused: AnyRefused
  readonly message: string
  readonly remedy?: string
  readonly field?: string
  readonly errors?: Problem["errors"]
  readonly problems?: readonly { readonly path: string; readonly message: string }[]
  readonly facts?: Problem["facts"]
  readonly retryAfterSeconds?: number
}

export type Told = { readonly problem: Problem; readonly headers: Readonly<Record<string, string>> }

export function problemOfRefusal(refusal: AnyRefusal, instance: string): Told {
  const status = STATUS[refusal.refused]
  const remedy = refusal.remedy ?? API_REMEDY[refusal.refused] ?? ""
  const problem: Problem = {
    type: `https://stet.invalid/problems/${refusal.refused}`,
    title: titleOf(refusal.refused),
    status,
    detail: refusal.message,
    instance,
    code: refusal.refused,
    errors: [...(refusal.errors ?? errorsOf(refusal))],
    remedy,
    ...(refusal.facts === undefined ? {} : { facts: refusal.facts }),
  }
  const headers = {
    ...(status === 401 ? { "www-authenticate": 'Bearer realm="Stet"' } : {}),
    ...(refusal.retryAfterSeconds === undefined ? {} : { "retry-after": String(Math.max(1, Math.ceil(refusal.retryAfterSeconds))) }),
  }
  return { problem, headers }
}

function errorsOf({ refused, problems, field, message }: AnyRefusal): Problem["errors"] {
  // Runs name a parameter by itself; from outside it is a member of the body.
  const within = refused === "bad_parameters" ? "parameters." : ""
  if (problems) return problems.map((each) => ({ in: "body" as const, path: `${within}${each.path}`, message: each.message }))
  return field === undefined ? [] : [{ in: "body", path: field, message }]
}

/** What broke stays in the log: the answer holds only the id under which it stands there. */
export function problemOfError(error: unknown, instance: string): Told {
  const fault = isFault(error) ? error : undefined
  const status = fault ? FAULT_STATUS[fault.code] : 500
  const isPassing = fault?.retry === "later"
  const problem: Problem = {
    type: "https://stet.invalid/problems/failed",
    title: isPassing ? "Not possible at the moment" : "Something failed here",
    status,
    detail: fault ? publicDetail(fault) : "The server met something it was not made for.",
    instance,
    code: isPassing ? "unavailable" : "failed",
    errors: [],
    remedy: isPassing ? "Try again in a moment." : `Tell whoever runs this server the number ${instance}: its log says what happened.`,
  }
  return { problem, headers: isPassing ? { "retry-after": "2" } : {} }
}

const PUBLIC_DETAIL: Partial<Record<FaultCode, string>> = {
  disk_full: "There is no room left to store this.",
  blob_damaged: "What is stored of this is damaged: its bytes are no longer those that came, so they are not given.",
  version_damaged: "What is stored of this is damaged: its bytes are no longer those that came, so they are not given.",
  blob_missing: "What is stored of this is missing.",
}

function publicDetail({ code }: Fault): string {
  return PUBLIC_DETAIL[code] ?? "A part of the server that this needs does not work at the moment."
}

function titleOf(code: string): string {
  const words = code.replaceAll("_", " ")
  return words.charAt(0).toUpperCase() + words.slice(1)
}
