/** What templates and channels are called: they stand in addresses, command lines and schedules. Pure. */
import { accepted, type Outcome } from "#base/outcome.ts"
import { refuse, type TemplateRefusal } from "#template/refusal.ts"

const WORD = "[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?"
const NAME = new RegExp(`^${WORD}(?:/${WORD}){0,4}$`, "u")

/** `finance/weekly-revenue` */
export function toTemplateName(text: string): Outcome<string, TemplateRefusal> {
  if (text.length <= 120 && NAME.test(text)) return accepted(text)
  return refuse(
    "bad_name",
    "A template's name is small letters, digits and . _ -, in up to five parts with / between them, as finance/weekly-revenue.",
  )
}

export const LATEST = "latest-approved"

export function toChannelName(text: string): Outcome<string, TemplateRefusal> {
  if (text.length <= 40 && new RegExp(`^${WORD}$`, "u").test(text) && !/^\d+$/u.test(text) && text !== LATEST) return accepted(text)
  return refuse("bad_name", `A channel's name is small letters, digits and . _ -, not only digits, and not ${LATEST}, which is always there.`)
}

export type Wanted = { readonly template: string; readonly at: string }

/** `finance/weekly-revenue@prod`, `…@647`, or without an @ the newest. */
export function wantedIn(text: string): Wanted {
  const at = text.lastIndexOf("@")
  return at < 0 ? { template: text, at: LATEST } : { template: text.slice(0, at), at: text.slice(at + 1) }
}
