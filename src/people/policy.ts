const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** What an operator may set about people. Durations in milliseconds but for days. */
export type Policy = {
  /** A session ends when nothing was asked in it for this long, and at the latest after `sessionMaxMs`. */
  readonly sessionIdleMs: number
  readonly sessionMaxMs: number
  readonly tokenDays: number
  readonly tokenMaxDays: number
  readonly inviteDays: number
  readonly inviteMaxDays: number
  /** Links of the console and for a new password. */
  readonly linkMs: number
  /** How long after signing in a first password may be set without giving another. */
  readonly freshMs: number
  readonly singleSignOn: SingleSignOnPolicy
}

export type SingleSignOnPolicy = {
  /** Groups of which one must be in the claim; empty: everybody. */
  readonly allowedGroups: readonly string[]
  /** Domains of which one must end the verified e-mail address; empty: every one. */
  readonly allowedDomains: readonly string[]
  /** Whether somebody new becomes a person here by signing in. */
  readonly signUp: boolean
  /** Whether a verified e-mail address joins a person who is here already. */
  readonly linkVerifiedEmail: boolean
}

export const DEFAULT_POLICY: Policy = {
  sessionIdleMs: 24 * HOUR,
  sessionMaxMs: 14 * DAY,
  tokenDays: 90,
  tokenMaxDays: 366,
  inviteDays: 7,
  inviteMaxDays: 30,
  linkMs: DAY,
  freshMs: HOUR,
  singleSignOn: { allowedGroups: [], allowedDomains: [], signUp: true, linkVerifiedEmail: false },
}

/** A visit is noted at most this often: a session's last use, a token's. */
export const TOUCH_MS = MINUTE
/** A sign-in at the identity provider must come back within this time. */
export const FLOW_MS = 10 * MINUTE
export const DAY_MS = DAY
