/** Finding templates, what was promoted of them, and the names that stand for it. */
import { sql } from "kysely"
import { newId } from "#base/id.ts"
import type { Json } from "#base/json.ts"
import { accepted, type Outcome } from "#base/outcome.ts"
import { naturally } from "#database/index.ts"
import { type Actor, audit, mayList, type PersonId } from "#people/index.ts"
import { LATEST, toChannelName } from "#template/name.ts"
import type { TemplateWorld } from "#template/ports.ts"
import { refuse, type TemplateRefusal } from "#template/refusal.ts"
import type { RunAs } from "#template/run-as.ts"
import { type TemplateRow, templateFor, templatesWhere } from "#template/sql/template-row.ts"

export type TemplateList = {
  readonly q?: string | undefined
  readonly notebook?: string | undefined
  /** A name: those that come behind it. */
  readonly after?: string | undefined
  readonly limit?: number | undefined
  /** What the asker must be allowed to do with it. Default: see it. */
  readonly may?: "read" | "run" | undefined
  /** "used": what was run most within a week, and what should not be used any more last; `after` is for names. */
  readonly order?: "name" | "used" | undefined
}

const WEEK_MS = 7 * 86_400_000
/** Beyond it runs are not told apart. */
const MOST_RUNS = 1000

/** Of template t. */
function mostUsed(now: number) {
  // Ids begin with their time.
  const since = newId(now - WEEK_MS, { bytes: (count) => new Uint8Array(count) })
  return sql`t.deprecated_at IS NOT NULL, (SELECT count(*) FROM (
    SELECT FROM run r WHERE r.template_id = t.id AND r.id > ${since} LIMIT ${MOST_RUNS}) AS ran) DESC, t.name`
}

/** Those that were promoted at least once, and what is on its way for those who may edit. By name. */
export async function listTemplates(
  { db, clock }: Pick<TemplateWorld, "db" | "clock">,
  actor: Actor,
  { q = "", notebook, after = "", limit = 500, may = "read", order = "name" }: TemplateList = {},
) {
  const at = { space: "t.space_id", notebook: "t.notebook_id" }
  const like = `%${q
    .replaceAll(/[\\%_]/gu, "\\$&")
    .replaceAll("\0", "")
    .toWellFormed()}%`
  return templatesWhere(
    db,
    sql`${mayList(actor, may, at)} AND ${may === "run" ? sql`t.latest > 0 AND n.trashed_at IS NULL` : sql`(t.latest > 0 OR ${mayList(actor, "edit", at)})`}
      AND (t.name ILIKE ${like} OR n.title ILIKE ${like} OR p.description ILIKE ${like})
      AND (${notebook ?? null}::text IS NULL OR t.notebook_id = ${notebook ?? null}) AND (${naturally(sql`t.name`)}, t.name) > (${naturally(sql`${after}::text`)}, ${after})`,
    limit,
    order === "used" ? mostUsed(clock.now()) : undefined,
  )
}

export function getTemplate(world: TemplateWorld, actor: Actor, ref: string): Promise<Outcome<TemplateRow, TemplateRefusal>> {
  return templateFor(world, actor, ref, { action: "read", verb: "template.read", words: "see this template" })
}

type Who = { readonly id: string; readonly name: string }

const AUTHOR = sql`CASE WHEN a.id IS NOT NULL THEN json_build_object('id', a.id, 'name', a.name) END`
const MOST_VERSIONS = 20

export type PromotionRow = {
  readonly number: number
  readonly proposal: string
  readonly version: number
  readonly versionSha256: string
  readonly parameters: Json
  readonly message: string
  readonly isReviewed: boolean
  readonly by: { readonly id: string; readonly name: string }
  readonly at: number
  /** Who made the version. */
  readonly author: Who | null
  /** That say what is new, since the version promoted before, this one among them: the newest twenty, the newest first. */
  readonly versions: readonly { readonly number: number; readonly message: string; readonly author: Who | null; readonly createdAt: number }[]
  /** Names that stand for it now. */
  readonly channels: readonly string[]
}

