/** Running by name: the same launch as any, with the version that the name stands for, as it was approved to run. */
import { write } from "#base/json.ts"
import { accepted, type Outcome, refused } from "#base/outcome.ts"
import { type Actor, can, consentTo, namedPerson, whyNotInTheNameOf } from "#people/index.ts"
import { LATEST, wantedIn } from "#template/name.ts"
import type { TemplateWorld } from "#template/ports.ts"
import { bounded, resourcesOf } from "#template/profile.ts"
import { refuse, type TemplateRefusal } from "#template/refusal.ts"
import { type TemplateRow, templateFor } from "#template/sql/template-row.ts"
import { type PromotedAs, promotionAt } from "#template/sql/templates.ts"
import { type Accepted, accept, askedText, type Launch, type LaunchRefusal, type SendFile, sendFile, type Terms } from "#work/index.ts"

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
  if (rest.environment !== undefined) return environmentGiven()
  const at = await promotionAt(world, found.value, wanted.at)
  if (!at.ok) return at
  const terms = await termsOf(world, found.value, at.value)
  if (!terms.ok) return terms
  const labels = { ...rest.labels, "stet/template": found.value.name, "stet/promotion": String(at.value.number) }
  const launch: Launch = { ...bounded(rest, found.value.profile), labels, notebook: found.value.notebook.id, version: at.value.version }
  // The same request is the same request also when something else was promoted, or the profile changed, in between.
  const asked = write({ template: found.value.id, at: wanted.at, launch: askedText({ ...rest, notebook: "" }) })
  const launched = await accept(world, actor, launch, { key, terms: terms.value, asked })
  return launched.ok ? accepted({ ...launched.value, promotion: at.value.number }) : launched
}

/** A file for a parameter of it. */
export async function sendTemplateFile(
  world: TemplateWorld,
  actor: Actor,
  { template, ...file }: { readonly template: string } & Pick<SendFile, "name" | "content">,
): Promise<Awaited<ReturnType<typeof sendFile>> | Outcome<never, TemplateRefusal>> {
  const found = await templateFor(world, actor, wantedIn(template).template, { action: "run", verb: "template.run", words: "run this template" })
  return found.ok ? sendFile(world, actor, { ...file, notebook: found.value.notebook.id, evenTrashed: true }) : found
}

type Named = { readonly row: TemplateRow; readonly promotion: PromotedAs }

/** What `name`, `name@channel` or `name@version` stands for, to be seen. */
export async function getPromoted(world: TemplateWorld, actor: Actor, ref: string): Promise<Outcome<Named, TemplateRefusal>> {
  const wanted = wantedIn(ref)
  const found = await templateFor(world, actor, wanted.template, { action: "read", verb: "template.read", words: "see this template" })
  if (!found.ok) return found
  const at = await promotionAt(world, found.value, wanted.at)
  return at.ok ? accepted({ row: found.value, promotion: at.value }) : at
}

/** It was proven in one environment, and nobody who only runs it chooses another. */
function environmentGiven(): Outcome<never, LaunchRefusal> {
  const message =
    "A template runs in the environment that it was proven in: leave environment out, or ask an administrator of its space to change its profile."
  return refused({ refused: "bad_launch", message, problems: [{ path: "environment", message }] })
}

/** In whose name it goes, checked at this moment; the worker checks again when it begins. */
async function termsOf(world: TemplateWorld, template: TemplateRow, promoted: PromotedAs): Promise<Outcome<Terms, TemplateRefusal>> {
  const terms = { template: template.id, resources: resourcesOf(template.profile) }
  if (promoted.runAsId === null) return accepted(terms)
  const person = await namedPerson(world.db, promoted.runAsId)
  if (!person) throw new Error(`the person ${promoted.runAsId} of a promotion is not there`)
  if (promoted.runAs === "owner" && template.owner.id !== person.id)
    return refuse("no_consent", `It was approved to run in the name of ${person.name}, who does not own it any more: it has to be proposed again.`)
  const consent = await consentTo(world.db, { thing: `template/${template.id}`, binding: promoted.binding, person: person.id })
  const why = whyNotInTheNameOf(person, consent)
  if (why !== undefined || !consent) return refuse("no_consent", why ?? "")
  const as = { id: person.id, name: person.name, isAdmin: false, via: { kind: "session", session: "" } } as const
  if (!(await can(world.db, as, "run", { space: template.space.id, notebook: template.notebook.id })))
    return refuse("no_consent", `It runs in the name of ${person.name}, who may not run it: they need the role of a runner.`)
  return accepted({ ...terms, as: { person: person.id, consent: consent.id } })
}

/** Why it cannot be run at this moment though it was promoted: in whose name it would go is not settled. Undefined when it can. */
export async function whyNotNow(world: TemplateWorld, template: TemplateRow): Promise<string | undefined> {
  if (template.latest === 0) return undefined
  const at = await promotionAt(world, template, LATEST)
  const terms = at.ok ? await termsOf(world, template, at.value) : at
  return terms.ok ? undefined : terms.refusal.message
}
