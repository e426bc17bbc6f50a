import { sql } from "kysely"
import type { Json, JsonObject } from "#base/json.ts"
import { accepted, type Outcome } from "#base/outcome.ts"
import { type Expects, type Mock, weaknesses } from "#case/index.ts"
import type { Db } from "#database/index.ts"
import { type Action, type Actor, type NotebookId, type PersonId, type SpaceId, verdict } from "#people/index.ts"
import type { CheckRow, ReviewRow } from "#template/gates.ts"
import type { Shown } from "#template/judge.ts"
import { refuse, type TemplateRefusal } from "#template/refusal.ts"
import type { Identity, RunAs } from "#template/run-as.ts"

export type ProposalRow = {
  readonly id: string
  readonly template: ProposedFor
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
  /** As what it was proposed to run. */
  readonly runAs: RunAs
  readonly runAsId: PersonId | null
}

/** The template as it is now: its policy may have changed since. */
export type ProposedFor = {
  readonly id: string
  readonly name: string
  readonly approvals: number | null
  /** Number of the promotion that its name stands for; 0 for none, and its version. */
  readonly latest: number
  readonly approved: number | null
  /** The run that proved that one afresh, and the environment that it went in. */
  readonly approvedRun: string | null
  readonly approvedEnvironment: string | null
  /** What the profile names in place of the notebook's own; "": nothing. */
  readonly environment: string
  readonly owner: PersonId
  readonly runAs: RunAs
  readonly service: PersonId | null
}

/** As what it was proposed to run. */
export function proposedAs({ runAs, runAsId }: Pick<ProposalRow, "runAs" | "runAsId">): Identity {
  return { runAs, id: runAsId }
}

export type StoredCheck = CheckRow & {
  readonly parameters: JsonObject
  /** What parameters that name an upload were given; empty once its run is gone. */
  readonly files: readonly { readonly parameter: string; readonly name: string; readonly sha256: string }[]
  readonly expects: Expects
  readonly mocks: readonly Mock[]
  readonly resultSha256: string | null
  /** Of a fresh rerun; null of older ones, and while it runs. */
  readonly shown: Shown | null
}

/** A sentence for each part of a test case that cannot fail. A fresh rerun is none: it is there to show that the notebook runs. */
export function weaknessesOf({ kind, expects, mocks }: Pick<StoredCheck, "kind" | "expects" | "mocks">): string[] {
  return kind === "test" ? weaknesses({ expects, mocks }) : []
}

const COLUMNS = sql`q.id, json_build_object('id', t.id, 'name', t.name, 'approvals', t.approvals, 'latest', t.latest, 'approved', m.version,
    'environment', coalesce(t.profile->>'environment', ''), 'approvedRun', e.run_id, 'approvedEnvironment', e.environment,
    'owner', t.owner_id, 'runAs', t.run_as, 'service', t.run_as_id) AS template, q.space_id AS space,
  q.notebook_id AS notebook, q.version, q.version_sha256 AS "versionSha256", q.binding, q.parameters, q.message,
  json_build_object('id', a.id, 'name', a.name) AS author, q.state, q.created_at AS "createdAt", q.closed_at AS "closedAt",
  q.run_as AS "runAs", q.run_as_id AS "runAsId"`

/** Of `proposal q`, `template t`, `person a` (its author), `promotion m` (what the template's name stands for). */
export async function proposalsWhere(db: Db, where: ReturnType<typeof sql>, limit = 1): Promise<readonly ProposalRow[]> {
  const found = await sql<ProposalRow>`
    SELECT ${COLUMNS} FROM proposal q JOIN template t ON t.id = q.template_id JOIN person a ON a.id = q.author_id
      LEFT JOIN promotion m ON m.template_id = t.id AND m.number = t.latest
      LEFT JOIN proposal_check e ON e.proposal_id = m.proposal_id AND e.kind = 'rerun'
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

/** Of a proposal_check c. */
export const FILES_OF_CHECK = sql`coalesce((SELECT json_agg(json_build_object('parameter', f.parameter, 'name', u.name, 'sha256', u.sha256)
  ORDER BY f.parameter, f.place) FROM run_file f JOIN upload u ON u.id = f.upload_id WHERE f.run_id = c.run_id), '[]'::json)`

export async function checksOf(db: Db, proposal: string): Promise<readonly StoredCheck[]> {
  const found = await sql<StoredCheck>`
    SELECT place, kind, name, parameters, expects, mocks, run_id AS run, verdict, said, environment, result_sha256 AS "resultSha256", shown,
      ${FILES_OF_CHECK} AS files
    FROM proposal_check c WHERE proposal_id = ${proposal} ORDER BY place`.execute(db)
  return found.rows
}

/** Who may still edit it, the caller knows. */
export async function reviewsOf(db: Db, proposal: string): Promise<readonly Omit<ReviewRow, "mayEdit">[]> {
  const found = await sql<Omit<ReviewRow, "mayEdit">>`
    SELECT json_build_object('id', p.id, 'name', p.name) AS person, r.verdict, r.said, r.binding, r.at
    FROM review r JOIN person p ON p.id = r.person_id WHERE r.proposal_id = ${proposal} ORDER BY r.at`.execute(db)
  return found.rows
}
