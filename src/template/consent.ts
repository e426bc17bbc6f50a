/** Somebody agrees that a template runs in their name, or does not any more. */
import type { Outcome } from "#base/outcome.ts"
import { type Actor, audit, can, giveConsent, isAnyConsent, revokeConsents } from "#people/index.ts"
import type { TemplateWorld } from "#template/ports.ts"
import { refuse, type TemplateRefusal } from "#template/refusal.ts"
import { type ProposalRow, proposalFor } from "#template/sql/proposal-row.ts"
import { type TemplateRow, templateFor } from "#template/sql/template-row.ts"
import { cancelUnconsented } from "#work/index.ts"

/** `binding`: what was looked at. It is agreed to exactly that, while it is open, or after it was promoted. */
export async function consentToProposal(
  world: TemplateWorld,
  actor: Actor,
  { proposal, binding }: { readonly proposal: string; readonly binding: string },
): Promise<Outcome<ProposalRow, TemplateRefusal>> {
  const found = await proposalFor(world.db, actor, proposal, "read")
  if (!found.ok) return found
  const { template, state, runAsId, space } = found.value
  if (runAsId === null) return refuse("nothing_to_consent", "It runs in the name of whoever asks: nobody has to agree to that.")
  if (state !== "open" && state !== "promoted") return refuse("wrong_state", `This proposal is ${state} already.`)
  if (binding !== found.value.binding) return refuse("changed_since", "This is not what you looked at: load the proposal again, and look at it anew.")
  const given = await giveConsent(world, actor, { thing: `template/${template.id}`, binding, person: runAsId, space })
  return given.ok ? found : refuse("not_allowed", given.refusal.message)
}

/** Whether there is one that this actor may take back. */
export async function mayRevokeConsent(world: TemplateWorld, actor: Actor, { id, space }: TemplateRow): Promise<boolean> {
  const isAdmin = await can(world.db, actor, "administer", { space: space.id })
  if (!isAdmin && actor.via.kind !== "session") return false
  return isAnyConsent(world.db, { thing: `template/${id}`, of: isAdmin ? undefined : actor.id })
}

/** Everybody's, by an admin of the space; one's own and those of the service accounts that one answers for, by anybody. */
export async function revokeConsent(world: TemplateWorld, actor: Actor, template: string): Promise<Outcome<TemplateRow, TemplateRefusal>> {
  const found = await templateFor(world, actor, template, { action: "read", verb: "consent.revoke", words: "see this template" })
  if (!found.ok) return found
  const { id, space } = found.value
  const isAdmin = await can(world.db, actor, "administer", { space: space.id })
  const at = world.clock.now()
  const thing = `template/${id}`
  const mayOwn = actor.via.kind === "session"
  const gone =
    isAdmin || mayOwn
      ? await world.db.transaction().execute((tx) => revokeConsents(tx, actor, { thing, of: isAdmin ? undefined : actor.id, space: space.id, at }))
      : []
  if (gone.length > 0) await cancelUnconsented(world, actor, thing)
  if (gone.length > 0) return templateFor(world, actor, template, { action: "read", verb: "consent.revoke", words: "see this template" })
  if (isAdmin || mayOwn) return refuse("nothing_to_consent", "It runs in nobody's name by a consent that you could take back.")
  await audit(world.db, { actor, action: "consent.revoke", thing, space: space.id, outcome: "denied", at })
  return refuse("not_allowed", "Only who agreed, signed in, or an administrator of the space can take that back.")
}
