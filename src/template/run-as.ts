/** In whose name a template's runs go. Pure. */
import type { PersonId } from "#people/index.ts"

/** Whoever asks (the usual), the template's owner, or a service account. */
export type RunAs = "invoker" | "owner" | "service"

/** `id`: the owner or service account of that moment; null for whoever asks. */
export type Identity = { readonly runAs: RunAs; readonly id: PersonId | null }

const INVOKER: Identity = { runAs: "invoker", id: null }

/** As what a proposal made now would run. */
export function identityOf(template: { readonly runAs: RunAs; readonly service: PersonId | null; readonly owner: PersonId }): Identity {
  if (template.runAs === "owner") return { runAs: "owner", id: template.owner }
  return template.runAs === "service" ? { runAs: "service", id: template.service } : INVOKER
}

/** As an approval is about it: `invoker`, `owner/01J…`, `service/01J…`. */
export function boundAs({ runAs, id }: Identity): string {
  return id === null ? runAs : `${runAs}/${id}`
}
