/** In which environments what a template's name stands for was proven, ran, would run now, and what its test cases came to there. */
import { sql } from "kysely"
import { meanings, type SpaceDefault } from "#environment/index.ts"
import { currentOf } from "#template/environment-due.ts"
import type { TemplateWorld } from "#template/ports.ts"
import type { TemplateRow } from "#template/sql/template-row.ts"
import { RAN_IN } from "#template/sql/watched.ts"
import { knownWish } from "#template/wish.ts"

/** `since`: the first test run of those that came to the same there, one after the other, up to the newest. Milliseconds since 1970. */
export type TestedIn = { readonly environment: string; readonly state: "waiting" | "pending" | "passed" | "failed"; readonly since: number }

export type TemplateEnvironments = {
  readonly proven: string | null
  /** In which a run by its name went last. */
  readonly last: string | null
  /** Null where it is only known once something runs. */
  readonly now: string | null
  readonly tested: TestedIn | null
  /** What those were called. */
  readonly names: Readonly<Record<string, string>>
}

type Found = Pick<TemplateEnvironments, "proven" | "last"> & { readonly hasTests: boolean; readonly spaceDefault: SpaceDefault | null }

export async function environmentsOf(world: TemplateWorld, template: TemplateRow): Promise<TemplateEnvironments> {
  const { latest, notebook, version, profile, promotedAt } = template
  if (version === null) return { proven: null, last: null, now: null, tested: null, names: {} }
  const [found, outcomes, known, wish] = await Promise.all([
    factsOf(world, template),
    outcomesOf(world, template),
    meanings(world.db),
    knownWish(world, { notebook: notebook.id, version }),
  ])
  const { proven, last, hasTests, spaceDefault } = found
  const now = currentOf({ profile: profile.environment ?? "", wish, spaceDefault }, known)?.sha256 ?? null
  // Nobody tested it since: then it is what it was promoted with.
  const promoted: TestedIn | null =
    latest > 0 && hasTests && proven !== null && promotedAt !== null ? { environment: proven, state: "passed", since: promotedAt } : null
  const tested = standing(outcomes) ?? promoted
  const names = await namesOf(world, [proven, last, now, tested?.environment ?? null])
  return { proven, last, now, tested, names }
}

/** The newest first. Pure. */
export function standing(outcomes: readonly TestedIn[]): TestedIn | undefined {
  const [newest] = outcomes
  if (!newest) return undefined
  const other = outcomes.findIndex(({ environment, state }) => environment !== newest.environment || state !== newest.state)
  return outcomes[(other === -1 ? outcomes.length : other) - 1]
}

async function factsOf({ db }: TemplateWorld, { id, latest, notebook, version, space }: TemplateRow): Promise<Found> {
  const found = await sql<Found>`
    SELECT (SELECT c.environment FROM promotion m JOIN proposal_check c ON c.proposal_id = m.proposal_id AND c.kind = 'rerun'
      WHERE m.template_id = ${id} AND m.number = ${latest}) AS proven,
      EXISTS (SELECT FROM promotion m JOIN proposal_check c ON c.proposal_id = m.proposal_id AND c.kind = 'test'
        WHERE m.template_id = ${id} AND m.number = ${latest}) AS "hasTests",
      (SELECT r.environment_sha256 FROM run r WHERE r.notebook_id = ${notebook.id} AND r.template_id = ${id} AND r.version = ${version}
        AND r.environment_sha256 IS NOT NULL ORDER BY r.id DESC LIMIT 1) AS last,
      (SELECT json_build_object('sha256', e.sha256, 'language', coalesce(e.what->'kernel'->>'language', ''), 'kind', e.kind)
        FROM space s JOIN environment e ON e.sha256 = s.default_environment WHERE s.id = ${space.id}) AS "spaceDefault"`.execute(db)
  return found.rows[0] ?? { proven: null, last: null, hasTests: false, spaceDefault: null }
}

const LOOKED_BACK = 50

/** Of the version that its name stands for; those of the notebook's own environment do not count where the profile names another. */
async function outcomesOf({ db }: TemplateWorld, { id, notebook, version, profile, promotedAt }: TemplateRow): Promise<readonly TestedIn[]> {
  const found = await sql<TestedIn>`
    SELECT ${RAN_IN} AS environment, r.created_at AS since,
      CASE WHEN r.waits_for IS NOT NULL AND r.answer IS NULL THEN 'waiting' ELSE (SELECT CASE WHEN bool_or(c.verdict = 'pending') THEN 'pending' WHEN bool_or(c.verdict = 'failed') THEN 'failed' ELSE 'passed' END
        FROM test_run_case c WHERE c.test_run_id = r.id) END AS state
    FROM test_run r WHERE r.notebook_id = ${notebook.id} AND r.version = ${version} AND r.answer IS DISTINCT FROM 'left' AND r.created_at > ${new Date(promotedAt ?? 0)}
      AND (r.template_id = ${id} OR (r.template_id IS NULL AND ${profile.environment ?? ""} = ''))
    ORDER BY r.id DESC LIMIT ${LOOKED_BACK}`.execute(db)
  return found.rows.filter(({ environment }) => environment !== null)
}

async function namesOf({ db }: TemplateWorld, digests: readonly (string | null)[]): Promise<Readonly<Record<string, string>>> {
  const found = await sql<{ sha256: string; name: string }>`
    SELECT sha256, name FROM environment WHERE sha256 = ANY (${digests.filter((one) => one !== null)}::text[])`.execute(db)
  return Object.fromEntries(found.rows.map(({ sha256, name }) => [sha256, name]))
}
