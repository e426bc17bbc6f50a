/** One line of JSON for each request and each failure, with nothing in it that opens a door. Pure: where lines go is handed in. */

import { toIso } from "#base/time.ts"

export type LogRecord = { readonly level: "info" | "warn" | "error"; readonly message: string; readonly [field: string]: unknown }
export type Log = (record: LogRecord) => void

const SECRETS: readonly (readonly [RegExp, string])[] = [
  // Tokens and links have a shape of their own (people/secrets.ts); a cut one is hidden as well.
  [/stet(?:link)?_[0-9A-Za-z]{10,}(?:_[0-9A-Za-z]*)?/gu, "(token)"],
  [/\b(bearer|basic)\s+[\w.~+/=-]+/giu, "$1 (hidden)"],
  [/((?:__Host-stet|stet-\d+)=)[^;,\s"']+/gu, "$1(hidden)"],
  [/(\b[a-z][a-z0-9+.-]*:\/\/[^\s:@/"']*):[^\s@/"']*@/giu, "$1:(hidden)@"],
  [/([?&;](?:link|token|code|state|password|secret|key|access_token|id_token|sig|signature|x-amz-[a-z-]+)=)[^&\s"'#]+/giu, "$1(hidden)"],
  [
    /(["']?\b(?:password|passwd|secret|client_secret|authorization|cookie|api_?key|access_key)\b["']?\s*[:=]\s*)(?:"[^"]*"|'[^']*'|[^\s,;}"']+)/giu,
    "$1(hidden)",
  ],
]
const HIDDEN_KEYS = /^(password|passwd|secret|token|cookie|set-cookie|authorization|link|code|api_?key|client_?secret)$/iu

/** Every pattern above wants one of these, and most of what a request's line holds has none. */
const MARK = /[\s:=_]/u

function withoutSecretsIn(text: string): string {
  if (!MARK.test(text)) return text
  return SECRETS.reduce((shown, [pattern, hidden]) => shown.replace(pattern, hidden), text)
}

/** The record with every text in it looked through; members that are secret by their name are hidden whole. */
export function redacted(value: unknown, depth = 0): unknown {
  if (typeof value === "string") return withoutSecretsIn(value.length > 20_000 ? `${value.slice(0, 20_000)}…` : value)
  if (value instanceof Error) return redacted(errorFacts(value), depth)
  if (typeof value !== "object" || value === null) return value
  if (depth > 6) return "…"
  if (Array.isArray(value)) return value.slice(0, 100).map((item) => redacted(item, depth + 1))
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, HIDDEN_KEYS.test(key) && item !== undefined ? "(hidden)" : redacted(item, depth + 1)]),
  )
}

function errorFacts(error: Error): object {
  const { cause } = error
  return {
    name: error.name,
    message: error.message,
    ...("code" in error ? { errorCode: error.code } : {}),
    stack: error.stack,
    ...(cause instanceof Error ? { cause } : {}),
  }
}

/** A log that hides secrets and adds the time. */
export function logTo(write: (line: string) => void, now: () => number): Log {
  return (record) => write(`${JSON.stringify({ at: toIso(now()), ...(redacted(record) as object) })}\n`)
}
