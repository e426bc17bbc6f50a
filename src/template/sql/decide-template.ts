/** What is decided about a template beside its proposals: its policy, for admins of its space; and whether it should still be used. */
import { sql } from "kysely"
import type { Json } from "#base/json.ts"
import { write } from "#base/json.ts"
import { accepted, type Outcome } from "#base/outcome.ts"
import type { Db } from "#database/index.ts"
import { type Actor, audit, namedPerson } from "#people/index.ts"
import { askAnewIn } from "#template/ask-anew.ts"
import type { TemplateWorld } from "#template/ports.ts"
import type { Profile } from "#template/profile.ts"
import { refuse, type TemplateRefusal } from "#template/refusal.ts"
import { type CodeOwnerSpec, setCodeOwners } from "#template/sql/code-owners.ts"
import { type TemplateRow, templateFor } from "#template/sql/template-row.ts"
import { getTemplate } from "#template/sql/templates.ts"

/** For admins of the space. */
export type TemplatePolicy = {
  /** How many approvals a proposal takes; null: the usual. */
  readonly approvals?: number | null | undefined
  readonly codeOwners?: readonly CodeOwnerSpec[] | undefined
  /** In whose name the next proposals run; a service account by its id. */
  readonly runAs?: { readonly kind: "invoker" | "owner" } | { readonly kind: "service"; readonly service: string } | undefined
  readonly profile?: Profile | undefined
  readonly maxRunning?: number | null | undefined
}

export type Deciding = TemplatePolicy & {
  readonly template: string
  /** Why it should not be used any more; null: it should. */
  readonly deprecation?: string | null | undefined
  /** A template's name. */
  readonly successor?: string | null | undefined
}

export async function decideTemplate(world: TemplateWorld, actor: Actor, deciding: Deciding): Promise<Outcome<TemplateRow, TemplateRefusal>> {
  const action = isPolicy(deciding) ? "administer" : "edit"
  const found = await templateFor(world, actor, deciding.template, { action, verb: "template.decide", words: "decide this about the template" })
  if (!found.ok) return found
  const successor = deciding.successor ? await getTemplate(world, actor, deciding.successor) : undefined
  if (successor && !successor.ok) return successor
  if (successor?.value.id === found.value.id) return refuse("bad_policy", "A template is not its own successor: name another one.")
  const service = deciding.runAs?.kind === "service" ? deciding.runAs.service : null
  if (service !== null && (await namedPerson(world.db, service))?.kind !== "service")
    return refuse("bad_policy", "There is no such service account: an administrator of the platform makes one.")
  const { id, space } = found.value
  const at = world.clock.now()
  const done = await world.db
    .transaction()
    .execute(async (tx) => {
      if (deciding.codeOwners && !(await setCodeOwners(tx, { template: id }, deciding.codeOwners))) throw new UnknownOwner()
      await store(tx, id, { deciding, service, successor: successor?.value.id ?? null, at })
      if (action === "administer") await askAnewIn(tx, { template: id }, at)
      const detail = { ...decided(deciding), ...(successor ? { successor: successor.value.name } : {}) }
      await audit(tx, { actor, action: "template.decide", thing: `template/${id}`, space: space.id, outcome: "done", detail, at })
      return accepted(undefined)
    })
    .catch(unknownOwner)
  return done.ok ? getTemplate(world, actor, id) : done
}

function isPolicy({ approvals, codeOwners, runAs, profile, maxRunning }: TemplatePolicy): boolean {
  return [approvals, codeOwners, runAs, profile, maxRunning].some((one) => one !== undefined)
}

/** As the audit keeps it. */
function decided({ approvals, codeOwners, runAs, profile, maxRunning, deprecation }: Deciding): Readonly<Record<string, unknown>> {
  const all = { approvals, codeOwners, runAs, profile, maxRunning, deprecation }
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined))
}

type Storing = { readonly deciding: Deciding; readonly service: string | null; readonly successor: string | null; readonly at: number }

async function store(tx: Db, id: string, { deciding, service, successor, at }: Storing): Promise<void> {
  const { approvals, runAs, profile, maxRunning, deprecation } = deciding
  const set = [
    ...(approvals === undefined ? [] : [sql`approvals = ${approvals}`]),
    ...(runAs === undefined ? [] : [sql`run_as = ${runAs.kind}, run_as_id = ${service}`]),
    ...(profile === undefined ? [] : [sql`profile = ${write(profile as Json)}::jsonb`]),
    ...(maxRunning === undefined ? [] : [sql`max_running = ${maxRunning}`]),
    ...(deprecation === undefined ? [] : [sql`deprecated_at = ${deprecation === null ? null : new Date(at)}, deprecation = ${deprecation ?? ""}`]),
    ...(deciding.successor === undefined ? [] : [sql`successor_id = ${successor}`]),
  ]
  if (set.length > 0) await sql`UPDATE template SET ${sql.join(set)} WHERE id = ${id}`.execute(tx)
}

/** Takes the transaction back: what was set before it came to light is not kept. */
export class UnknownOwner extends Error {}

export function unknownOwner(error: unknown): Outcome<never, TemplateRefusal> {
  if (error instanceof UnknownOwner) return refuse("bad_policy", "A code owner is a person who may sign in, or a group, each named once.")
  throw error
}
