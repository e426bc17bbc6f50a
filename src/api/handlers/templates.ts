/** Proposals, templates. */
import type { z } from "zod"
import type { Promotion, Proposal, ProposalDetail, TEMPLATE_ROUTES, Template } from "#api/contract/template-routes.ts"
import { badCursor } from "#api/handlers/cursor.ts"
import { nothing } from "#api/handlers/nothing.ts"
import { isoOrNull } from "#api/handlers/people-views.ts"
import { runOf } from "#api/handlers/run-views.ts"
import { given } from "#api/handlers/spaces.ts"
import type { AnyRefusal } from "#api/problem.ts"
import { headerOf } from "#api/serve/context.ts"
import { type Api, type Handlers, passed, sendValue } from "#api/serve/handler.ts"
import { templateOpenApi } from "#api/template-openapi.ts"
import { accepted, type Outcome } from "#base/outcome.ts"
import { toIso } from "#base/time.ts"
import { findingId, mayDismiss } from "#notebook/index.ts"
import { type Actor, can } from "#people/index.ts"
import {
  consentToProposal,
  decideTemplate,
  describe,
  dismissFinding,
  environmentsOf,
  evidenceOf,
  getPromoted,
  getTemplate,
  handOverTemplate,
  isAnswered,
  type LaunchTemplate,
  launchTemplate,
  listProposals,
  listTemplates,
  lookAtProposal,
  mayRevokeConsent,
  type OwnerView,
  type PromotionRow,
  type ProposalRow,
  pointChannel,
  promote,
  promotionsOf,
  propose,
  reviewProposal,
  revokeConsent,
  type SeenProposal,
  setSpaceCodeOwners,
  spaceCodeOwners,
  type TemplateRow,
  type TemplateWorld,
  templateCodeOwners,
  type Usage,
  usageOf,
  whyNotNow,
  withdrawProposal,
} from "#template/index.ts"

