/** How a template is used: by whom, how often, how long it takes, and what its proof showed. */
import { sql } from "kysely"
import type { JsonObject } from "#base/json.ts"
import { accepted, type Outcome } from "#base/outcome.ts"
import { resolveVersion } from "#library/index.ts"
import type { Actor } from "#people/index.ts"
import type { TemplateWorld } from "#template/ports.ts"
import type { TemplateRefusal } from "#template/refusal.ts"
import { FILES_OF_CHECK, type StoredCheck } from "#template/sql/proposal-row.ts"
import type { TemplateRow } from "#template/sql/template-row.ts"
import { getTemplate } from "#template/sql/templates.ts"

const DAY_MS = 86_400_000
/** As far back as callers and failures are counted. */
const DAYS = 30

export type Caller = {
  readonly id: string
  readonly name: string
  /** How they ask: in a browser, by a token, from a scheduler (with its kind), as an agent. */
  readonly by: "person" | "token" | "schedule" | "orchestrator" | "test" | "agent"
  readonly scheduler: string
  readonly runs: number
  readonly failures: number
  readonly lastAt: number
}

/** One run that proved it, as its documentation shows it. */
export type Proof = {
  readonly kind: "rerun" | "test"
  readonly name: string
  readonly parameters: JsonObject
  readonly files: StoredCheck["files"]
  readonly run: string | null
  readonly verdict: string
  readonly said: string
  readonly environment: string | null
}

export type Usage = {
  /** Of all time; the others within thirty days. */
  readonly runs: number
  readonly runsMonth: number
  readonly failuresMonth: number
  readonly lastAt: number | null
  readonly lastState: string | null
  /** Of the last hundred that succeeded: the middle one, and the one that five in a hundred take longer than. Milliseconds. */
  readonly typicalMs: number | null
  readonly slowMs: number | null
  readonly callers: readonly Caller[]
  readonly proofs: readonly Proof[]
  /** What its documentation shows: of the last good tests of what its name stands for, else of what proved it; null: nothing good is left. */
  readonly example: Example | null
}

export type Example = Pick<Proof, "kind" | "name" | "parameters" | "files"> & { readonly run: string }

export async function usageOf(world: TemplateWorld, actor: Actor, ref: string): Promise<Outcome<Usage, TemplateRefusal>> {
  const found = await getTemplate(world, actor, ref)
  if (!found.ok) return found
  const since = new Date(world.clock.now() - DAYS * DAY_MS)
  const [last, all, proofs, tested] = await Promise.all([
    lastOf(world, found.value),
    callersOf(world, found.value, since),
    proofsOf(world, found.value),
    lastGoodTest(world, found.value),
  ])
  const summed = (of: "all" | "runs" | "failures") => all.reduce((sum, caller) => sum + caller[of], 0)
  const callers = all.filter(({ runs }) => runs > 0).map(({ all: _, ...caller }) => caller)
  const { notebook } = found.value
  const seesCode = !notebook.codeHidden || (await resolveVersion(world.library, actor, "read_code", { notebook: notebook.id, evenTrashed: true })).ok
  return accepted({
    ...last,
    runs: summed("all"),
    runsMonth: summed("runs"),
    failuresMonth: summed("failures"),
    callers: callers.slice(0, MOST_CALLERS),
    // What a check says may quote what a cell printed or raised.
    example: tested ?? exampleAmong(proofs),
    proofs: seesCode ? proofs : proofs.map((proof) => ({ ...proof, said: "" })),
  })
}

type World = Pick<TemplateWorld, "db">
type Last = Pick<Usage, "lastAt" | "lastState" | "typicalMs" | "slowMs">

async function lastOf({ db }: World, { id }: TemplateRow): Promise<Last> {
  const found = await sql<Last>`
    SELECT l.created_at AS "lastAt", l.state AS "lastState", d.typical AS "typicalMs", d.slow AS "slowMs"
    FROM (SELECT percentile_disc(0.5) WITHIN GROUP (ORDER BY ms) AS typical, percentile_disc(0.95) WITHIN GROUP (ORDER BY ms) AS slow
        FROM (SELECT (extract(epoch FROM ended_at - started_at) * 1000)::int AS ms FROM run
          WHERE template_id = ${id} AND state = 'succeeded' AND started_at IS NOT NULL ORDER BY id DESC LIMIT 100) took) d
      LEFT JOIN LATERAL (SELECT created_at, state FROM run WHERE template_id = ${id} ORDER BY id DESC LIMIT 1) l ON true`.execute(db)
  return found.rows[0] ?? { lastAt: null, lastState: null, typicalMs: null, slowMs: null }
}

