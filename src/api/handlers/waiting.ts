/** The long wait for a run's state: one request in place of many. */
import type { AnyRefusal } from "#api/problem.ts"
import { bell } from "#api/serve/bell.ts"
import type { Api } from "#api/serve/handler.ts"
import type { Outcome } from "#base/outcome.ts"
import type { Actor } from "#people/index.ts"
import { getRun, isTerminal, type RunRow, type RunState } from "#work/index.ts"

export type Waiting = { readonly run: string; readonly waitMs: number; readonly ifNotState: readonly RunState[]; readonly gone: AbortSignal }

/** Whoever waits loses sight of the run as soon as the right to see it is gone, because each look asks again. */
export async function waitForRun(api: Api, actor: Actor, { run: id, waitMs, ifNotState, gone }: Waiting): Promise<Outcome<RunRow, AnyRefusal>> {
  const rings = bell()
  const stops = [api.hub.onRun(id, () => rings.ring(), "state"), api.hub.onPerson(actor.id, () => rings.ring())]
  const until = api.world.clock.steady() + waitMs
  try {
    for (;;) {
      const found = await getRun(api.world.work, actor, id)
      const leftMs = until - api.world.clock.steady()
      if (!found.ok || leftMs <= 0 || !isStill(found.value.state, ifNotState)) return found
      if ((await rings.wait(leftMs, gone)) === "gone") return found
    }
  } finally {
    for (const stop of stops) stop()
  }
}

const ORDER: readonly RunState[] = ["queued", "running"]

/**
 * Whether the state is one that is waited out. States follow each other, so a run that waits in line has not come as far as
 * "running" either: whoever waits for the end of running would else be answered at once, again and again.
 */
export function isStill(state: RunState, ifNotState: readonly RunState[]): boolean {
  if (isTerminal(state)) return ifNotState.includes(state) && !ifNotState.some((other) => ORDER.includes(other))
  return ifNotState.length === 0 || ifNotState.some((other) => ORDER.indexOf(other) >= ORDER.indexOf(state))
}
