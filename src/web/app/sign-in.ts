/** The way to the sign-in page, which the server draws, and back to where one was. */
import { storeOf } from "#web/notebook/store.ts"

/** Whoever this page stands for is signed out: their session expired, or was ended elsewhere. Told by `SignedOut`. */
export const isSignedOut = storeOf(false)

let isSomebodys = false
let isGoing = false

/** The screen of somebody who is signed in stands, and what they type in it can be lost. */
export function standsForSomebody(): void {
  isSomebodys = true
}

/** The server knows nobody by what this browser sends. Where a screen stands it stays, covered; before that there is nothing to keep. */
export function noteSignedOut(): void {
  if (isSomebodys) isSignedOut.set(true)
  else goSignIn()
}

export function signedInAgain(): Promise<void> {
  return new Promise((resolve) => {
    const stop = isSignedOut.subscribe(() => {
      if (isSignedOut.get()) return
      stop()
      resolve()
    })
  })
}

/** Leaves the page. */
export function goSignIn(): void {
  if (isGoing) return
  isGoing = true
  const { pathname, search, hash } = globalThis.location
  globalThis.location.assign(`/sign-in?next=${encodeURIComponent(`${pathname}${search}${hash}`)}`)
}
