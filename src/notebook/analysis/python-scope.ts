/** Where Python's names live: what a function or a comprehension keeps to itself, and what reaches the notebook's own names. */
import type { Chance, NameEvent } from "#notebook/analysis/names.ts"

const ORDER: readonly Chance[] = ["unlikely", "likely", "sure"]

/** The less sure of the two. */
export function both(a: Chance, b: Chance): Chance {
  return ORDER[Math.min(ORDER.indexOf(a), ORDER.indexOf(b))] ?? "unlikely"
}

/** What is seen of a function from outside: what its body does with names that are not its own. */
export function outward(events: readonly NameEvent[], own: readonly string[], declared: ReadonlySet<string>): readonly NameEvent[] {
  const bound = new Set(own)
  for (const event of events) {
    if ((event.do === "define" && !event.declared) || event.do === "delete") if (!declared.has(event.name)) bound.add(event.name)
  }
  return events.filter((event) => {
    if (event.do === "clear") return false
    if (event.do === "open") return true
    if (event.do === "define") return event.declared === true
    return !bound.has(event.name)
  })
}

/** The same for a comprehension, whose walrus assigns outside. */
export function outsideComprehension(events: readonly NameEvent[], targets: ReadonlySet<string>): readonly NameEvent[] {
  return events.filter((event) => event.do === "open" || event.do === "clear" || !targets.has(event.name))
}

/** With no more chance than `most`. */
export function atMost(events: readonly NameEvent[], most: Chance): readonly NameEvent[] {
  if (most === "sure") return events
  return events.map((event) => (event.do === "clear" ? event : { ...event, chance: both(event.chance, most) }))
}
