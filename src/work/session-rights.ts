/** A live session runs with the rights of whoever started it: when those are gone, so is the session. */
import { type Actor, audit, type NotebookId, type PersonId, SYSTEM, verdict } from "#people/index.ts"
import type { LiveSession } from "#work/session-live.ts"
import { findNotebookSpace } from "#work/sql/session-place.ts"
import type { WorkWorld } from "#work/world.ts"

/** Ends those of these sessions whose starter may not run their notebook any more. `person`: only what that one started. */
export async function endRightless({ db, clock }: Pick<WorkWorld, "db" | "clock">, living: readonly LiveSession[], person?: string): Promise<void> {
  for (const live of living) {
    const { startedBy } = live
    if (person !== undefined && person !== startedBy.id) continue
    const place = await findNotebookSpace(db, live.notebook)
    if (!place) {
      live.drive.stop("The notebook was thrown away, and the session with it. Bring the notebook back to start another.")
      continue
    }
    const { space } = place
    if ((await verdict(db, asPerson(startedBy), "run", { space, notebook: live.notebook as NotebookId })) === "allowed") continue
    const { name } = startedBy
    live.drive.stop(
      `It ran with the rights of ${name}, who may not run this notebook any more, so it was ended; what it had computed is gone. Whoever may run the notebook can start another.`,
    )
    await audit(db, { actor: SYSTEM, action: "session.end", thing: `session/${live.id}`, space, outcome: "done", at: clock.now() })
  }
}

function asPerson({ id, name }: LiveSession["startedBy"]): Actor {
  return { id: id as PersonId, name, isAdmin: false, via: { kind: "session", session: "" } }
}
