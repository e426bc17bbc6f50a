/** A run, if the actor may do this with it. What may not be seen is not there; what is denied is recorded. */
import { accepted, type Outcome } from "#base/outcome.ts"
import { type Action, type Actor, audit, verdictFrom } from "#people/index.ts"
import { type RunRefusal, refuse } from "#work/refusal.ts"
import type { RunRow } from "#work/row.ts"
import { shownTo } from "#work/shown.ts"
import { findRunFor } from "#work/sql/find-run.ts"
import type { WorkWorld } from "#work/world.ts"

/** `as` names the deed in the audit: "run.cancel". */
export type Wish = { readonly id: string; readonly action: Action; readonly as: string }

export async function permitted(
  world: Pick<WorkWorld, "db" | "clock">,
  actor: Actor,
  { id, action, as }: Wish,
): Promise<Outcome<RunRow, RunRefusal>> {
  const found = /^[0-9A-Z]{26}$/.test(id) ? await findRunFor(world.db, actor, id) : undefined
  const run = found?.run
  const said = found && verdictFrom(found.standing, actor, action, { space: found.run.space, notebook: found.run.notebook })
  if (run && said === "allowed") return accepted(await shownTo(world.db, actor, run))
  if (run) await audit(world.db, { actor, action: as, thing: `run/${run.id}`, space: run.space, outcome: "denied", at: world.clock.now() })
  if (run && said === "forbidden")
    return refuse(
      "not_allowed",
      `You may see the run ${run.id}, but not do this with it: that needs the role of ${action === "edit" ? "an editor" : "a runner"}.`,
    )
  return refuse("no_such_run", `There is no run ${JSON.stringify(id.slice(0, 60))}, or you may not see it.`)
}
