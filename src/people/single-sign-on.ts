/** What is decided of a person whom the identity provider vouches for; asking it and writing it down are elsewhere. */
import { accepted, type Outcome } from "#base/outcome.ts"
import type { SingleSignOnPolicy } from "#people/policy.ts"
import type { Claims, FlowValues } from "#people/ports.ts"
import { type PeopleRefusal, refuse } from "#people/refusal.ts"

/**
 * State, nonce and PKCE verifier, all from the one value that the browser keeps in a cookie: the database holds only its digest,
 * so that nobody else can finish what the browser began. Each is 256 bits in hex, which RFC 7636 takes as a verifier.
 */
export function flowValues(flow: string, sha256: (text: string) => string): FlowValues {
  return { state: sha256(`state\n${flow}`), nonce: sha256(`nonce\n${flow}`), verifier: sha256(`verifier\n${flow}`) }
}

/** Whether somebody vouched for may come in at all. Compared whole, never by beginning or end. */
export function admit(claims: Claims, policy: SingleSignOnPolicy): Outcome<void, PeopleRefusal> {
  const { allowedGroups, allowedDomains } = policy
  if (allowedGroups.length > 0 && !claims.groups?.some((group) => allowedGroups.includes(group)))
    return refuse("single_sign_on_refused", "You are in none of the groups that may sign in here: ask your administrator.")
  if (allowedDomains.length === 0) return accepted(undefined)
  const domain = claims.email?.slice(claims.email.lastIndexOf("@") + 1)
  if (claims.emailVerified && domain !== undefined && allowedDomains.some((each) => each.toLowerCase() === domain)) return accepted(undefined)
  return refuse(
    "single_sign_on_refused",
    "Your identity provider gives no verified e-mail address of a domain that may sign in here: ask your administrator.",
  )
}

/** A place in this application to go back to; anything that could lead elsewhere becomes "/". */
export function localPath(text: string): string {
  // Tabs and line ends are dropped by browsers before they parse, a backslash is a slash to them.
  return /^\/(?![/\\])[^\\\p{Cc}]{0,2000}$/u.test(text) ? text : "/"
}
