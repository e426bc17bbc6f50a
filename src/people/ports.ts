/** What people needs of the world. */
import type { Random } from "#base/id.ts"
import type { Outcome } from "#base/outcome.ts"
import type { Clock } from "#base/time.ts"
import type { Db } from "#database/index.ts"
import type { AuditHead } from "#people/audit.ts"
import type { Policy } from "#people/policy.ts"
import type { PeopleRefusal } from "#people/refusal.ts"

/** argon2id. Bounded in how many are computed at once, since each takes 19 MiB. @throws Fault busy when too many wait */
export interface Passwords {
  /** In PHC form, with a fresh salt and the parameters of today. */
  hash(password: string): Promise<string>
  /** Takes as long for no stored hash (nobody of that login, or no password) as for a wrong one. */
  verify(stored: string | undefined, password: string): Promise<boolean>
  /** Whether a stored hash has the parameters of today; one that has not is made anew at the next sign-in. */
  isCurrent(stored: string): boolean
}

/** What the identity provider says of a person, checked: signature, issuer, audience, nonce, time. */
export type Claims = {
  readonly issuer: string
  readonly subject: string
  readonly name: string | undefined
  readonly email: string | undefined
  readonly emailVerified: boolean
  /** Undefined when the provider sends no such claim, which is not the same as no group. */
  readonly groups: readonly string[] | undefined
}

/** The values of one sign-in under way, each derived from what the browser alone holds. */
export type FlowValues = { readonly state: string; readonly nonce: string; readonly verifier: string }

/** OpenID Connect: code flow with PKCE. */
export interface IdentityProvider {
  readonly issuer: string
  /** Where to send the browser. @throws Fault identity_provider when it cannot be reached or is not what it says */
  address(flow: FlowValues): Promise<string>
  /** Trades what came back for claims. `query` is the query of the callback's address, without "?". @throws Fault identity_provider */
  claims(query: string, flow: FlowValues): Promise<Outcome<Claims, PeopleRefusal>>
}

/** Heads of the audit chain, kept and signed where somebody who has the database in hand has not the key. */
export interface Checkpoints {
  /** @throws Fault storage_unwritable */
  keep(head: AuditHead, atMs: number): Promise<void>
  /** All that were kept, oldest first. @throws Fault checkpoints_damaged when one is not as it was signed */
  heads(): Promise<readonly AuditHead[]>
}

export type PeopleWorld = {
  readonly db: Db
  readonly clock: Pick<Clock, "now">
  readonly random: Random
  /** Of the text as UTF-8, in lower-case hex. */
  readonly sha256: (text: string) => string
  readonly passwords: Passwords
  readonly provider?: IdentityProvider | undefined
  readonly policy: Policy
}

/** From where a person signs in; shown in the list of sessions. */
export type Client = { readonly address: string; readonly userAgent: string }
