/** Versions whose test cases run again when their environment has changed, and what is known of each. */
import { sql } from "kysely"
import type { Db } from "#database/index.ts"
import type { Meaning, SpaceDefault, Wish } from "#environment/index.ts"
import type { NotebookId, PersonId, SpaceId } from "#people/index.ts"

export type Watched = {
  readonly notebook: NotebookId
  readonly space: SpaceId
  readonly version: number
  /** The template that stands for this version; null: it is the newest of a notebook whose versions are tested. */
  readonly template: string | null
  /** In whose name: the owner of the template, or whoever stands nearest to it and has not left. */
  readonly by: PersonId
  readonly byName: string
  /** What the template's profile says in place of the notebook; "": nothing. */
  readonly profile: string
  /** Null: its bytes were not read yet. */
  readonly wish: Wish | null
  readonly spaceDefault: SpaceDefault | null
  /** In which it was tested last, or proven; null: never. */
  readonly tested: string | null
  /** Every one because of which it was tested. */
  readonly seen: readonly string[]
  /** The newest of its test runs; "": none. */
  readonly newest: string
  readonly isPending: boolean
}

/** Of test_run r: the environment because of which it began, or in which it ran. */
export const RAN_IN = sql`coalesce(r.environment, (SELECT u.environment_sha256 FROM test_run_case c JOIN run u ON u.id = c.run_id
  WHERE c.test_run_id = r.id AND u.environment_sha256 IS NOT NULL ORDER BY c.place LIMIT 1))`

/** Those whose environment may be another one now; the notebooks in the trash are not among them. */
export async function watchedVersions(db: Db): Promise<readonly Watched[]> {
  const found = await sql<Watched>`
    WITH promoted AS (
      SELECT t.id AS template, t.notebook_id, m.version, coalesce(t.profile->>'environment', '') AS profile, m.proposal_id,
        (SELECT p.id FROM person p WHERE p.id IN (t.owner_id, q.author_id, m.by_id) AND p.disabled_at IS NULL
          ORDER BY p.id <> t.owner_id, p.id <> q.author_id LIMIT 1) AS by
      FROM template t JOIN promotion m ON m.template_id = t.id AND m.number = t.latest JOIN proposal q ON q.id = m.proposal_id
      WHERE EXISTS (SELECT FROM proposal_check c WHERE c.proposal_id = m.proposal_id AND c.kind = 'test')
    ), watched AS (
      SELECT o.template, o.notebook_id, o.version, o.profile, o.by,
        (SELECT c.environment FROM proposal_check c WHERE c.proposal_id = o.proposal_id AND c.environment IS NOT NULL ORDER BY c.place LIMIT 1) AS proven
      FROM promoted o JOIN notebook n ON n.id = o.notebook_id WHERE n.tests_versions IS DISTINCT FROM false
      UNION ALL
      SELECT NULL, n.id, n.latest, '', (SELECT p.id FROM person p WHERE p.id IN (v.author_id, n.owner_id) AND p.disabled_at IS NULL
        ORDER BY p.id <> v.author_id LIMIT 1), NULL
      FROM notebook n JOIN version v ON v.notebook_id = n.id AND v.number = n.latest
      WHERE n.id IN (SELECT c.notebook_id FROM test_case c)
        AND coalesce(n.tests_versions, EXISTS (SELECT FROM template t WHERE t.notebook_id = n.id AND t.latest > 0))
        AND NOT EXISTS (SELECT FROM promoted o WHERE o.notebook_id = n.id AND o.version = n.latest)
    )
    SELECT w.notebook_id AS notebook, n.space_id AS space, w.version, w.template, w.by, p.name AS "byName", w.profile,
      CASE WHEN e.want IS NOT NULL THEN json_build_object('want', e.want, 'name', e.name, 'language', e.language) END AS wish,
      CASE WHEN d.sha256 IS NOT NULL THEN json_build_object('sha256', d.sha256, 'language', coalesce(d.what->'kernel'->>'language', ''), 'kind', d.kind) END
        AS "spaceDefault",
      coalesce(last.sha256, w.proven) AS tested, coalesce(last.id, '') AS newest, coalesce(last.pending, false) AS "isPending",
      ARRAY(SELECT DISTINCT r.environment::text FROM test_run r WHERE r.notebook_id = w.notebook_id AND r.version = w.version
        AND r.environment IS NOT NULL AND r.template_id IS NOT DISTINCT FROM w.template) AS seen
    FROM watched w JOIN notebook n ON n.id = w.notebook_id JOIN space s ON s.id = n.space_id JOIN person p ON p.id = w.by
      LEFT JOIN version_environment e ON e.notebook_id = w.notebook_id AND e.version = w.version
      LEFT JOIN environment d ON d.sha256 = s.default_environment
      LEFT JOIN LATERAL (
        SELECT r.id, ${RAN_IN} AS sha256, (r.waits_for IS NULL OR r.answer IS NOT NULL)
          AND EXISTS (SELECT FROM test_run_case c WHERE c.test_run_id = r.id AND c.verdict = 'pending') AS pending
        FROM test_run r WHERE r.notebook_id = w.notebook_id AND r.version = w.version
          AND (r.template_id IS NOT DISTINCT FROM w.template OR (r.template_id IS NULL AND w.profile = ''))
        ORDER BY r.id DESC LIMIT 1) last ON true
    WHERE n.trashed_at IS NULL AND s.trashed_at IS NULL ORDER BY w.notebook_id, w.template`.execute(db)
  return found.rows
}

/** How many test runs because of an environment have not ended, without those that wait for somebody. */
export async function countUnended(db: Db): Promise<number> {
  const found = await sql<{ count: number }>`
    SELECT count(*)::int AS count FROM test_run t WHERE t.because = 'environment' AND t.told_at IS NULL
      AND (t.waits_for IS NULL OR t.answer IS NOT NULL)`.execute(db)
  return found.rows[0]?.count ?? 0
}

/** What is asked for, so that it runs in exactly that: a captured one is whatever its kernel is. */
export function askedFor({ profile }: Pick<Watched, "profile">, { sha256, kind }: Pick<Meaning, "sha256" | "kind">): string {
  return kind === "locked" ? `sha256:${sha256}` : profile
}
