/**
 * The audit chain: every change of state and every denied attempt, each record holding the hash of the one before.
 *
 * The hash of a record is the SHA-256, as lower-case hex, of the previous record's hash, a line feed and a JSON array of nine
 * strings without blanks: sequence number, microseconds since 1970, actor, way, action, thing, outcome, space and detail. Space is
 * null when there is none; detail is PostgreSQL's jsonb text, whose form is canonical. The first record follows 64 zeros.
 * PostgreSQL computes it as the transaction commits (audit_seal in db/0001.sql); this file is the second opinion.
 *
 * Records hold ids, never names or addresses, so that a person can be forgotten without breaking the chain.
 */
import type { Actor } from "#people/actor.ts"
import type { SpaceId } from "#people/ids.ts"

export type AuditOutcome = "done" | "denied" | "failed"

/**
 * What is to be recorded. `action` is "noun.verb" ("notebook.move"), `thing` is "noun/id" ("notebook/01J…"), `at` milliseconds
 * since 1970. `detail` must hold no secret and no personal data; ids, counts, paths and roles are what it is for.
 */
export type AuditEntry = {
  readonly actor: Actor | undefined
  readonly action: string
  readonly thing: string
  readonly space?: SpaceId | undefined
  readonly outcome: AuditOutcome
  readonly detail?: Readonly<Record<string, unknown>>
  readonly at: number
}

/** A record as it is stored. `micros` is its time in microseconds since 1970, `detail` the text of its JSON. */
export type AuditRecord = {
  readonly seq: number
  readonly micros: string
  readonly actor: string | null
  readonly via: string
  readonly action: string
  readonly thing: string
  readonly outcome: string
  readonly space: string | null
  readonly detail: string
  readonly previous: string
  readonly hash: string
}

export const GENESIS = "0".repeat(64)

/** The bytes that are hashed, as text. */
export function sealed(record: AuditRecord): string {
  const { seq, micros, actor, via, action, thing, outcome, space, detail } = record
  return `${record.previous}\n${JSON.stringify([String(seq), micros, actor, via, action, thing, outcome, space, detail])}`
}

/** Where the chain stands: kept outside the database, it proves later that nothing was cut off the end. */
export type AuditHead = { readonly seq: number; readonly hash: string }

/** `badSeq` is the first sequence number at which the chain is not what was written. */
export type AuditVerdict =
  | { readonly ok: true; readonly head: AuditHead; readonly checked: number }
  | { readonly ok: false; readonly badSeq: number; readonly why: string; readonly checked: number }

/** What is wrong with a record that should follow `before`; undefined when nothing is. */
export function faultOf(record: AuditRecord, before: AuditHead, sha256: (text: string) => string): string | undefined {
  if (record.seq !== before.seq + 1) return `record ${before.seq + 1} is missing`
  if (record.previous !== before.hash) return `record ${record.seq} does not follow the record before it`
  if (record.hash !== sha256(sealed(record))) return `record ${record.seq} was changed`
  return undefined
}

/** How the actor came, in one word or two: "session", "token/01J…", "system", "nobody". */
export function viaOf(actor: Actor | undefined): string {
  if (!actor) return "nobody"
  return actor.via.kind === "token" ? `token/${actor.via.token}` : actor.via.kind
}

/** NUL cannot be kept in PostgreSQL's text, and a lone surrogate not in UTF-8; whoever sends them shall still be recorded. */
export function storable(text: string, longest = 400): string {
  const kept = text.replaceAll("\0", "\u2400").toWellFormed()
  return kept.length <= longest ? kept : `${kept.slice(0, longest).toWellFormed()}…`
}

/** As JSON text with `storable` names and strings throughout. */
export function storableDetail(detail: Readonly<Record<string, unknown>>): string {
  const text = JSON.stringify(detail, (_, value: unknown) => {
    if (typeof value === "string") return storable(value, 2000)
    if (typeof value !== "object" || value === null || Array.isArray(value)) return value
    return Object.fromEntries(Object.entries(value).map(([name, each]) => [storable(name), each]))
  })
  return text.length <= 16_000 ? text : JSON.stringify({ cut: storable(text, 2000) })
}
