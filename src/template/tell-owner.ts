/** Whoever ran something that did not succeed tells whom it belongs to: they find it in their inbox, with the run. */
import { sql } from "kysely"
import { accepted, type Outcome } from "#base/outcome.ts"
import type { Db } from "#database/index.ts"
import { type Actor, audit, notify, type PersonId } from "#people/index.ts"
import type { TemplateWorld } from "#template/ports.ts"
import { refuse, type TemplateRefusal } from "#template/refusal.ts"
import { getRun, type RunRefusal, type RunRow } from "#work/index.ts"

export type Telling = { readonly run: string; readonly said: string }
export type Told = { readonly id: PersonId; readonly name: string }

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
  const owners = await ownersOf(world.db, run)
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

const MOST_TOLD = 20

/** The template's owner, or else the notebook's; who answers for a service account; those who administer the space when the owner has left. */
async function ownersOf(db: Db, { id, space }: RunRow): Promise<readonly Told[]> {
  const owner = await sql<Told>`
    SELECT p.id, p.name FROM run r JOIN notebook n ON n.id = r.notebook_id LEFT JOIN template t ON t.id = r.template_id
      JOIN person o ON o.id = coalesce(t.owner_id, n.owner_id) JOIN person p ON p.id = coalesce(o.owner_id, o.id)
    WHERE r.id = ${id} AND p.disabled_at IS NULL AND p.kind = 'person'`.execute(db)
  if (owner.rows.length > 0) return owner.rows
  const admins = await sql<Told>`
    SELECT p.id, p.name FROM person p WHERE p.disabled_at IS NULL AND p.kind = 'person' AND (p.is_admin OR EXISTS (
      SELECT FROM role_grant g WHERE g.space_id = ${space} AND g.notebook_id IS NULL AND g.role = 'admin'
        AND (g.person_id = p.id OR g.group_id IN (SELECT m.group_id FROM group_member m WHERE m.person_id = p.id))))
    ORDER BY p.is_admin, p.id LIMIT ${MOST_TOLD}`.execute(db)
  return admins.rows
}
