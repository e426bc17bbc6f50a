/** Where a person goes on after signing in: only ever a page of this server. */

const HOME = "/"

/**
 * The path, query and fragment of `next` when it is a path of this origin, else `/`. Decided on the parsed URL and again on what is
 * given back, because browsers read `\` as `/`, skip tabs and line breaks, and take `//host` for an address.
 */
export function safeNext(next: string | undefined): string {
  if (next === undefined || next.length > 2000 || !next.startsWith("/")) return HOME
  // Nothing of this belongs into a path; all of it has been used to get past a check like this one.
  if (/[\\\x00-\x20\x7f-\x9f]/u.test(next) || !next.isWellFormed()) return HOME
  const base = "http://stet.invalid"
  if (!URL.canParse(next, base)) return HOME
  const url = new URL(next, base)
  if (url.origin !== base || url.username !== "" || url.password !== "") return HOME
  const path = `${url.pathname}${url.search}${url.hash}`
  if (/^\/[/\\]/u.test(path) || /^\/(%2f|%5c|%09|%0a|%0d)/iu.test(path)) return HOME
  // After signing in, nobody is sent to sign in, or out, again.
  return /^\/(sign-in|sign-out)([/?#]|$)/u.test(path) ? HOME : path
}
