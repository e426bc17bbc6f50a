/**
 * Whose approval an open proposal waits for changes while it waits: a role is given or taken, somebody comes into a group or leaves, other
 * code owners are named. Whoever it then waits for is told as if it had just been proposed; whom it waits for no more is not reminded of it.
 */
import { sql } from "kysely"
import { toError } from "#base/fault.ts"
import type { Db } from "#database/index.ts"
import { PEOPLE_CHANNEL, type PersonId } from "#people/index.ts"
import type { Timers } from "#run/index.ts"
import { askedNow, askOf, reviewNotice } from "#template/ask-review.ts"
import type { TemplateWorld } from "#template/ports.ts"
import { type ProposalRow, proposalsWhere } from "#template/sql/proposal-row.ts"

/** More do not stand open at once where people promote. */
const MOST_OPEN = 1000

/** Those of one template or space, in the transaction that decides about it. */
export async function askAnewIn(tx: Db, of: { readonly template: string } | { readonly space: string }, at: number): Promise<void> {
  const where = "template" in of ? sql`q.template_id = ${of.template}` : sql`q.space_id = ${of.space}`
  for (const proposal of await proposalsWhere(tx, sql`q.state = 'open' AND ${where}`, MOST_OPEN)) await askAnew(tx, proposal, at)
}

/** All of them. */
async function askAllAnew({ db, clock }: Pick<TemplateWorld, "db" | "clock">): Promise<void> {
  for (const proposal of await proposalsWhere(db, sql`q.state = 'open'`, MOST_OPEN)) {
    await db.transaction().execute((tx) => askAnew(tx, proposal, clock.now()))
  }
}

async function askAnew(tx: Db, proposal: ProposalRow, at: number): Promise<void> {
  const open = await sql`SELECT FROM proposal WHERE id = ${proposal.id} AND state = 'open' FOR UPDATE`.execute(tx)
  if (open.rows.length === 0) return
  const asked = await askedNow(tx, proposal)
  const about = askOf(proposal.id)
  // What somebody has read, or has answered, they know.
  const told = await sql<{ id: PersonId }>`SELECT person_id AS id FROM notice WHERE about = ${about}`.execute(tx)
  const known = new Set(told.rows.map(({ id }) => id))
  await reviewNotice(tx, proposal, { to: asked.filter((id) => !known.has(id)), at })
  await sql`DELETE FROM notice WHERE about = ${about} AND read_at IS NULL AND person_id <> ALL (${asked}::text[])`.execute(tx)
}

export type Asking = { readonly timers: Timers; readonly settleMs: number; readonly tell: (line: string) => void }

/** What failed once, for two changes that crossed or a database that was away, is looked at again after this long. */
const AGAIN_MS = 5000

/** Whenever roles, groups or people have changed, and once it listens. Gives the function that stops it. */
export function startAsking(world: Pick<TemplateWorld, "db" | "clock" | "listen">, { timers, settleMs, tell }: Asking): () => void {
  const stopTimers = { soon: () => {}, again: () => {} }
  let isStopped = false
  const failed = (error: unknown) => tell(`who is asked for approvals could not be looked at: ${toError(error).message}`)
  const lookIn = (which: keyof typeof stopTimers, ms: number) => {
    stopTimers[which]()
    if (!isStopped) stopTimers[which] = timers.after(ms, look)
  }
  const look = () =>
    void askAllAnew(world).catch((error: unknown) => {
      lookIn("again", AGAIN_MS)
      failed(error)
    })
  // Of many changes at once, after the last.
  const soon = () => lookIn("soon", settleMs)
  const listening = world.listen(PEOPLE_CHANNEL, soon)
  // What changed until it listened is told to nobody.
  listening.then(soon, failed)
  return () => {
    isStopped = true
    for (const stopTimer of Object.values(stopTimers)) stopTimer()
    void listening.then((stop) => stop()).catch(failed)
  }
}
