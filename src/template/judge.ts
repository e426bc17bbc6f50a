/** Whether an ended run came to what its test case expects. */
import { sql } from "kysely"
import { isFault } from "#base/fault.ts"
import type { Json } from "#base/json.ts"
import { type Expects, shortcomings } from "#case/index.ts"
import { resolveVersion, versionBytes } from "#library/index.ts"
import { type Notebook, type ReproducedCell, read } from "#notebook/index.ts"
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
  /** A fresh rerun: what it showed is held against what is stored. */
  readonly isRerun?: boolean
}

export type Judgement = {
  readonly verdict: "passed" | "failed"
  readonly said: string
  readonly environment: string | null
  readonly resultSha256: string | null
  /** Of a fresh rerun that came to its end. */
  readonly shown: Shown | null
}

/** Whether a fresh rerun showed again what the version holds, as it was saved. It informs, and stands in nobody's way. */
export type Shown = {
  readonly is: "again" | "otherwise" | "unclear"
  /** Why it is not clear; "" when it is. */
  readonly said: string
  /** How many cells show something that could be compared. */
  readonly compared: number
  /** Those that did not show it again, as far as there is room. */
  readonly cells: readonly ReproducedCell[]
}

/** Undefined while it goes on. */
export async function judge(world: TemplateWorld, judging: Judging): Promise<Judgement | undefined> {
  const run = await getRun(world, SYSTEM, judging.run)
  if (!run.ok || !isTerminal(run.value.state)) return undefined
  const { state, explanation, error, environment, startedAt: ranAtMs } = run.value
  const { sha256, notebook: result, named } = await resultIn(world, judging.run)
  const hasSnapshot = judging.expects.checks.some(({ check }) => check === "snapshot")
  const before = hasSnapshot ? await earlier(world, judging) : undefined
  const short = shortcomings(judging.expects, { state, explanation, error, result, named, before })
  const shown = judging.isRerun && state === "succeeded" && sha256 !== undefined ? await shownAgain(world, { ...judging, sha256, ranAtMs }) : null
  return { verdict: short.length === 0 ? "passed" : "failed", said: short.join(" "), environment, resultSha256: sha256 ?? null, shown }
}

const MOST_CELLS = 200

type Showing = Judging & { readonly sha256: string; readonly ranAtMs: number | null }

async function shownAgain(world: TemplateWorld, { notebook, version, sha256, ranAtMs }: Showing): Promise<Shown> {
  const saved = await resolveVersion(world.library, SYSTEM, "read", { notebook, version, evenTrashed: true })
  if (!saved.ok) return unclear(saved.refusal.message)
  const [stored, first] = await Promise.all([versionBytes(world.library, saved.value), world.library.blobs.get(sha256)])
  const came = await world.comparing.reproduced({ stored, first, second: undefined, ranAtMs: ranAtMs ?? undefined })
  if (!came.ok) return unclear(came.refusal)
  const { counts, cells, isReproduced } = came.value
  const compared = cells.length - counts.unknown
  if (compared === 0) return unclear("The version holds no outputs that it could be compared with.")
  const apart = cells.filter(({ is }) => is !== "same" && is !== "same_but_volatile" && is !== "unknown")
  return { is: isReproduced ? "again" : "otherwise", said: "", compared, cells: apart.slice(0, MOST_CELLS) }
}

function unclear(said: string): Shown {
  return { is: "unclear", said, compared: 0, cells: [] }
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
