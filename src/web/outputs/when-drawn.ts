/** Paper does not wait for outputs that are still to come: what is printed is looked at until all of it is there. */

const LOOK_MS = 200
const MOST_LOOKS = 150

/** Calls `then` once nothing on the page is still to be drawn, or after half a minute. Gives what ends the wait. */
export function whenDrawn(then: () => void): () => void {
  let looks = 0
  const timer = setInterval(() => {
    looks++
    if (document.querySelector("[data-coming]") && looks < MOST_LOOKS) return
    clearInterval(timer)
    then()
  }, LOOK_MS)
  return () => clearInterval(timer)
}
