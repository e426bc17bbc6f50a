/** A value that can be watched: what React and the editors both read, so that neither has to own it. */
export type Store<State> = {
  readonly get: () => State
  readonly set: (next: State) => void
  readonly change: (how: (state: State) => State) => void
  /** Hears of every change, right after it. */
  readonly subscribe: (listener: () => void) => () => void
}

export function storeOf<State>(initial: State): Store<State> {
  let state = initial
  const listeners = new Set<() => void>()
  const set = (next: State) => {
    if (Object.is(next, state)) return
    state = next
    for (const listener of [...listeners]) listener()
  }
  return {
    get: () => state,
    set,
    change: (how) => set(how(state)),
    subscribe: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}
