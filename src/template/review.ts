/** What people say of a proposal, and its taking back. */
import { sql } from "kysely"
import { accepted, type Outcome } from "#base/outcome.ts"
import type { Db } from "#database/index.ts"
import { type Actor, audit, mayList, namedPerson } from "#people/index.ts"
import { settleProposals, settleReviews, tellAuthor } from "#template/ask-review.ts"
import type { TemplateWorld } from "#template/ports.ts"
import { refuse, type TemplateRefusal } from "#template/refusal.ts"
import { type ProposalRow, proposalFor, proposalsWhere } from "#template/sql/proposal-row.ts"

export type Say = {
  readonly proposal: string
  readonly verdict: "approve" | "request_changes"
  readonly said: string
  /** What was looked at: an approval is of this, and of nothing else. */
  readonly binding: string
}

/** One's last word counts. Nobody approves what they proposed themselves. */
export async function reviewProposal(
  world: TemplateWorld,
  actor: Actor,
  { proposal, verdict, said, binding }: Say,
): Promise<Outcome<ProposalRow, TemplateRefusal>> {
  const found = await openProposal(world, actor, proposal)
  if (!found.ok) return found
  const [self, author] = [await namedPerson(world.db, actor.id), await namedPerson(world.db, found.value.author.id)]
  if (self?.kind === "service") return refuse("not_allowed", "A service account approves nothing: a person who may edit it does.")
  if (verdict === "approve" && (author?.id === actor.id || author?.owner === actor.id))
    return refuse(
      "own_proposal",
      "You cannot approve what you proposed yourself, or what an account did that you answer for: ask somebody else who may edit it.",
    )
  if (binding !== found.value.binding) return refuse("changed_since", "This is not what you looked at: load the proposal again, and look at it anew.")
  const at = world.clock.now()
  return world.db.transaction().execute(async (tx) => {
    if (!(await stillOpen(tx, proposal))) return decided()
    await sql`
      INSERT INTO review (proposal_id, person_id, verdict, said, binding, at) VALUES (${proposal}, ${actor.id}, ${verdict}, ${said}, ${binding}, ${new Date(at)})
      ON CONFLICT (proposal_id, person_id) DO UPDATE SET verdict = EXCLUDED.verdict, said = EXCLUDED.said, binding = EXCLUDED.binding, at = EXCLUDED.at`.execute(
      tx,
    )
    await settleReviews(tx, actor, found.value)
    await tellAuthor(tx, actor, found.value, { kind: verdict === "approve" ? "approved" : "changes_asked", said, at })
    const detail = { proposal, verdict }
    await audit(tx, {
      actor,
      action: "proposal.review",
      thing: `template/${found.value.template.id}`,
      space: found.value.space,
      outcome: "done",
      detail,
      at,
    })
    return found
  })
}

export async function withdrawProposal(world: TemplateWorld, actor: Actor, id: string): Promise<Outcome<ProposalRow, TemplateRefusal>> {
  const found = await openProposal(world, actor, id)
  if (!found.ok) return found
  const at = world.clock.now()
  const done = await world.db.transaction().execute(async (tx) => {
    if (!(await stillOpen(tx, id))) return false
    await sql`UPDATE proposal SET state = 'withdrawn', closed_at = ${new Date(at)}, closed_by = ${actor.id} WHERE id = ${id}`.execute(tx)
    await settleProposals(tx, [id])
    await audit(tx, {
      actor,
      action: "proposal.withdraw",
      thing: `template/${found.value.template.id}`,
      space: found.value.space,
      outcome: "done",
      detail: { proposal: id },
      at,
    })
    return true
  })
  if (!done) return decided()
  const again = await proposalFor(world.db, actor, id, "read")
  return again.ok ? accepted(again.value) : again
}

/** One that can still be decided, by those who may edit its notebook. */
export async function openProposal(world: TemplateWorld, actor: Actor, id: string): Promise<Outcome<ProposalRow, TemplateRefusal>> {
  const found = await proposalFor(world.db, actor, id, "edit")
  if (!found.ok || found.value.state === "open") return found
  return refuse("wrong_state", `This proposal is ${found.value.state} already.`)
}

/** Nobody decides about it at the same time, until this transaction is over. */
export async function stillOpen(tx: Db, id: string): Promise<boolean> {
  return (await sql`SELECT FROM proposal WHERE id = ${id} AND state = 'open' FOR UPDATE`.execute(tx)).rows.length === 1
}

export function decided() {
  return refuse("wrong_state", "Somebody else was faster: this proposal is decided already.")
}

export type ListProposals = {
  readonly state?: ProposalRow["state"] | undefined
  readonly template?: string | undefined
  readonly limit: number
  readonly before?: string | undefined
}

/** The newest first, to those who may edit what they are of. */
export async function listProposals(
  { db }: Pick<TemplateWorld, "db">,
  actor: Actor,
  { state, template, limit, before }: ListProposals,
): Promise<readonly ProposalRow[]> {
  const may = mayList(actor, "edit", { space: "q.space_id", notebook: "q.notebook_id" })
  return proposalsWhere(
    db,
    sql`${may} AND (${state ?? null}::text IS NULL OR q.state = ${state ?? null}) AND (${template ?? null}::text IS NULL OR t.name = ${template ?? null} OR t.id = ${template ?? null})
      AND (${before ?? null}::text IS NULL OR q.id < ${before ?? null})`,
    limit,
  )
}
