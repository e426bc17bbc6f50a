/** What people call a version: the one thing about it that may change. */
import { isWellFormed } from "#base/json.ts"
import { accepted, type Outcome, refused } from "#base/outcome.ts"

export type BadLabel = { readonly refused: "bad_label"; readonly message: string }

const MOST = 100

/** One line; "" and null take a label away. */
export function toLabel(text: string | null): Outcome<string | null, BadLabel> {
  const label = (text ?? "").trim().normalize("NFC")
  if (label === "") return accepted(null)
  if (label.length > MOST) return bad(`it is longer than ${MOST} characters`)
  if (!isWellFormed(label)) return bad("it holds half of a character (a lone surrogate)")
  return /[\p{Cc}\u2028\u2029\u200E\u200F\u202A-\u202E\u2066-\u2069\uFEFF]/u.test(label) ? bad("it holds a control character") : accepted(label)
}

function bad(why: string): Outcome<never, BadLabel> {
  return refused({ refused: "bad_label", message: `This cannot be a label: ${why}.` })
}

const MOST_MESSAGE = 10_000

/** What somebody says about a change is kept as they say it, but for what PostgreSQL cannot keep. */
export function toMessage(text: string): string {
  const clean = text.replaceAll("\0", "\uFFFD").slice(0, MOST_MESSAGE)
  return isWellFormed(clean) ? clean : new TextDecoder().decode(new TextEncoder().encode(clean))
}
