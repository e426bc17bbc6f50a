/**
 * How often signing in may be tried. Each attempt is counted before the password is looked at, so that a thousand at once are
 * no way around, and is taken back when it was right. Nobody is locked out for good: the wait grows to a bound, the longest for
 * one login from one address, so that a stranger who keeps trying somebody's login elsewhere costs its owner a minute at most.
 */
export type AttemptKind = "login_and_address" | "login" | "address"

/** `failures` in a row; times in milliseconds since 1970. */
export type Counted = { readonly failures: number; readonly lastAt: number; readonly blockedUntil: number }

export const NEVER_TRIED: Counted = { failures: 0, lastAt: 0, blockedUntil: 0 }

const RULES: Record<AttemptKind, { readonly free: number; readonly longestMs: number }> = {
  login_and_address: { free: 5, longestMs: 900_000 },
  login: { free: 50, longestMs: 60_000 },
  address: { free: 50, longestMs: 900_000 },
}

/** Failures are forgotten when nothing was tried for this long. */
export const FORGET_MS = 3_600_000

/** The count after one more attempt, or how long to wait before the next is looked at. */
export type Turn = { readonly next: Counted } | { readonly waitMs: number }

export function takeTurn(kind: AttemptKind, before: Counted, now: number): Turn {
  if (before.blockedUntil > now) return { waitMs: before.blockedUntil - now }
  const failures = (now - before.lastAt > FORGET_MS ? 0 : before.failures) + 1
  return { next: { failures, lastAt: now, blockedUntil: now + waitAfter(kind, failures) } }
}

function waitAfter(kind: AttemptKind, failures: number): number {
  const { free, longestMs } = RULES[kind]
  // 2^30 seconds is beyond every bound; a larger exponent would only lose digits.
  return failures < free ? 0 : Math.min(longestMs, 1000 * 2 ** Math.min(30, failures - free))
}
