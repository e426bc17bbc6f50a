/** Wakes whoever waits for a run or must know that a person's rights have changed: one connection to the database for all of them. */
import type { Listen, Stop } from "#database/index.ts"

export type Hub = {
  /** Calls back when something happened to this run. */
  onRun(run: string, wake: () => void): () => void
  /** Calls back when the sessions, tokens, grants or groups of this person changed. */
  onPerson(person: string, wake: () => void): () => void
  /** Of anybody; the person, or undefined when it may have been everybody. */
  onAnybody(heard: (person: string | undefined) => void): void
  readonly waiting: number
  close(): Promise<void>
}

type Wakers = Map<string, Set<() => void>>

export async function openHub(listen: Listen): Promise<Hub> {
  const runs: Wakers = new Map()
  const people: Wakers = new Map()
  const anybody = new Set<(person: string | undefined) => void>()
  const stops: readonly Stop[] = await Promise.all([
    listen("stet_run", (run) => wake(runs, run)),
    listen("stet_people", (payload) => {
      const person = payload === "*" ? undefined : payload
      for (const heard of anybody) heard(person)
      wake(people, person)
    }),
  ])
  return {
    onRun: (run, waker) => add(runs, run, waker),
    onPerson: (person, waker) => add(people, person, waker),
    onAnybody: (heard) => anybody.add(heard),
    get waiting() {
      return runs.size
    },
    close: async () => {
      await Promise.all(stops.map((stop) => stop()))
    },
  }
}

function add(wakers: Wakers, key: string, waker: () => void): () => void {
  const set = wakers.get(key) ?? new Set()
  wakers.set(key, set.add(waker))
  return () => {
    set.delete(waker)
    if (set.size === 0 && wakers.get(key) === set) wakers.delete(key)
  }
}

/** Without a key all of them look for themselves: messages may have been lost. */
function wake(wakers: Wakers, key: string | undefined): void {
  const woken = key === undefined ? [...wakers.values()] : [wakers.get(key) ?? []]
  for (const set of woken) for (const waker of [...set]) waker()
}
