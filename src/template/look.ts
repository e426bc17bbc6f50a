/** How a proposal stands: what its runs came to, what was found in its source, who approved. */
import { sql } from "kysely"
import { type JsonObject, write } from "#base/json.ts"
import { accepted, type Outcome } from "#base/outcome.ts"
import type { Db } from "#database/index.ts"
import { resolveVersion, versionBytes } from "#library/index.ts"
import { analystFor, type Finding, read } from "#notebook/index.ts"
import { type Actor, can, consentTo, editorsOf, namedPerson, SYSTEM } from "#people/index.ts"
import { type Broken, brokenBy } from "#template/breaks.ts"
import { circumstancesOf } from "#template/circumstances.ts"
import { type Before, type Gate, gatesOf } from "#template/gates.ts"
import { judge } from "#template/judge.ts"
import type { TemplateWorld } from "#template/ports.ts"
import type { TemplateRefusal } from "#template/refusal.ts"
import { secretsIn } from "#template/secrets.ts"
import { codeOwnersOf } from "#template/sql/code-owners.ts"
import { type WeighedFinding, weighed } from "#template/sql/dismissals.ts"
import { checksOf, type ProposalRow, proposalFor, reviewsOf, type StoredCheck } from "#template/sql/proposal-row.ts"

/** What the database says of a proposal at one moment. */
export type Stand = Omit<Before, "checks"> & { readonly checks: readonly StoredCheck[] }

export type ProposalView = {
  readonly proposal: ProposalRow
  readonly checks: readonly StoredCheck[]
  readonly reviews: Before["reviews"]
  readonly findings: readonly WeighedFinding[]
  readonly gates: readonly Gate[]
  readonly before: Stand
}

/** `mayEdit`: whether the asker may decide anything about it. `mayConsent`: whether it waits for their word that it runs in that name. */
export type SeenProposal = ProposalView & {
  /** Those who ran the template lately with what it would not take any more. */
  readonly breaks: readonly Broken[]
  readonly mayEdit: boolean
  readonly mayConsent: boolean
}

export async function lookAtProposal(world: TemplateWorld, actor: Actor, id: string): Promise<Outcome<SeenProposal, TemplateRefusal>> {
  const found = await proposalFor(world.db, actor, id, "read")
  if (!found.ok) return found
  const { space, notebook } = found.value
  const [view, breaks, mayEdit] = await Promise.all([
    viewOf(world, found.value),
    brokenBy(world, found.value),
    can(world.db, actor, "edit", { space, notebook }),
  ])
  const named = view.before.inTheNameOf?.person
  return accepted({ ...view, breaks, mayEdit, mayConsent: named !== undefined && actor.id === (named.kind === "service" ? named.owner : named.id) })
}

export async function viewOf(world: TemplateWorld, proposal: ProposalRow): Promise<ProposalView> {
  await judgeEnded(world, proposal)
  const findings = await findingsOf(world, proposal)
  const [before, told] = await Promise.all([standOf(world.db, proposal, findings), weighed(world.db, proposal.id, findings)])
  return { proposal, checks: before.checks, reviews: before.reviews, findings: told, gates: gatesOf(before), before }
}

/** Read again, under lock, by whoever decides: what was looked at may have changed since. */
export async function standOf(
  db: Db,
  { id, space, notebook, binding, author, template, runAsId }: ProposalRow,
  findings: readonly Finding[],
): Promise<Stand> {
  const [checks, reviews, editors, owners, person, proposer] = [
    await checksOf(db, id),
    await reviewsOf(db, id),
    await editorsOf(db, { space, notebook }),
    await codeOwnersOf(db, { template: template.id, space }),
    runAsId === null ? undefined : await namedPerson(db, runAsId),
    await namedPerson(db, author.id),
  ]
  const may = new Set<string>(editors.filter(({ kind }) => kind === "person").map((one) => one.id))
  const consent = person && (await consentTo(db, { thing: `template/${template.id}`, binding, person: person.id }))
  return {
    checks,
    reviews: reviews.map((review) => ({ ...review, mayEdit: may.has(review.person.id) })),
    binding,
    author: author.id,
    behind: proposer?.owner ?? null,
    approvals: template.approvals,
    otherEditors: editors.filter(({ id: one, kind, isGranted }) => isGranted && kind === "person" && one !== author.id && one !== proposer?.owner)
      .length,
    codeOwners: owners.map(({ members, ...owner }) => ({ ...owner, people: members.filter((one) => may.has(one)) })),
    inTheNameOf: person && { person, consent },
    secrets: secretsIn(findings, checks),
  }
}

export async function findingsOf(world: TemplateWorld, { id, notebook, version }: ProposalRow): Promise<readonly Finding[]> {
  const found = await resolveVersion(world.library, SYSTEM, "read", { notebook, version, evenTrashed: true })
  if (!found.ok) return []
  const reading = read(await versionBytes(world.library, found.value))
  if (!reading.ok) return []
  const circumstances = await circumstancesOf(world, { proposal: id, version: found.value, notebook: reading.value.notebook })
  return (await analystFor(reading.value.notebook)).readiness(reading.value.notebook, circumstances).findings
}

/** What ended since it was looked at last. Two who look at once write the same. */
async function judgeEnded(world: TemplateWorld, { id, notebook, version }: ProposalRow): Promise<void> {
  for (const { kind, verdict, run, place, name, expects } of await checksOf(world.db, id)) {
    if (verdict !== "pending" || run === null) continue
    const judged = await judge(world, { run, name, expects, notebook, version, isRerun: kind === "rerun" })
    if (judged)
      await sql`
        UPDATE proposal_check SET verdict = ${judged.verdict}, said = ${judged.said}, environment = ${judged.environment},
          result_sha256 = ${judged.resultSha256}, shown = ${judged.shown && write(judged.shown as unknown as JsonObject)}::json
        WHERE proposal_id = ${id} AND place = ${place} AND verdict = 'pending'`.execute(world.db)
  }
}
