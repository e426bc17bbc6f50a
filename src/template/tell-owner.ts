/** Whoever ran something that did not succeed tells whom it belongs to: they find it in their inbox, with the run. */
import { sql } from "kysely"
import { accepted, type Outcome } from "#base/outcome.ts"
import type { Db } from "#database/index.ts"
import { type Actor, audit, notify } from "#people/index.ts"
import type { TemplateWorld } from "#template/ports.ts"
import { refuse, type TemplateRefusal } from "#template/refusal.ts"
import { type Told, whoAnswers } from "#template/sql/who-answers.ts"
import { getRun, type RunRefusal } from "#work/index.ts"

export type Telling = { readonly run: string; readonly said: string }

const HOUR_MS = 3_600_000
/** Different runs that one person tells of in an hour. The same run told again is the same notice. */
const MOST_AN_HOUR = 20

export async function tellOwner(
  world: Pick<TemplateWorld, "db" | "clock">,
  actor: Actor,
  { run: id, said }: Telling,
): Promise<Outcome<readonly Told[], TemplateRefusal | RunRefusal>> {
  const found = await getRun(world, actor, id)
  if (!found.ok) return found
  const run = found.value
  if (run.state !== "failed" && run.state !== "lost")
    return refuse("wrong_state", `This run is ${run.state}: only of one that failed is anybody told.`)
  const at = world.clock.now()
  if ((await toldWithinHour(world.db, actor.id, at)) >= MOST_AN_HOUR)
    return {
      ok: false,
      refusal: { refused: "told_too_often", message: `You told of ${MOST_AN_HOUR} runs within an hour: wait before you tell of more.` },
    }
  const owners = await whoAnswers(world.db, run)
  await world.db.transaction().execute(async (tx) => {
    const { space, notebook } = run
    await notify(
      tx,
      owners.map(({ id: to }) => ({ kind: "run_told", to, about: `told/${id}/${actor.id}`, space, notebook, run: id, by: actor.id, said, at })),
    )
    await audit(tx, { actor, action: "run.tell", thing: `run/${id}`, space, outcome: "done", detail: { told: owners.map((owner) => owner.id) }, at })
  })
  return accepted(owners)
}

async function toldWithinHour(db: Db, person: string, now: number): Promise<number> {
  const found = await sql<{ count: number }>`
    SELECT count(DISTINCT run_id)::int AS count FROM notice WHERE kind = 'run_told' AND by_id = ${person} AND at > ${new Date(now - HOUR_MS)}`.execute(
    db,
  )
  return found.rows[0]?.count ?? 0
}
