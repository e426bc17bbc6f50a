/** Whoever ran something that did not succeed tells whom it belongs to: they find it in their inbox, with the run. */
import { sql } from "kysely"
import { accepted, type Outcome } from "#base/outcome.ts"
import type { Db } from "#database/index.ts"
import { type Actor, audit, markRead, notify, type PersonId } from "#people/index.ts"
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

export type Answer = { readonly notice: number; readonly said: string }

/** Whoever was told of a run says something back: who told them finds it in their inbox, with the run. Said again, it takes the place of the last. */
export async function answerTold(
  world: Pick<TemplateWorld, "db" | "clock">,
  actor: Actor,
  { notice, said }: Answer,
): Promise<Outcome<Told, TemplateRefusal | RunRefusal>> {
  const asked = await sql<{ run: string; id: PersonId; name: string; disabledAt: number | null }>`
    SELECT o.run_id AS run, b.id, b.name, b.disabled_at AS "disabledAt" FROM notice o JOIN person b ON b.id = o.by_id
    WHERE o.id = ${notice} AND o.person_id = ${actor.id} AND o.kind = 'run_told'`.execute(world.db)
  const one = asked.rows[0]
  if (!one) return refuse("no_such_notice", "Nobody told you of a run in this item of your inbox, or it is not there any more.")
  const found = await getRun(world, actor, one.run)
  if (!found.ok) return found
  if (one.disabledAt !== null) return refuse("wrong_state", `${one.name} has left: nobody would read the answer.`)
  const { space, notebook } = found.value
  const at = world.clock.now()
  const to = { id: one.id, name: one.name }
  await world.db.transaction().execute(async (tx) => {
    const about = `answered/${one.run}/${actor.id}`
    await notify(tx, [{ kind: "reply", to: to.id, about, space, notebook, run: one.run, by: actor.id, said, at }])
    await markRead(tx, actor, { ids: [notice], at })
    await audit(tx, { actor, action: "run.answer", thing: `run/${one.run}`, space, outcome: "done", detail: { told: [to.id] }, at })
  })
  return accepted(to)
}
