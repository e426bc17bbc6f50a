import { type RawBuilder, sql } from "kysely"
import type { Json } from "#base/json.ts"
import { accepted, type Outcome } from "#base/outcome.ts"
import { type Db, naturally } from "#database/index.ts"
import { type Action, type Actor, audit, can, type NotebookId, type PersonId, type SpaceId, type Thing, verdict } from "#people/index.ts"
import type { Profile } from "#template/profile.ts"
import { refuse, type TemplateRefusal } from "#template/refusal.ts"
import type { RunAs } from "#template/run-as.ts"

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
  /** In whose name the next proposals are to run; `service` is the account, when it is one. */
  readonly runAs: RunAs
  readonly service: { readonly id: PersonId; readonly name: string } | null
  /** Runs of it at once; null: as many as its notebook and space allow. */
  readonly maxRunning: number | null
  readonly profile: Profile
  /** Number of the promotion that its name stands for; 0 before the first. It is the newest, unless somebody went back. */
  readonly latest: number
  readonly newest: number
  /** Of that promotion. */
  readonly version: number | null
  /** In whose name that one runs, if not in that of whoever asks. */
  readonly runsAs: PersonName | null
  /** As its bytes are read now: what was promoted says it as it was read then. */
  readonly parameters: Json
  /** The prose that this promotion begins with; null where it was promoted before such was kept. Markdown. */
  readonly description: string | null
  readonly isReviewed: boolean | null
  readonly promotedAt: number | null
  readonly createdAt: number
  readonly deprecatedAt: number | null
  readonly deprecation: string
  readonly successor: string | null
  readonly openProposals: number
}

type PersonName = { readonly id: PersonId; readonly name: string; readonly hasLeft: boolean }

const COLUMNS = sql`t.id, t.name, n.title, json_build_object('id', s.id, 'name', s.name) AS space,
  json_build_object('id', n.id, 'path', n.path, 'isGone', n.trashed_at IS NOT NULL, 'codeHidden', n.code_hidden) AS notebook,
  json_build_object('id', o.id, 'name', o.name, 'hasLeft', o.disabled_at IS NOT NULL) AS owner, t.approvals, t.run_as AS "runAs",
  CASE WHEN a.id IS NOT NULL THEN json_build_object('id', a.id, 'name', a.name) END AS service, t.max_running AS "maxRunning", t.profile, t.latest,
  coalesce((SELECT max(m.number) FROM promotion m WHERE m.template_id = t.id), 0) AS newest,
  CASE WHEN r.id IS NOT NULL THEN json_build_object('id', r.id, 'name', r.name, 'hasLeft', r.disabled_at IS NOT NULL) END AS "runsAs", p.version, v.parameters,
  p.description, p.is_reviewed AS "isReviewed", p.at AS "promotedAt", t.created_at AS "createdAt", t.deprecated_at AS "deprecatedAt", t.deprecation,
  u.name AS successor, (SELECT count(*)::int FROM proposal q WHERE q.template_id = t.id AND q.state = 'open') AS "openProposals"`
const TABLES = sql`template t JOIN space s ON s.id = t.space_id JOIN notebook n ON n.id = t.notebook_id JOIN person o ON o.id = t.owner_id
  LEFT JOIN promotion p ON p.template_id = t.id AND p.number = t.latest
  LEFT JOIN version v ON v.notebook_id = p.notebook_id AND v.number = p.version LEFT JOIN template u ON u.id = t.successor_id
  LEFT JOIN person a ON a.id = t.run_as_id LEFT JOIN person r ON r.id = p.run_as_id`

const BY_NAME: RawBuilder<unknown> = sql`${naturally(sql`t.name`)}, t.name`

/** To be told by conditions on t (template), s (space), n (notebook), p (its newest promotion). */
export async function templatesWhere(db: Db, where: RawBuilder<unknown>, limit = 1, order = BY_NAME): Promise<readonly TemplateRow[]> {
  const found =
    await sql<TemplateRow>`SELECT ${COLUMNS} FROM ${TABLES} WHERE ${where} AND s.trashed_at IS NULL ORDER BY ${order} LIMIT ${limit}`.execute(db)
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
  const thing = { space: found.space.id, notebook: found.notebook.id }
  // Whoever administers one notebook of a space does not decide what is asked of its templates.
  const said =
    action === "administer" && !(await can(world.db, actor, action, { space: thing.space }))
      ? await lesser(world.db, actor, thing)
      : await verdict(world.db, actor, action, thing)
  if (said === "allowed") return accepted(found)
  await audit(world.db, { actor, action: verb, thing: `template/${found.id}`, space: found.space.id, outcome: "denied", at: world.clock.now() })
  return said === "hidden"
    ? noSuchTemplate(ref)
    : refuse("not_allowed", `You may not ${words}: ask an administrator of its space for the role that may.`)
}

async function lesser(db: Db, actor: Actor, thing: Thing): Promise<"forbidden" | "hidden"> {
  return (await can(db, actor, "read", thing)) ? "forbidden" : "hidden"
}

function noSuchTemplate(ref: string) {
  return refuse("no_such_template", `There is no template ${JSON.stringify(ref.slice(0, 200))}, or you may not see it.`)
}
