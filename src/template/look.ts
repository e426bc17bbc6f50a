/** How a proposal stands: what its runs came to, what was found in its source, who approved. */
import { sql } from "kysely"
import type { Json } from "#base/json.ts"
import { accepted, type Outcome } from "#base/outcome.ts"
import { shortcomings } from "#case/index.ts"
import { resolveVersion, versionBytes } from "#library/index.ts"
import { analystFor, type Finding, type Notebook, read } from "#notebook/index.ts"
import { type Actor, SYSTEM } from "#people/index.ts"
import { type Before, type Gate, gatesOf } from "#template/gates.ts"
import type { TemplateWorld } from "#template/ports.ts"
import type { TemplateRefusal } from "#template/refusal.ts"
import { checksOf, otherEditors, type ProposalRow, proposalFor, reviewsOf, type StoredCheck } from "#template/sql/proposal-row.ts"
import { getRun, isTerminal, outputsOf, resultOf } from "#work/index.ts"

export type ProposalView = {
  readonly proposal: ProposalRow
  readonly checks: readonly StoredCheck[]
  readonly reviews: Before["reviews"]
  readonly findings: readonly Finding[]
  readonly gates: readonly Gate[]
  readonly before: Before
}

export async function lookAtProposal(world: TemplateWorld, actor: Actor, id: string): Promise<Outcome<ProposalView, TemplateRefusal>> {
  const found = await proposalFor(world.db, actor, id, "read")
  return found.ok ? accepted(await viewOf(world, found.value)) : found
}

export async function viewOf(world: TemplateWorld, proposal: ProposalRow): Promise<ProposalView> {
  await judgeEnded(world, proposal.id)
  const [checks, reviews, findings, others] = await Promise.all([
    checksOf(world.db, proposal.id),
    reviewsOf(world.db, proposal.id),
    findingsOf(world, proposal),
    otherEditors(world.db, { space: proposal.space, notebook: proposal.notebook, but: proposal.author.id }),
  ])
  const secrets = findings.filter(({ rule, certainty }) => rule === "secret" && certainty === "verified").map(({ why }) => why)
  const { binding, author, template } = proposal
  const before: Before = { checks, reviews, binding, author: author.id, approvals: template.approvals, otherEditors: others, secrets }
  return { proposal, checks, reviews, findings, gates: gatesOf(before), before }
}

async function findingsOf(world: TemplateWorld, { notebook, version }: ProposalRow): Promise<readonly Finding[]> {
  const found = await resolveVersion(world.library, SYSTEM, "read", { notebook, version })
  const reading = found.ok ? read(await versionBytes(world.library, found.value)) : undefined
  if (!reading?.ok) return []
  return (await analystFor(reading.value.notebook)).readiness(reading.value.notebook).findings
}

/** What ended since it was looked at last. Two who look at once write the same. */
async function judgeEnded(world: TemplateWorld, proposal: string): Promise<void> {
  for (const check of await checksOf(world.db, proposal)) {
    if (check.verdict !== "pending" || check.run === null) continue
    const run = await getRun(world, SYSTEM, check.run)
    if (!run.ok || !isTerminal(run.value.state)) continue
    const { state, explanation, error, environment } = run.value
    const came = await resultIn(world, check.run)
    const short = shortcomings(check.expects, { state, explanation, error, result: came.notebook, named: came.named })
    const verdict = short.length === 0 ? "passed" : "failed"
    await sql`
      UPDATE proposal_check SET verdict = ${verdict}, said = ${short.join(" ")}, environment = ${environment}, result_sha256 = ${came.sha256 ?? null}
      WHERE proposal_id = ${proposal} AND place = ${check.place} AND verdict = 'pending'`.execute(world.db)
  }
}

type Came = { readonly notebook: Notebook | undefined; readonly sha256: string | undefined; readonly named: { readonly [name: string]: Json } }

async function resultIn(world: TemplateWorld, run: string): Promise<Came> {
  const [result, outputs] = await Promise.all([resultOf(world, SYSTEM, { id: run }), outputsOf(world, SYSTEM, { id: run })])
  const named = outputs.ok ? outputs.value.outputs : {}
  if (!result.ok) return { notebook: undefined, sha256: undefined, named }
  const reading = read(await world.library.blobs.get(result.value.sha256))
  return { notebook: reading.ok ? reading.value.notebook : undefined, sha256: result.value.sha256, named }
}
