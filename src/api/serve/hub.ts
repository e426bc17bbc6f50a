/** Wakes whoever waits for a run, or must know that a person's rights have changed. */
import type { Listen } from "#database/index.ts"
import { PEOPLE_CHANNEL } from "#people/index.ts"
import { openWatch, type RunWatch } from "#work/index.ts"

export type Hub = {
  readonly onRun: RunWatch["subscribe"]
  /** Calls back when the sessions, tokens, grants or groups of this person changed, or may have. */
  onPerson(person: string, wake: () => void): () => void
  /** Of anybody; undefined when it may have been everybody. */
  onAnybody(heard: (person: string | undefined) => void): void
  close(): Promise<void>
}

export async function openHub(listen: Listen): Promise<Hub> {
  const watch = await openWatch(listen)
  const people = new Map<string, Set<() => void>>()
  const anybody = new Set<(person: string | undefined) => void>()
  const stop = await listen(PEOPLE_CHANNEL, (payload) => {
    const person = payload === "*" ? undefined : payload
    for (const heard of anybody) heard(person)
    const woken = person === undefined ? [...people.values()] : [people.get(person) ?? []]
    for (const set of woken) for (const wake of [...set]) wake()
  })
  return {
    onRun: watch.subscribe,
    onPerson(person, wake) {
      const set = people.get(person) ?? new Set()
      people.set(person, set.add(wake))
      return () => {
        set.delete(wake)
        if (set.size === 0 && people.get(person) === set) people.delete(person)
      }
    },
    onAnybody: (heard) => anybody.add(heard),
    async close() {
      await Promise.all([stop(), watch.close()])
    },
  }
}
