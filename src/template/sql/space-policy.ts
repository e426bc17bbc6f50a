/** Code owners of every template of a space. */
import { accepted, type Outcome } from "#base/outcome.ts"
import { getSpace } from "#library/index.ts"
import { type Actor, audit, verdict } from "#people/index.ts"
import { askAnewIn } from "#template/ask-anew.ts"
import type { TemplateWorld } from "#template/ports.ts"
import { refuse, type TemplateRefusal } from "#template/refusal.ts"
import { type CodeOwnerSpec, codeOwnersOf, type OwnerView, ownerView, setCodeOwners } from "#template/sql/code-owners.ts"
import { UnknownOwner, unknownOwner } from "#template/sql/decide-template.ts"

export async function spaceCodeOwners(world: TemplateWorld, actor: Actor, space: string): Promise<Outcome<readonly OwnerView[], TemplateRefusal>> {
  const found = await getSpace(world.db, actor, space)
  if (!found.ok) return refuse("no_such_space", found.refusal.message)
  return accepted((await codeOwnersOf(world.db, { space: found.value.id })).map(ownerView))
}

export async function setSpaceCodeOwners(
  world: TemplateWorld,
  actor: Actor,
  { space, owners }: { readonly space: string; readonly owners: readonly CodeOwnerSpec[] },
): Promise<Outcome<readonly OwnerView[], TemplateRefusal>> {
  const found = await getSpace(world.db, actor, space)
  if (!found.ok) return refuse("no_such_space", found.refusal.message)
  const { id } = found.value
  const at = world.clock.now()
  const deed = { actor, action: "space.code_owners", thing: `space/${id}`, space: id, at } as const
  if ((await verdict(world.db, actor, "administer", { space: id })) !== "allowed") {
    await audit(world.db, { ...deed, outcome: "denied" })
    return refuse("not_allowed", "You may not say whose approval it takes here: that takes an administrator of the space.")
  }
  const done = await world.db
    .transaction()
    .execute(async (tx) => {
      if (!(await setCodeOwners(tx, { space: id }, owners))) throw new UnknownOwner()
      await askAnewIn(tx, { space: id }, at)
      await audit(tx, { ...deed, outcome: "done", detail: { codeOwners: owners } })
      return accepted(undefined)
    })
    .catch(unknownOwner)
  return done.ok ? spaceCodeOwners(world, actor, id) : done
}
