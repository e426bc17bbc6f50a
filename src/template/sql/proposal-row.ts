import { sql } from "kysely"
import type { Json, JsonObject } from "#base/json.ts"
import { accepted, type Outcome } from "#base/outcome.ts"
import type { Expects } from "#case/index.ts"
import type { Db } from "#database/index.ts"
import { type Action, type Actor, type NotebookId, type SpaceId, verdict } from "#people/index.ts"
import type { CheckRow, ReviewRow } from "#template/gates.ts"
import { refuse, type TemplateRefusal } from "#template/refusal.ts"

export type ProposalRow = {
  readonly id: string
  readonly template: { readonly id: string; readonly name: string; readonly approvals: number | null; readonly latest: number }
  readonly space: SpaceId
  readonly notebook: NotebookId
  readonly version: number
  readonly versionSha256: string
  readonly binding: string
  readonly parameters: Json
  readonly message: string
  readonly author: { readonly id: string; readonly name: string }
  readonly state: "open" | "promoted" | "withdrawn" | "replaced"
  readonly createdAt: number
  readonly closedAt: number | null
}

export type StoredCheck = CheckRow & { readonly parameters: JsonObject; readonly expects: Expects; readonly resultSha256: string | null }

const COLUMNS = sql`q.id, json_build_object('id', t.id, 'name', t.name, 'approvals', t.approvals, 'latest', t.latest) AS template, q.space_id AS space,
  q.notebook_id AS notebook, q.version, q.version_sha256 AS "versionSha256", q.binding, q.parameters, q.message,
  json_build_object('id', a.id, 'name', a.name) AS author, q.state, q.created_at AS "createdAt", q.closed_at AS "closedAt"`

/** Of `proposal q`, `template t`, `person a` (its author). */
export async function proposalsWhere(db: Db, where: ReturnType<typeof sql>, limit = 1): Promise<readonly ProposalRow[]> {
  const found = await sql<ProposalRow>`
    SELECT ${COLUMNS} FROM proposal q JOIN template t ON t.id = q.template_id JOIN person a ON a.id = q.author_id
    WHERE ${where} ORDER BY q.id DESC LIMIT ${limit}`.execute(db)
  return found.rows
}

/** One with which the actor may do this. Whoever may not see its code may not see what is proposed of it. */
export async function proposalFor(db: Db, actor: Actor, id: string, action: Action): Promise<Outcome<ProposalRow, TemplateRefusal>> {
  const [found] = /^[0-9A-Z]{26}$/u.test(id) ? await proposalsWhere(db, sql`q.id = ${id}`) : []
  const gone = refuse("no_such_proposal", `There is no proposal ${JSON.stringify(id.slice(0, 60))}, or you may not see it.`)
  if (!found) return gone
  const thing = { space: found.space, notebook: found.notebook }
  if ((await verdict(db, actor, "read_hidden_code", thing)) !== "allowed" && (await isHidden(db, found.notebook))) return gone
  const said = await verdict(db, actor, action, thing)
  if (said === "allowed") return accepted(found)
  return said === "hidden" ? gone : refuse("not_allowed", "You may see this proposal, but not do this with it: that takes the role of an editor.")
}

async function isHidden(db: Db, notebook: string): Promise<boolean> {
  const found = await sql<{ hidden: boolean }>`SELECT code_hidden AS hidden FROM notebook WHERE id = ${notebook}`.execute(db)
  return found.rows[0]?.hidden ?? true
}

export async function checksOf(db: Db, proposal: string): Promise<readonly StoredCheck[]> {
  const found = await sql<StoredCheck>`
    SELECT place, kind, name, parameters, expects, run_id AS run, verdict, said, environment, result_sha256 AS "resultSha256"
    FROM proposal_check WHERE proposal_id = ${proposal} ORDER BY place`.execute(db)
  return found.rows
}

export async function reviewsOf(db: Db, proposal: string): Promise<readonly ReviewRow[]> {
  const found = await sql<ReviewRow>`
    SELECT json_build_object('id', p.id, 'name', p.name) AS person, r.verdict, r.said, r.binding, r.at
    FROM review r JOIN person p ON p.id = r.person_id WHERE r.proposal_id = ${proposal} ORDER BY r.at`.execute(db)
  return found.rows
}

/** Active people who may edit the notebook, but one. */
export async function otherEditors(
  db: Db,
  { space, notebook, but }: { readonly space: string; readonly notebook: string; readonly but: string },
): Promise<number> {
  const found = await sql<{ count: number }>`
    SELECT count(DISTINCT p.id)::int AS count FROM role_grant g JOIN person p ON p.disabled_at IS NULL AND p.kind = 'person'
      AND (p.id = g.person_id OR p.id IN (SELECT m.person_id FROM group_member m WHERE m.group_id = g.group_id))
    WHERE g.space_id = ${space} AND (g.notebook_id IS NULL OR g.notebook_id = ${notebook}) AND g.role IN ('editor', 'admin') AND p.id <> ${but}`.execute(
    db,
  )
  return found.rows[0]?.count ?? 0
}
