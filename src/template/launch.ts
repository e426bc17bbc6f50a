/** Running by name: the same launch as any, with the version that the name stands for. */
import { accepted, type Outcome } from "#base/outcome.ts"
import type { Actor } from "#people/index.ts"
import { wantedIn } from "#template/name.ts"
import type { TemplateWorld } from "#template/ports.ts"
import type { TemplateRefusal } from "#template/refusal.ts"
import { templateFor } from "#template/sql/template-row.ts"
import { promotionAt } from "#template/sql/templates.ts"
import { type Accepted, accept, type Launch, type LaunchRefusal } from "#work/index.ts"

export type LaunchTemplate = Omit<Launch, "notebook" | "version"> & {
  /** A name, with `@channel` or `@version` if another than the newest is meant. */
  readonly template: string
}

/** `promotion`: which one ran. */
export async function launchTemplate(
  world: TemplateWorld,
  actor: Actor,
  { template, ...rest }: LaunchTemplate,
  key?: string,
): Promise<Outcome<Accepted & { readonly promotion: number }, TemplateRefusal | LaunchRefusal>> {
  const wanted = wantedIn(template)
  const found = await templateFor(world, actor, wanted.template, { action: "run", verb: "template.run", words: "run this template" })
  if (!found.ok) return found
  const at = await promotionAt(world, found.value, wanted.at)
  if (!at.ok) return at
  const labels = { ...rest.labels, "stet/template": found.value.name, "stet/promotion": String(at.value.number) }
  const launched = await accept(world, actor, { ...rest, labels, notebook: found.value.notebook.id, version: at.value.version }, key)
  return launched.ok ? accepted({ ...launched.value, promotion: at.value.number }) : launched
}
