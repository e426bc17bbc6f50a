import { accepted, type Outcome } from "#base/outcome.ts"
import { getNotebook } from "#library/index.ts"
import { type Actor, type NotebookId, type SpaceId, verdict } from "#people/index.ts"
import type { TemplateWorld } from "#template/ports.ts"
import { refuse, type TemplateRefusal } from "#template/refusal.ts"

export type Found = { readonly id: NotebookId; readonly space: SpaceId; readonly latest: number; readonly path: string }

/** One that the actor may edit; in the trash there is none. */
export async function notebookFor({ db }: Pick<TemplateWorld, "db">, actor: Actor, ref: string): Promise<Outcome<Found, TemplateRefusal>> {
  const found = await getNotebook(db, actor, ref)
  if (!found.ok || found.value.trashedAt !== null)
    return refuse("no_such_notebook", `There is no notebook ${JSON.stringify(ref.slice(0, 200))}, or you may not see it.`)
  const { id, space, latest, path } = found.value
  const said = await verdict(db, actor, "edit", { space: space.id, notebook: id })
  if (said !== "allowed")
    return refuse("not_allowed", "You may not propose or test this notebook: ask an administrator of its space for the role of an editor.")
  return accepted({ id, space: space.id, latest, path })
}
