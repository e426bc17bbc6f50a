/** Proposals: asked for, looked at, decided. */
import type { z } from "zod"
import type { PROPOSAL_ROUTES } from "#api/contract/proposal-routes.ts"
import type { Proposal, ProposalDetail } from "#api/contract/proposals.ts"
import { isoOrNull } from "#api/handlers/people-views.ts"
import { worldOf } from "#api/handlers/template-world.ts"
import { type Api, type Handlers, passed, sendValue } from "#api/serve/handler.ts"
import { toIso } from "#base/time.ts"
import { findingId, mayDismiss } from "#notebook/index.ts"
import type { Actor } from "#people/index.ts"
import {
  approvalsStand,
  consentToProposal,
  dismissFinding,
  listProposals,
  lookAtProposal,
  ownerStand,
  type ProposalRow,
  type Propose,
  promote,
  propose,
  reviewProposal,
  type SeenProposal,
  weaknessesOf,
  withdrawProposal,
} from "#template/index.ts"

export const PROPOSALS: Handlers<keyof typeof PROPOSAL_ROUTES> = {
  propose: async ({ api, actor, params, body }) =>
    passed(await propose(worldOf(api), actor, { ...params, ...body } as Propose), (row) => ({
      kind: "json",
      status: 201,
      value: proposalOf(row),
      headers: { location: `/api/v1/proposals/${row.id}` },
    })),
  listProposals: async ({ api, actor, query }) => {
    const { cursor, ...rest } = query
    const found = await listProposals(worldOf(api), actor, { ...rest, before: cursor })
    return sendValue<"listProposals">(200, { items: found.map(proposalOf), next: found.length === query.limit ? (found.at(-1)?.id ?? null) : null })
  },
  getProposal: async ({ api, actor, params }) => shown(api, actor, params.proposal),
  reviewProposal: async ({ api, actor, params, body }) => {
    const { verdict, text, binding } = body
    const said = await reviewProposal(worldOf(api), actor, { proposal: params.proposal, verdict, said: text, binding })
    return said.ok ? shown(api, actor, params.proposal) : said
  },
  dismissFinding: async ({ api, actor, params, body }) => {
    const done = await dismissFinding(worldOf(api), actor, { ...params, said: body.text.trim() })
    return done.ok ? shown(api, actor, params.proposal) : done
  },
  takeUpFinding: async ({ api, actor, params }) => {
    const done = await dismissFinding(worldOf(api), actor, { ...params, said: undefined })
    return done.ok ? shown(api, actor, params.proposal) : done
  },
  withdrawProposal: async ({ api, actor, params }) => {
    const done = await withdrawProposal(worldOf(api), actor, params.proposal)
    return done.ok ? shown(api, actor, params.proposal) : done
  },
  promote: async ({ api, actor, params }) => {
    const done = await promote(worldOf(api), actor, params.proposal)
    if (!done.ok && done.refusal.refused === "gates_closed")
      return { ok: false, refusal: { refused: "gates_closed", message: done.refusal.message, facts: { gates: done.refusal.gates } } }
    return passed(done, (value) => ({ kind: "json", status: 200, value }))
  },
  consentToProposal: async ({ api, actor, params, body }) => {
    const given = await consentToProposal(worldOf(api), actor, { ...params, ...body })
    return given.ok ? shown(api, actor, params.proposal) : given
  },
}

async function shown(api: Api, actor: Actor, id: string) {
  return passed(await lookAtProposal(worldOf(api), actor, id), (view) => ({
    kind: "json" as const,
    status: 200 as const,
    value: detailOf({ ...view, asker: actor.id }),
  }))
}

function proposalOf({ space: _, runAsId: __, template, ...row }: ProposalRow): z.output<typeof Proposal> {
  const { id, name, approvals, latest, approved, approvedRun, approvedEnvironment } = template
  return {
    ...row,
    template: { id, name, approvals, latest, approved, approvedRun, approvedEnvironment },
    createdAt: toIso(row.createdAt),
    closedAt: isoOrNull(row.closedAt),
  }
}

function detailOf({
  proposal,
  gates,
  checks,
  reviews,
  findings,
  before,
  breaks,
  mayEdit,
  mayConsent,
  asker,
}: SeenProposal & { readonly asker: string }): z.output<typeof ProposalDetail> {
  const { codeOwners, inTheNameOf } = before
  const approvals = approvalsStand(before)
  return {
    ...proposalOf(proposal),
    gates: [...gates],
    checks: checks.map(({ kind, name, parameters, files, expects, mocks, run, verdict, said, environment, shown }) => ({
      kind,
      name,
      parameters,
      files: [...files],
      expects,
      mocks: mocks.map(({ cell }) => cell),
      weaknesses: weaknessesOf({ kind, expects, mocks }),
      run,
      verdict,
      said,
      environment,
      shown: shown && { ...shown, cells: shown.cells.map((cell) => ({ ...cell })) },
    })),
    runsAs: inTheNameOf
      ? {
          person: { id: inTheNameOf.person.id, name: inTheNameOf.person.name },
          agreed: gates.some(({ gate, state }) => gate === "consent" && state === "passed"),
        }
      : null,
    approvals: { ...approvals, by: [...approvals.by] },
    codeOwners: codeOwners.map((owner) => {
      const { kind, id, name, of, people } = owner
      const { is, by } = ownerStand(owner, before)
      return { kind, id, name, of, is, by: [...by], isYou: people.includes(asker) && asker !== before.author && asker !== before.behind }
    }),
    mayEdit,
    breaks: breaks.map(({ id, name, at, problems, ...broken }) => ({ ...broken, person: { id, name }, at: toIso(at), problems: [...problems] })),
    mayConsent,
    reviews: reviews.map(({ person, verdict, said, binding, at, mayEdit: counts }) => ({
      person,
      verdict,
      said,
      isOfThis: binding === proposal.binding,
      counts,
      at: toIso(at),
    })),
    findings: findings.map((finding) => ({
      id: findingId(finding),
      rule: finding.rule,
      kind: finding.kind,
      cell: finding.cell,
      line: finding.line,
      why: finding.why,
      blocks: !mayDismiss(finding),
      letStand: finding.letStand && { ...finding.letStand, at: isoOrNull(finding.letStand.at) },
    })),
  }
}
