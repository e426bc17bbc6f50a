import { accepted } from "#base/outcome.ts"
import type { LibraryWorld } from "#library/ports.ts"
import { type Catalogued, notAllowed, type Refused } from "#library/refusal.ts"
import { type Action, type Actor, audit, type Thing, type Verdict, verdict } from "#people/index.ts"

export type CatalogWorld = Pick<LibraryWorld, "db" | "clock" | "random">

export type Permit = {
  readonly action: Action
  readonly thing: Thing
  /** As the audit names it: "notebook.move". */
  readonly verb: string
  /** What completes "You may not …". */
  readonly words: string
  /** What is said to those who may not even know of it. */
  readonly hidden: Refused
}

/** Lets the actor go on, or refuses. What is denied is recorded, outside of any transaction, so ask before beginning one. */
export async function permit(world: Pick<LibraryWorld, "db" | "clock">, actor: Actor, asked: Permit): Promise<Catalogued<true>> {
  return told(world, actor, await verdict(world.db, actor, asked.action, asked.thing), asked)
}

/** The same for what has been decided already. */
export async function told(
  world: Pick<LibraryWorld, "db" | "clock">,
  actor: Actor,
  said: Verdict,
  asked: Omit<Permit, "action">,
): Promise<Catalogued<true>> {
  if (said === "allowed") return accepted(true)
  const thing = asked.thing.notebook === undefined ? `space/${asked.thing.space}` : `notebook/${asked.thing.notebook}`
  await audit(world.db, { actor, action: asked.verb, thing, space: asked.thing.space, outcome: "denied", at: world.clock.now() })
  return said === "hidden" ? asked.hidden : notAllowed(asked.words)
}
