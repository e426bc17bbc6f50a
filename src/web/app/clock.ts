/** One clock for everything on the page that says how long ago something was. */
import { useSyncExternalStore } from "react"

type Ticker = { readonly subscribe: (heard: () => void) => () => void; readonly now: () => number }

function ticker(everyMs: number): Ticker {
  const heard = new Set<() => void>()
  let now = Date.now()
  let timer: ReturnType<typeof setInterval> | undefined
  const tick = () => {
    now = Date.now()
    for (const one of heard) one()
  }
  return {
    now: () => now,
    subscribe(one) {
      heard.add(one)
      now = Date.now()
      timer ??= setInterval(tick, everyMs)
      return () => {
        heard.delete(one)
        if (heard.size > 0) return
        clearInterval(timer)
        timer = undefined
      }
    },
  }
}

const SECONDS = ticker(1000)
const SLOW = ticker(20_000)

/** Milliseconds since 1970, again every second or every twenty. */
export function useNow(pace: "seconds" | "slow" = "slow"): number {
  const { subscribe, now } = pace === "seconds" ? SECONDS : SLOW
  return useSyncExternalStore(subscribe, now)
}
