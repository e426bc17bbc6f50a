/** Findings of a proposal that are let stand with a reason: seen by who decides, and kept in the evidence. None of them is a gate. */
import { accepted, type Outcome } from "#base/outcome.ts"
import { findingId, mayDismiss } from "#notebook/index.ts"
import { type Actor, audit } from "#people/index.ts"
import { findingsOf } from "#template/look.ts"
import type { TemplateWorld } from "#template/ports.ts"
import { refuse, type TemplateRefusal } from "#template/refusal.ts"
import { decided, openProposal, stillOpen } from "#template/review.ts"
import { letStand, takeUp } from "#template/sql/dismissals.ts"

export type Dismiss = {
  readonly proposal: string
  /** As `findingId` calls it. */
  readonly finding: string
  /** Undefined takes it up again. */
  readonly said: string | undefined
}

export async function dismissFinding(
  world: TemplateWorld,
  actor: Actor,
  { proposal, finding, said }: Dismiss,
): Promise<Outcome<undefined, TemplateRefusal>> {
  const open = await openProposal(world, actor, proposal)
  if (!open.ok) return open
  const found = (await findingsOf(world, open.value)).find((one) => findingId(one) === finding)
  if (!found) return refuse("no_such_finding", `There is no finding ${JSON.stringify(finding.slice(0, 120))} in what is proposed.`)
  if (!mayDismiss(found))
    return refuse("blocks", "A secret that certainly is one cannot be let stand: take it out, and propose the version without it.")
  const at = world.clock.now()
  return world.db.transaction().execute(async (tx) => {
    if (!(await stillOpen(tx, proposal))) return decided()
    const changed = said === undefined ? await takeUp(tx, proposal, finding) : await letStand(tx, { proposal, finding, person: actor.id, said, at })
    const action = said === undefined ? "proposal.take_up" : "proposal.dismiss"
    const detail = { proposal, finding, rule: found.rule, ...(said === undefined ? {} : { said }) }
    const { template, space } = open.value
    if (changed) await audit(tx, { actor, action, thing: `template/${template.id}`, space, outcome: "done", detail, at })
    return accepted(undefined)
  })
}