export const TEMPLATES: Handlers<keyof typeof TEMPLATE_ROUTES> = {
  propose: async ({ api, actor, params, body }) =>
    passed(await propose(worldOf(api), actor, { ...params, ...body }), (row) => ({
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
  listTemplates: async ({ api, actor, query }) => {
    const { cursor: after, ...rest } = query
    if (after?.includes("\0")) return badCursor()
    const found = await listTemplates(worldOf(api), actor, { ...rest, after })
    const last = found.length === query.limit ? found.at(-1) : undefined
    return sendValue<"listTemplates">(200, { items: found.map(templateOf), next: last?.name ?? null })
  },
  getTemplate: async ({ api, actor, params }) => {
    const found = await getTemplate(worldOf(api), actor, params.template)
    if (!found.ok) return found
    return accepted({ kind: "json", status: 200, value: await wholeOf(api, actor, found.value) })
  },
  getTemplateUsage: async ({ api, actor, params }) =>
    passed(await usageOf(worldOf(api), actor, params.template), (usage) => ({ kind: "json", status: 200, value: usageView(usage) })),
  getTemplateOpenApi: async ({ api, actor, params }) => {
    const found = await getPromoted(worldOf(api), actor, params.template)
    if (!found.ok) return found
    const { row, promotion } = found.value
    const description = await describe(worldOf(api), { notebook: row.notebook, ...promotion })
    const { parameters, version } = promotion
    const document = templateOpenApi({ url: api.url.origin, template: params.template, title: row.title, description, version, parameters })
    return sendValue<"getTemplateOpenApi">(200, document)
  },
  decideTemplate: async ({ api, actor, params, body }) => one(await decideTemplate(worldOf(api), actor, { ...params, ...body })),
  handOverTemplate: async ({ api, actor, params, body }) => one(await handOverTemplate(worldOf(api), actor, { ...params, to: body.person })),
  consentToProposal: async ({ api, actor, params, body }) => {
    const given = await consentToProposal(worldOf(api), actor, { ...params, ...body })
    return given.ok ? shown(api, actor, params.proposal) : given
  },
  revokeConsent: async ({ api, actor, params }) => one(await revokeConsent(worldOf(api), actor, params.template)),
  listCodeOwners: async ({ api, actor, params }) => owners(await spaceCodeOwners(worldOf(api), actor, params.space)),
  setCodeOwners: async ({ api, actor, params, body }) =>
    owners(await setSpaceCodeOwners(worldOf(api), actor, { ...params, owners: body.codeOwners })),
  listPromotions: async ({ api, actor, params }) =>
    passed(await promotionsOf(worldOf(api), actor, params.template), (rows) => ({
      kind: "json",
      status: 200,
      value: { items: rows.map(promotionOf), next: null },
    })),
  getEvidence: async ({ api, actor, params }) =>
    passed(await evidenceOf(worldOf(api), actor, params), (value) => ({
      kind: "json",
      status: 200,
      value: { ...value, rotations: [...(value.rotations ?? [])] },
    })),
  pointChannel: async ({ api, actor, params, body }) => nothing(await pointChannel(worldOf(api), actor, { ...params, ...body })),
  runTemplate: async ({ api, actor, request, params, body }) => {
    // The contract's schema is stricter than Launch in every field; numbers in the parameters kept their spelling.
    const launch = { ...given(body), template: params.template } as LaunchTemplate
    const launched = await launchTemplate(worldOf(api), actor, launch, headerOf(request, "idempotency-key"))
    return passed(launched, ({ run, created }) => ({
      kind: "json",
      status: created ? 201 : 200,
      value: runOf(api, run),
      headers: { location: `/api/v1/runs/${run.id}` },
    }))
  },
  getSigningKey: async ({ api }) => {
    const [{ keyId, fingerprint, publicKey }, rotations] = await Promise.all([api.world.signer.current(), api.world.signer.rotations()])
    return sendValue<"getSigningKey">(200, { keyId, fingerprint, publicKey, rotations: [...rotations] })
  },
}

export function worldOf({ world }: Api): TemplateWorld {
  return { ...world.work, signer: world.signer, sha256: world.sha256 }
}

async function shown(api: Api, actor: Actor, id: string) {
  return passed(await lookAtProposal(worldOf(api), actor, id), (view) => ({ kind: "json" as const, status: 200 as const, value: detailOf(view) }))
}

function one(found: Outcome<TemplateRow, AnyRefusal>) {
  return found.ok ? accepted({ kind: "json" as const, status: 200 as const, value: templateOf(found.value) }) : found
}

function owners(found: Outcome<readonly OwnerView[], AnyRefusal>) {
  return passed(found, (rows) => ({ kind: "json" as const, status: 200 as const, value: { items: [...rows], next: null } }))
}

async function wholeOf(api: Api, actor: Actor, row: TemplateRow) {
  const world = worldOf(api)
  const thing = { space: row.space.id, notebook: row.notebook.id }
  const [description, codeOwners, mayEdit, mayAdminister, mayRevoke, inTheWay, environments] = await Promise.all([
    describe(world, row),
    templateCodeOwners(world, row),
    can(world.db, actor, "edit", thing),
    can(world.db, actor, "administer", { space: row.space.id }),
    mayRevokeConsent(world, actor, row),
    whyNotNow(world, row),
    environmentsOf(world, row),
  ])
  const about = { description, codeOwners, mayEdit, mayAdminister, mayRevoke, standsInTheWay: inTheWay ?? "" }
  // Test cases tell of the code.
  const tested =
    environments.tested && (mayEdit || !row.notebook.codeHidden) ? { ...environments.tested, since: toIso(environments.tested.since) } : null
  return { ...templateOf(row), ...about, environments: { ...environments, tested, names: { ...environments.names } } }
}

function templateOf(row: TemplateRow): z.output<typeof Template> {
  return {
    ...row,
    profile: { ...row.profile },
    description: row.description ?? "",
    promotedAt: isoOrNull(row.promotedAt),
    createdAt: toIso(row.createdAt),
    deprecatedAt: isoOrNull(row.deprecatedAt),
  }
}

function usageView({ typicalMs, slowMs, lastAt, callers, proofs, ...rest }: Usage) {
  return {
    ...rest,
    lastAt: isoOrNull(lastAt),
    typicalSeconds: typicalMs === null ? null : typicalMs / 1000,
    slowSeconds: slowMs === null ? null : slowMs / 1000,
    callers: callers.map(({ id, name, lastAt: at, ...caller }) => ({ ...caller, person: { id, name }, lastAt: toIso(at) })),
    proofs: [...proofs],
  }
}

function promotionOf(row: PromotionRow): z.output<typeof Promotion> {
  return { ...row, at: toIso(row.at), channels: [...row.channels] }
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
}: SeenProposal): z.output<typeof ProposalDetail> {
  const { codeOwners, inTheNameOf } = before
  return {
    ...proposalOf(proposal),
    gates: [...gates],
    checks: checks.map(({ kind, name, parameters, expects, mocks, run, verdict, said, environment }) => ({
      kind,
      name,
      parameters,
      expects,
      mocks: mocks.map(({ cell }) => cell),
      run,
      verdict,
      said,
      environment,
    })),
    runsAs: inTheNameOf
      ? {
          person: { id: inTheNameOf.person.id, name: inTheNameOf.person.name },
          agreed: gates.some(({ gate, state }) => gate === "consent" && state === "passed"),
        }
      : null,
    codeOwners: codeOwners.map(({ kind, id, name, of, people }) => ({
      kind,
      id,
      name,
      of,
      answered: isAnswered({ kind, id, name, of, people }, before),
    })),
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