const MOST_CALLERS = 30

/** Of `run`: how it was asked for, as `by` and `scheduler`. */
export const CALLED_BY = sql`CASE WHEN labels->>'stet/client' = 'mcp' THEN 'agent' ELSE trigger END AS by, coalesce(orchestrator->>'kind', '') AS scheduler`

/** One look at each run: two would take twice as long, and there may be many. `all`: of all time. */
async function callersOf({ db }: World, { id }: TemplateRow, since: Date): Promise<readonly (Caller & { readonly all: number })[]> {
  const found = await sql<Caller & { all: number }>`
    SELECT p.id, p.name, c.by, c.scheduler, c.all, c.runs, c.failures, c."lastAt" FROM (
      SELECT ordered_by, ${CALLED_BY},
        count(*)::int AS all, count(*) FILTER (WHERE created_at > ${since})::int AS runs,
        count(*) FILTER (WHERE created_at > ${since} AND state IN ('failed', 'lost'))::int AS failures, max(created_at) AS "lastAt"
      FROM run WHERE template_id = ${id} GROUP BY 1, 2, 3) c JOIN person p ON p.id = c.ordered_by
    ORDER BY c.runs DESC, p.name`.execute(db)
  return found.rows
}

/** What its name stands for was proved by these. */
async function proofsOf({ db }: World, { id, latest }: TemplateRow): Promise<readonly Proof[]> {
  const found = await sql<Proof>`
    SELECT c.kind, c.name, c.parameters, c.run_id AS run, c.verdict, c.said, c.environment,
      ${FILES_OF_CHECK} AS files FROM proposal_check c
      JOIN promotion m ON m.proposal_id = c.proposal_id WHERE m.template_id = ${id} AND m.number = ${latest} ORDER BY c.place`.execute(db)
  return found.rows
}

/** Newer than its promotion, of its version, in full: where one test case failed, the others are no example. One that is to fail shows nothing. */
async function lastGoodTest({ db }: World, { id, notebook, version, profile, promotedAt }: TemplateRow): Promise<Example | undefined> {
  const found = await sql<Example>`
    SELECT 'test' AS kind, c.name, c.parameters, c.run_id AS run, ${FILES_OF_CHECK} AS files FROM (
      SELECT t.id FROM test_run t WHERE t.notebook_id = ${notebook.id} AND t.version = ${version} AND t.created_at > ${new Date(promotedAt ?? 0)}
        AND (t.template_id = ${id} OR (t.template_id IS NULL AND ${profile.environment ?? ""} = ''))
        AND NOT EXISTS (SELECT FROM test_run_case f WHERE f.test_run_id = t.id AND f.verdict <> 'passed')
        AND EXISTS (SELECT FROM test_run_case g JOIN run s ON s.id = g.run_id WHERE g.test_run_id = t.id AND ${SHOWS("g", "s")})
      ORDER BY t.id DESC LIMIT 1) last
    JOIN test_run_case c ON c.test_run_id = last.id JOIN run r ON r.id = c.run_id WHERE ${SHOWS("c", "r")} ORDER BY c.place DESC LIMIT 1`.execute(db)
  return found.rows[0]
}

/** Of a test case and its run: it succeeded, was to, and what it showed is still there. */
const SHOWS = (test: string, run: string) =>
  sql`${sql.ref(test)}.expects->>'outcome' = 'succeeds' AND ${sql.ref(run)}.state = 'succeeded' AND ${sql.ref(run)}.result_sha256 IS NOT NULL`

/** The last test case that passed; the fresh rerun where there is none. */
function exampleAmong(proofs: readonly Proof[]): Example | null {
  const good = proofs.flatMap(({ verdict, run, ...proof }) => (verdict === "passed" && run !== null ? [{ ...proof, run }] : []))
  const one = good.findLast(({ kind }) => kind === "test") ?? good[0]
  return one ? { kind: one.kind, name: one.name, parameters: one.parameters, files: one.files, run: one.run } : null
}
