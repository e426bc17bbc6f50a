/**
 * Waits until the page stands: nothing in it has changed for a while, and nothing that it asked for is on its way. What draws by scripts of its own
 * (Altair, Bokeh) tells nobody when it is done, and is empty until then.
 */
const QUIET_MS = 500
/** What never stands is taken as it moves; paper does not wait for ever. */
const MOST_MS = 7_000
const LOOK_MS = 50

export function calm(isWaiting: () => boolean): Promise<void> {
  return new Promise((resolve) => {
    const began = performance.now()
    let last = began
    const observer = new MutationObserver(() => {
      last = performance.now()
    })
    observer.observe(document, { childList: true, subtree: true, attributes: true, characterData: true })
    const look = (): void => {
      const now = performance.now()
      if (isWaiting()) last = now
      if (now - last < QUIET_MS && now - began < MOST_MS) return void setTimeout(look, LOOK_MS)
      observer.disconnect()
      resolve()
    }
    look()
  })
}
