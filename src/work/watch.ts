/**
 * Waiting for runs: one LISTEN for all who wait in this process, and nobody polls. A wake says only "look": what is true
 * stands in the database.
 */
import { accepted, type Outcome } from "#base/outcome.ts"
import type { Listen } from "#database/index.ts"
import type { Actor } from "#people/index.ts"
import type { Timers } from "#run/index.ts"
import { getRun } from "#work/reads.ts"
import type { RunRefusal } from "#work/refusal.ts"
import { isTerminal, type RunRow, type RunState } from "#work/row.ts"
import type { WorkWorld } from "#work/world.ts"

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

export type Waiting = {
  readonly id: string
  readonly waitMs: number
  /** Answers as soon as the run is in another state than this; without it, as soon as it is over. */
  readonly ifNotState?: RunState | undefined
  /** Resolves when the caller has gone. */
  readonly gone?: Promise<void>
}

/** The run, now or when its state is what one waits for, at the latest after `waitMs`. */
export async function waitForState(
  world: Pick<WorkWorld, "db" | "clock">,
  actor: Actor,
  waiting: Waiting & { readonly watch: RunWatch; readonly timers: Timers },
): Promise<Outcome<RunRow, RunRefusal>> {
  const { id, waitMs, ifNotState, gone, watch, timers } = waiting
  const bell = new Bell()
  const stop = watch.subscribe(id, () => bell.ring(), "state")
  const stopTimer = timers.after(waitMs, () => bell.end())
  gone?.then(() => bell.end())
  try {
    for (;;) {
      bell.forget()
      const run = await getRun(world, actor, id)
      if (!run.ok || bell.isOver || isWaitedFor(run.value.state, ifNotState)) return run.ok ? accepted(run.value) : run
      await bell.rung()
    }
  } finally {
    stop()
    stopTimer()
  }
}

function isWaitedFor(state: RunState, ifNotState: RunState | undefined): boolean {
  return isTerminal(state) || (ifNotState !== undefined && state !== ifNotState)
}

/** Rings at most one look ahead, however often it is rung meanwhile. */
class Bell {
  isOver = false
  #hasRung = false
  #wake = () => {}

  ring(): void {
    this.#hasRung = true
    this.#wake()
  }

  end(): void {
    this.isOver = true
    this.#wake()
  }

  forget(): void {
    this.#hasRung = false
  }

  rung(): Promise<void> {
    if (this.#hasRung || this.isOver) return Promise.resolve()
    return new Promise((resolve) => {
      this.#wake = resolve
    })
  }
}
