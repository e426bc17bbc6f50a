import { useSyncExternalStore } from "react"
import type { Store } from "#web/notebook/store.ts"

/** A part of a store. `select` gives the same value (`Object.is`) for as long as that part is the same. */
export function useStore<State, Part>(store: Store<State>, select: (state: State) => Part): Part {
  return useSyncExternalStore(store.subscribe, () => select(store.get()))
}
