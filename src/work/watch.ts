/**
 * Waiting for runs: one LISTEN for all who wait in this process, and nobody polls. A wake says only "look": what is true
 * stands in the database.
 */
import type { Listen } from "#database/index.ts"

export type RunWatch = {
  /** Calls back whenever something of the run was stored, or only when its state was, and after every time in which wakes may have been lost. */
  subscribe(run: string, wake: () => void, what?: "events" | "state"): () => void
  close(): Promise<void>
}

export async function openWatch(listen: Listen): Promise<RunWatch> {
  const events = new Subscribers()
  const states = new Subscribers()
  const stopEvents = await listen("stet_run", (run) => events.wake(run))
  const stopStates = await listen("stet_state", (run) => states.wake(run))
  return {
    subscribe: (run, wake, what = "events") => (what === "events" ? events : states).add(run, wake),
    async close() {
      await stopEvents()
      await stopStates()
    },
  }
}

class Subscribers {
  readonly #wakes = new Map<string, Set<() => void>>()

  add(run: string, wake: () => void): () => void {
    const set = this.#wakes.get(run) ?? new Set()
    this.#wakes.set(run, set.add(wake))
    return () => {
      set.delete(wake)
      if (set.size === 0 && this.#wakes.get(run) === set) this.#wakes.delete(run)
    }
  }

  /** Undefined: wakes may have been lost, so everybody looks. */
  wake(run: string | undefined): void {
    const sets = run === undefined ? [...this.#wakes.values()] : [this.#wakes.get(run) ?? new Set<() => void>()]
    for (const set of sets) for (const wake of [...set]) wake()
  }
}
