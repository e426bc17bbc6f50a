/** Turns coloured text into editors, one at a time, when nobody scrolls and nothing else is to be done. */
export type Hydration = {
  /** Calls `make` when there is time. Gives what takes the request back. */
  readonly request: (make: () => void) => () => void
  readonly scrolled: () => void
  readonly close: () => void
}

const REST_MS = 140

export type HydrationWorld = {
  readonly now: () => number
  readonly whenIdle: (act: () => void) => () => void
  readonly after: (ms: number, act: () => void) => () => void
}

export function hydrationIn(world: HydrationWorld): Hydration {
  const waiting = new Set<() => void>()
  let scrolledAt = Number.NEGATIVE_INFINITY
  let cancel: (() => void) | undefined
  let hasBegun = false
  const make = () => {
    const [act] = waiting
    if (act) {
      waiting.delete(act)
      act()
    }
    next()
  }
  const next = () => {
    cancel = undefined
    if (waiting.size === 0) return
    if (!hasBegun) {
      // Where one begins to type. A page that has just come is rarely idle.
      hasBegun = true
      cancel = world.after(0, make)
      return
    }
    const rest = scrolledAt + REST_MS - world.now()
    if (rest > 0) {
      cancel = world.after(rest, next)
      return
    }
    cancel = world.whenIdle(make)
  }
  return {
    request: (make) => {
      waiting.add(make)
      if (!cancel) next()
      return () => waiting.delete(make)
    },
    scrolled: () => {
      scrolledAt = world.now()
    },
    close: () => {
      waiting.clear()
      cancel?.()
    },
  }
}

export const browserIdle: HydrationWorld = {
  now: () => performance.now(),
  whenIdle: (act) => {
    if (typeof requestIdleCallback === "undefined") {
      const timer = setTimeout(act, 16)
      return () => clearTimeout(timer)
    }
    const handle = requestIdleCallback(act, { timeout: 400 })
    return () => cancelIdleCallback(handle)
  },
  after: (ms, act) => {
    const timer = setTimeout(act, ms)
    return () => clearTimeout(timer)
  },
}
