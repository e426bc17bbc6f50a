/** Whether an ended run came to what its test case expects. */
import { sql } from "kysely"
import { isFault } from "#base/fault.ts"
import type { Json } from "#base/json.ts"
import { type Expects, shortcomings } from "#case/index.ts"
import { resolveVersion, versionBytes } from "#library/index.ts"
import { type Notebook, read } from "#notebook/index.ts"
import { SYSTEM } from "#people/index.ts"
import type { TemplateWorld } from "#template/ports.ts"
import { getRun, isTerminal, outputsOf, resultOf } from "#work/index.ts"

export type Judging = {
  readonly run: string
  /** Of the test case, as long as it has one. */
  readonly name: string
  readonly expects: Expects
  readonly notebook: string
  readonly version: number
}

export type Judgement = {
  readonly verdict: "passed" | "failed"
  readonly said: string
  readonly environment: string | null
  readonly resultSha256: string | null
}

/** Undefined while it goes on. */
export async function judge(world: TemplateWorld, judging: Judging): Promise<Judgement | undefined> {
  const run = await getRun(world, SYSTEM, judging.run)
  if (!run.ok || !isTerminal(run.value.state)) return undefined
  const { state, explanation, error, environment } = run.value
  const { sha256, notebook: result, named } = await resultIn(world, judging.run)
  const hasSnapshot = judging.expects.checks.some(({ check }) => check === "snapshot")
  const before = hasSnapshot ? await earlier(world, judging) : undefined
  const short = shortcomings(judging.expects, { state, explanation, error, result, named, before })
  return { verdict: short.length === 0 ? "passed" : "failed", said: short.join(" "), environment, resultSha256: sha256 ?? null }
}

type Came = { readonly notebook: Notebook | undefined; readonly sha256: string | undefined; readonly named: { readonly [name: string]: Json } }

async function resultIn(world: TemplateWorld, run: string): Promise<Came> {
  const [result, outputs] = await Promise.all([resultOf(world, SYSTEM, { id: run }), outputsOf(world, SYSTEM, { id: run })])
  const named = outputs.ok ? outputs.value.outputs : {}
  if (!result.ok) return { notebook: undefined, sha256: undefined, named }
  return { notebook: await notebookIn(world, result.value.sha256), sha256: result.value.sha256, named }
}

async function notebookIn(world: TemplateWorld, sha256: string): Promise<Notebook | undefined> {
  const reading = read(await world.library.blobs.get(sha256))
  return reading.ok ? reading.value.notebook : undefined
}

/**
 * What snapshots are compared with: what the same test showed when the notebook was promoted last, else when an earlier version passed
 * it, else what the version itself shows, as it was saved. Results are let go with time; then the next best is taken.
 */
async function earlier(world: TemplateWorld, { name, notebook, version }: Judging): Promise<Notebook | undefined> {
  const found = await sql<{ sha256: string }>`
    (SELECT c.result_sha256 AS sha256 FROM promotion m JOIN proposal_check c ON c.proposal_id = m.proposal_id AND c.kind = 'test'
      WHERE m.notebook_id = ${notebook} AND c.name = ${name} AND c.result_sha256 IS NOT NULL ORDER BY m.at DESC LIMIT 1)
    UNION ALL
    (SELECT c.result_sha256 FROM test_run t JOIN test_run_case c ON c.test_run_id = t.id
      WHERE t.notebook_id = ${notebook} AND t.version < ${version} AND c.name = ${name} AND c.verdict = 'passed' AND c.result_sha256 IS NOT NULL
      ORDER BY t.version DESC, t.id DESC LIMIT 1)`.execute(world.db)
  for (const { sha256 } of found.rows) {
    const kept = await notebookIn(world, sha256).catch((error: unknown) => {
      if (isFault(error)) return undefined
      throw error
    })
    if (kept) return kept
  }
  const saved = await resolveVersion(world.library, SYSTEM, "read", { notebook, version })
  const reading = saved.ok ? read(await versionBytes(world.library, saved.value)) : undefined
  return reading?.ok ? reading.value.notebook : undefined
}
