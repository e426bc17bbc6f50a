/** The way to the sign-in page, which the server draws, and back to where one was. */
let isGoing = false

export function goSignIn(): void {
  if (isGoing) return
  isGoing = true
  const { pathname, search, hash } = globalThis.location
  globalThis.location.assign(`/sign-in?next=${encodeURIComponent(`${pathname}${search}${hash}`)}`)
}