/** The newest first: its change log. */
export async function promotionsOf(world: TemplateWorld, actor: Actor, ref: string): Promise<Outcome<readonly PromotionRow[], TemplateRefusal>> {
  const template = await getTemplate(world, actor, ref)
  if (!template.ok) return template
  const found = await sql<PromotionRow>`
    SELECT m.number, m.proposal_id AS proposal, m.version, m.version_sha256 AS "versionSha256", m.parameters, q.message, m.is_reviewed AS "isReviewed",
      json_build_object('id', b.id, 'name', b.name) AS by, m.at, (SELECT ${AUTHOR} FROM version v LEFT JOIN person a ON a.id = v.author_id
        WHERE v.notebook_id = m.notebook_id AND v.number = m.version) AS author,
      (SELECT coalesce(json_agg(one ORDER BY one.number DESC), '[]'::json) FROM (
        SELECT v.number, v.message, ${AUTHOR} AS author, (extract(epoch FROM v.created_at) * 1000)::bigint AS "createdAt"
        FROM version v LEFT JOIN person a ON a.id = v.author_id
        WHERE v.notebook_id = m.notebook_id AND v.message <> '' AND v.number <= m.version AND v.number > coalesce((SELECT max(o.version)
          FROM promotion o WHERE o.template_id = m.template_id AND o.number < m.number AND o.version < m.version), 0)
        ORDER BY v.number DESC LIMIT ${MOST_VERSIONS}) one) AS versions,
      ARRAY(SELECT c.name FROM channel c WHERE c.template_id = m.template_id AND c.number = m.number ORDER BY c.name) AS channels
    FROM promotion m JOIN proposal q ON q.id = m.proposal_id JOIN person b ON b.id = m.by_id
    WHERE m.template_id = ${template.value.id} ORDER BY m.number DESC LIMIT 1000`.execute(world.db)
  return accepted(found.rows)
}

/** One promotion, and in whose name it was approved to run. */
export type PromotedAs = {
  readonly number: number
  readonly version: number
  readonly versionSha256: string
  readonly runAs: RunAs
  readonly runAsId: PersonId | null
  /** What was approved, and agreed to. */
  readonly binding: string
  /** JSON Schema. */
  readonly parameters: Json
  /** Null where it was promoted before such was kept. */
  readonly description: string | null
}

/** What a channel or a number stands for. Only what was once promoted can be meant. */
export async function promotionAt(
  { db }: Pick<TemplateWorld, "db">,
  template: TemplateRow,
  at: string,
): Promise<Outcome<PromotedAs, TemplateRefusal>> {
  // PostgreSQL holds no NUL, so nothing there has such a name.
  if (at.includes("\0")) return refuse("no_such_promotion", `${template.name} has no such channel: name one, or a version that was promoted.`)
  const number =
    at === LATEST
      ? sql`${template.latest}`
      : /^\d{1,9}$/u.test(at)
        ? sql`(SELECT max(m.number) FROM promotion m WHERE m.template_id = ${template.id} AND m.version = ${Number(at)})`
        : sql`(SELECT c.number FROM channel c WHERE c.template_id = ${template.id} AND c.name = ${at})`
  const found = await sql<PromotedAs>`
    SELECT m.number, m.version, m.version_sha256 AS "versionSha256", m.run_as AS "runAs", m.run_as_id AS "runAsId", q.binding,
      v.parameters, m.description
    FROM promotion m JOIN proposal q ON q.id = m.proposal_id JOIN version v ON v.notebook_id = m.notebook_id AND v.number = m.version
    WHERE m.template_id = ${template.id} AND m.number = ${number}`.execute(db)
  if (found.rows[0]) return accepted(found.rows[0])
  if (template.latest === 0)
    return refuse("no_such_promotion", `Nothing of ${template.name} was promoted yet: it can be run when its first proposal is.`)
  const what = /^\d+$/u.test(at)
    ? `Version ${at} was never promoted for ${template.name}`
    : `${template.name} has no channel ${JSON.stringify(at.slice(0, 60))}`
  return refuse("no_such_promotion", `${what}: name a channel, or a version that was.`)
}

export type Pointing = { readonly template: string; readonly channel: string; readonly number: number }

/** Points a name at a promotion, latest-approved too: also back at an earlier one, which is how one rolls back. */
export async function pointChannel(
  world: TemplateWorld,
  actor: Actor,
  { template, channel, number }: Pointing,
): Promise<Outcome<undefined, TemplateRefusal>> {
  const name = channel === LATEST ? accepted(LATEST) : toChannelName(channel)
  if (!name.ok) return name
  const found = await templateFor(world, actor, template, { action: "edit", verb: "template.channel", words: "move channels of this template" })
  if (!found.ok) return found
  const { id, space } = found.value
  const at = world.clock.now()
  return world.db.transaction().execute(async (tx) => {
    const known = await sql`SELECT FROM promotion WHERE template_id = ${id} AND number = ${number}`.execute(tx)
    if (known.rows.length === 0)
      return refuse("no_such_promotion", `${found.value.name} has no promotion ${number}: only what was promoted can be named.`)
    if (name.value === LATEST) await sql`UPDATE template SET latest = ${number} WHERE id = ${id}`.execute(tx)
    else
      await sql`
        INSERT INTO channel (template_id, name, number, at, by_id) VALUES (${id}, ${name.value}, ${number}, ${new Date(at)}, ${actor.id})
        ON CONFLICT (template_id, name) DO UPDATE SET number = EXCLUDED.number, at = EXCLUDED.at, by_id = EXCLUDED.by_id`.execute(tx)
    const detail = { channel: name.value, number }
    await audit(tx, { actor, action: "template.channel", thing: `template/${id}`, space: space.id, outcome: "done", detail, at })
    return accepted(undefined)
  })
}
