/** Paper does not wait for outputs that are still to come: what is printed is looked at until all of it is there. */
import { takeStills } from "#web/outputs/stage/stills.ts"

const LOOK_MS = 200
const MOST_LOOKS = 150

/** Prints once nothing on the page is still to be drawn, or after half a minute. Gives what ends the wait. */
export function printWhenDrawn(): () => void {
  let looks = 0
  let isEnded = false
  const timer = setInterval(() => {
    looks++
    if (document.querySelector("[data-coming]") && looks < MOST_LOOKS) return
    clearInterval(timer)
    void takeStills().then(() => isEnded || globalThis.print())
  }, LOOK_MS)
  return () => {
    isEnded = true
    clearInterval(timer)
  }
}
