/** A template's owner hands it to somebody else, or an admin does when the owner has left. */
import { sql } from "kysely"
import type { Outcome } from "#base/outcome.ts"
import { type Actor, audit, editorsOf, revokeConsents } from "#people/index.ts"
import type { TemplateWorld } from "#template/ports.ts"
import { refuse, type TemplateRefusal } from "#template/refusal.ts"
import { type TemplateRow, templateFor } from "#template/sql/template-row.ts"
import { cancelUnconsented } from "#work/index.ts"

/** `to`: somebody who may edit it. What ran in the old owner's name does so no more. */
export async function handOverTemplate(
  world: TemplateWorld,
  actor: Actor,
  { template, to }: { readonly template: string; readonly to: string },
): Promise<Outcome<TemplateRow, TemplateRefusal>> {
  const reading = { action: "read", verb: "template.hand_over", words: "hand over this template" } as const
  const seen = await templateFor(world, actor, template, reading)
  if (!seen.ok) return seen
  const isOwn = seen.value.owner.id === actor.id
  const found = await templateFor(world, actor, template, { ...reading, action: isOwn ? "edit" : "administer" })
  if (!found.ok) return found
  const { id, space, notebook, owner } = found.value
  const editors = await editorsOf(world.db, { space: space.id, notebook: notebook.id })
  if (!editors.some((one) => one.id === to && one.kind === "person"))
    return refuse("no_such_person", "It can be handed over only to somebody who may edit it: give them the role of an editor first.")
  const at = world.clock.now()
  const thing = `template/${id}`
  await world.db.transaction().execute(async (tx) => {
    await sql`UPDATE template SET owner_id = ${to} WHERE id = ${id}`.execute(tx)
    await audit(tx, { actor, action: "template.hand_over", thing, space: space.id, outcome: "done", detail: { from: owner.id, to }, at })
    if (owner.id !== to) await revokeConsents(tx, actor, { thing, of: owner.id, space: space.id, at })
  })
  await cancelUnconsented(world, actor, thing)
  return templateFor(world, actor, id, reading)
}
