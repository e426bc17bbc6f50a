import type { Positional } from "#cli/arguments.ts"
import { type Edge, EXIT } from "#cli/edge.ts"
import { nearest } from "#cli/nearest.ts"
import { say } from "#cli/say.ts"

/** The first word after a command that does several things with one noun: `stet env build`. */
export function verbs(known: readonly string[]): Positional {
  const last = known.at(-1) ?? ""
  return { name: "VERB", choices: known, help: known.length > 1 ? `${known.slice(0, -1).join(", ")} or ${last}.` : `${last}.` }
}

/** Says that there is no such verb, and which one may have been meant. */
export function noSuchVerb(edge: Edge, noun: string, verb: string, known: readonly string[]): number {
  const close = nearest(verb, known)[0]
  const remedy = close ? `Did you mean: stet ${noun} ${close}` : known.map((one) => `stet ${noun} ${one}`).join(", ")
  say(edge, { messages: [`there is no "stet ${noun} ${verb}".`], remedy })
  return EXIT.bad
}
