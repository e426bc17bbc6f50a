import { type RawBuilder, sql } from "kysely"
import type { Json } from "#base/json.ts"
import { accepted, type Outcome } from "#base/outcome.ts"
import type { Db } from "#database/index.ts"
import { type Action, type Actor, audit, type NotebookId, type PersonId, type SpaceId, verdict } from "#people/index.ts"
import { refuse, type TemplateRefusal } from "#template/refusal.ts"

/** Times are milliseconds since 1970. */
export type TemplateRow = {
  readonly id: string
  readonly name: string
  readonly title: string
  readonly space: { readonly id: SpaceId; readonly name: string }
  readonly notebook: { readonly id: NotebookId; readonly path: string; readonly isGone: boolean; readonly codeHidden: boolean }
  readonly owner: { readonly id: PersonId; readonly name: string; readonly hasLeft: boolean }
  /** By the policy; null: one, or none while nobody else may edit. */
  readonly approvals: number | null
  /** Number of the newest promotion; 0 before the first. */
  readonly latest: number
  /** Of the newest promotion. */
  readonly version: number | null
  readonly parameters: Json
  readonly isReviewed: boolean | null
  readonly promotedAt: number | null
  readonly createdAt: number
  readonly deprecatedAt: number | null
  readonly deprecation: string
  readonly successor: string | null
  readonly openProposals: number
}

const COLUMNS = sql`t.id, t.name, n.title, json_build_object('id', s.id, 'name', s.name) AS space,
  json_build_object('id', n.id, 'path', n.path, 'isGone', n.trashed_at IS NOT NULL, 'codeHidden', n.code_hidden) AS notebook,
  json_build_object('id', o.id, 'name', o.name, 'hasLeft', o.disabled_at IS NOT NULL) AS owner, t.approvals, t.latest, p.version, p.parameters,
  p.is_reviewed AS "isReviewed", p.at AS "promotedAt", t.created_at AS "createdAt", t.deprecated_at AS "deprecatedAt", t.deprecation,
  u.name AS successor, (SELECT count(*)::int FROM proposal q WHERE q.template_id = t.id AND q.state = 'open') AS "openProposals"`
const TABLES = sql`template t JOIN space s ON s.id = t.space_id JOIN notebook n ON n.id = t.notebook_id JOIN person o ON o.id = t.owner_id
  LEFT JOIN promotion p ON p.template_id = t.id AND p.number = t.latest LEFT JOIN template u ON u.id = t.successor_id`

/** To be told by conditions on t (template), s (space), n (notebook), p (its newest promotion). */
export async function templatesWhere(db: Db, where: RawBuilder<unknown>, limit = 1): Promise<readonly TemplateRow[]> {
  const found =
    await sql<TemplateRow>`SELECT ${COLUMNS} FROM ${TABLES} WHERE ${where} AND s.trashed_at IS NULL ORDER BY t.name LIMIT ${limit}`.execute(db)
  return found.rows
}

export type Doing = { readonly action: Action; readonly verb: string; readonly words: string }

/** By name or id, if the actor may do this with what it is made from. */
export async function templateFor(
  world: { readonly db: Db; readonly clock: { now(): number } },
  actor: Actor,
  ref: string,
  { action, verb, words }: Doing,
): Promise<Outcome<TemplateRow, TemplateRefusal>> {
  const [found] = ref.includes("\0") ? [] : await templatesWhere(world.db, sql`(t.name = ${ref} OR t.id = ${ref})`)
  if (!found) return noSuchTemplate(ref)
  const said = await verdict(world.db, actor, action, { space: found.space.id, notebook: found.notebook.id })
  if (said === "allowed") return accepted(found)
  await audit(world.db, { actor, action: verb, thing: `template/${found.id}`, space: found.space.id, outcome: "denied", at: world.clock.now() })
  return said === "hidden"
    ? noSuchTemplate(ref)
    : refuse("not_allowed", `You may not ${words}: ask an administrator of its space for the role that may.`)
}

function noSuchTemplate(ref: string) {
  return refuse("no_such_template", `There is no template ${JSON.stringify(ref.slice(0, 200))}, or you may not see it.`)
}
