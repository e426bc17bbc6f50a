import { type RawBuilder, sql } from "kysely"
import type { JsonObject } from "#base/json.ts"
import { accepted, type Outcome } from "#base/outcome.ts"
import type { Expects, Mock } from "#case/index.ts"
import type { Db } from "#database/index.ts"
import type { ToldWriting } from "#notebook/index.ts"
import { type Actor, type NotebookId, type SpaceId, verdict } from "#people/index.ts"
import { refuse, type TemplateRefusal } from "#template/refusal.ts"

/** Somebody asked; there was a new version; the environment had changed. */
export type Because = "asked" | "version" | "environment"

export type TestRunRow = {
  readonly id: string
  readonly space: SpaceId
  readonly notebook: NotebookId
  readonly version: number
  readonly because: Because
  /** The template for whose sake it was tested. */
  readonly template: string | null
  /** What the version's environment had become, where it was tested because of that. */
  readonly environment: string | null
  /** What its runs ask for; "": whatever the notebook runs in. */
  readonly environmentAsked: string
  readonly askedBy: { readonly id: string; readonly name: string }
  readonly createdAt: number
  readonly codeHidden: boolean
  /** The cells that change something outside to which nobody had said yes when it was to begin; null: it never had to wait. */
  readonly waitsFor: readonly ToldWriting[] | null
  readonly answer: "yes" | "left" | null
  /** Null with an answer: a newer one took its place. */
  readonly answeredBy: { readonly id: string; readonly name: string } | null
}

export type TestRunCase = {
  readonly place: number
  readonly name: string
  readonly parameters: JsonObject
  readonly expects: Expects
  readonly mocks: readonly Mock[]
  readonly run: string | null
  /** `left`: it never runs. */
  readonly verdict: "pending" | "passed" | "failed" | "left"
  readonly said: string
  /** In which its run went. */
  readonly environment: string | null
  /** Of its run, as far as it got. */
  readonly startedAt: number | null
  readonly endedAt: number | null
}

/** Of `test_run t`, `notebook n`; the newest first. */
export async function testRunsWhere(db: Db, where: RawBuilder<unknown>, limit = 1): Promise<readonly TestRunRow[]> {
  const found = await sql<TestRunRow>`
    SELECT t.id, n.space_id AS space, t.notebook_id AS notebook, t.version, t.because, t.template_id AS template, t.environment,
      t.environment_asked AS "environmentAsked", json_build_object('id', p.id, 'name', p.name) AS "askedBy",
      t.created_at AS "createdAt", n.code_hidden AS "codeHidden", t.waits_for AS "waitsFor", t.answer,
      CASE WHEN a.id IS NOT NULL THEN json_build_object('id', a.id, 'name', a.name) END AS "answeredBy"
    FROM test_run t JOIN notebook n ON n.id = t.notebook_id JOIN person p ON p.id = t.asked_by LEFT JOIN person a ON a.id = t.answered_by
    WHERE ${where} ORDER BY t.id DESC LIMIT ${limit}`.execute(db)
  return found.rows
}

export async function casesOf(db: Db, testRun: string): Promise<readonly TestRunCase[]> {
  const found = await sql<TestRunCase>`
    SELECT c.place, c.name, c.parameters, c.expects, c.mocks, c.run_id AS run, c.verdict, c.said,
      r.environment_sha256 AS environment, r.started_at AS "startedAt", r.ended_at AS "endedAt"
    FROM test_run_case c LEFT JOIN run r ON r.id = c.run_id WHERE c.test_run_id = ${testRun} ORDER BY c.place`.execute(db)
  return found.rows
}

/** One of a notebook whose code the actor may see. */
export async function testRunFor(db: Db, actor: Actor, id: string): Promise<Outcome<TestRunRow, TemplateRefusal>> {
  const [found] = /^[0-9A-Z]{26}$/u.test(id) ? await testRunsWhere(db, sql`t.id = ${id}`) : []
  const gone = refuse("no_such_test", `There is no test run ${JSON.stringify(id.slice(0, 60))}, or you may not see it.`)
  if (!found) return gone
  const action = found.codeHidden ? "read_hidden_code" : "read"
  return (await verdict(db, actor, action, { space: found.space, notebook: found.notebook })) === "allowed" ? accepted(found) : gone
}
