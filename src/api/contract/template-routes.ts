/** Routes of proposals and templates. */
import { z } from "zod"
import { EMPTY, json, route } from "#api/contract/route.ts"
import { Launch, Run } from "#api/contract/runs.ts"
import { Cursor, limit, line, listOf, NotebookRef, PersonLink, PlainJson, prose, Sha256, SpaceRef, Time, Ulid } from "#api/contract/shapes.ts"

const TemplateName = z.string().max(120).meta({ description: "as finance/weekly-revenue, percent-encoded as one segment" })
const Owner = z.object({ kind: z.enum(["person", "group"]), id: Ulid, name: z.string(), of: z.enum(["template", "space"]) }).meta({ id: "CodeOwner" })
const OwnerSpec = z.union([z.strictObject({ person: Ulid }), z.strictObject({ group: Ulid })])
const Owners = z.array(OwnerSpec).max(20).meta({ description: "whose approval it takes: that of each person, and of one of each group" })

const Profile = z
  .strictObject({
    memoryBytes: z.int().min(67_108_864).max(1_099_511_627_776).optional().meta({ description: "for a kernel, where the machine can bound it" }),
    cpus: z.number().min(0.1).max(256).optional(),
    timeoutSeconds: z.number().min(1).max(2_000_000).optional().meta({ description: "the longest; who asks for less gets less" }),
    cellTimeoutSeconds: z.number().min(1).max(2_000_000).optional(),
    priority: z.int().min(-100).max(100).optional().meta({ description: "the usual, and the highest that one may ask for" }),
    environment: line(200).optional().meta({ description: "name or digest, in place of the notebook's own" }),
  })
  .meta({ id: "Profile", description: "what a template's runs may use" })

const RunAs = z.enum(["invoker", "owner", "service"])

export const Template = z
  .object({
    id: Ulid,
    name: z.string(),
    title: z.string(),
    space: z.object({ id: Ulid, name: z.string() }),
    notebook: z.object({ id: Ulid, path: z.string(), isGone: z.boolean(), codeHidden: z.boolean() }),
    owner: PersonLink.extend({ hasLeft: z.boolean() }),
    approvals: z.int().nullable().meta({ description: "how many a proposal takes; null: one, or none while nobody else may edit" }),
    runAs: RunAs.meta({ description: "in whose name the next proposals are to run: whoever asks, the owner, a service account" }),
    service: PersonLink.nullable(),
    maxRunning: z.int().nullable(),
    profile: Profile,
    latest: z.int().meta({ description: "number of the promotion that the name stands for; 0 before the first" }),
    newest: z.int().meta({ description: "number of the newest promotion: another one when somebody went back" }),
    version: z.int().nullable(),
    runsAs: PersonLink.extend({ hasLeft: z.boolean() })
      .nullable()
      .meta({ description: "in whose name that one runs; null: in that of whoever asks" }),
    parameters: PlainJson.meta({ description: "JSON Schema" }),
    description: z.string().meta({ description: "the prose that this promotion begins with; Markdown" }),
    isReviewed: z.boolean().nullable(),
    promotedAt: Time.nullable(),
    createdAt: Time,
    deprecatedAt: Time.nullable(),
    deprecation: z.string(),
    successor: z.string().nullable(),
    openProposals: z.int(),
  })
  .meta({ id: "Template" })

export const Promotion = z
  .object({
    number: z.int(),
    proposal: Ulid,
    version: z.int(),
    versionSha256: Sha256,
    parameters: PlainJson,
    message: z.string(),
    isReviewed: z.boolean(),
    by: PersonLink,
    at: Time,
    channels: z.array(z.string()),
  })
  .meta({ id: "Promotion" })

/** Who calls a template, and how. */
const CALLER = {
  person: PersonLink,
  by: z.enum(["person", "token", "schedule", "orchestrator", "test", "agent"]),
  scheduler: z.string(),
}

const ProposalHead = z.object({
  id: Ulid,
  template: z.object({
    id: Ulid,
    name: z.string(),
    approvals: z.int().nullable(),
    latest: z.int(),
    approved: z.int().nullable().meta({ description: "the version that the name stands for" }),
    approvedRun: Ulid.nullable().meta({ description: "the run that proved that one afresh" }),
    approvedEnvironment: Sha256.nullable(),
  }),
  notebook: Ulid,
  version: z.int(),
  versionSha256: Sha256,
  binding: Sha256.meta({ description: "of all that an approval is about; a review names it" }),
  parameters: PlainJson,
  message: z.string(),
  author: PersonLink,
  state: z.enum(["open", "promoted", "withdrawn", "replaced"]),
  createdAt: Time,
  closedAt: Time.nullable(),
  runAs: RunAs,
})
export const Proposal = ProposalHead.meta({ id: "Proposal" })

export const ProposalDetail = ProposalHead.extend({
  gates: z.array(
    z.object({
      gate: z.enum(["rerun", "tests", "secrets", "approvals", "consent"]),
      state: z.enum(["passed", "failed", "pending"]),
      said: z.string(),
    }),
  ),
  checks: z.array(
    z.object({
      kind: z.enum(["rerun", "test"]),
      name: z.string(),
      parameters: PlainJson,
      expects: PlainJson,
      mocks: z.array(z.string()).meta({ description: "cells that gave way to others" }),
      run: Ulid.nullable(),
      verdict: z.enum(["pending", "passed", "failed"]),
      said: z.string(),
      environment: Sha256.nullable(),
    }),
  ),
  reviews: z.array(
    z.object({
      person: PersonLink,
      verdict: z.enum(["approve", "request_changes"]),
      said: z.string(),
      isOfThis: z.boolean(),
      counts: z.boolean(),
      at: Time,
    }),
  ),
  runsAs: z
    .object({ person: PersonLink, agreed: z.boolean() })
    .nullable()
    .meta({ description: "in whose name it is to run, if not in that of whoever asks" }),
  codeOwners: z.array(Owner.extend({ answered: z.boolean() })),
  mayEdit: z.boolean().meta({ description: "you may review, withdraw and promote it" }),
  breaks: z.array(z.object({ ...CALLER, run: Ulid, at: Time, runs: z.int(), problems: z.array(z.string()) })).meta({
    description: "who ran the template within thirty days with parameters that this version does not take, by whom and how, and what does not fit",
  }),
  mayConsent: z.boolean().meta({ description: "it is to run in your name, or in that of an account that you answer for" }),
  findings: z.array(
    z.object({
      id: z.string(),
      rule: z.string(),
      kind: z.enum(["breaks", "advice"]),
      cell: z.string(),
      line: z.int(),
      why: z.string(),
      blocks: z.boolean().meta({ description: "a secret that certainly is one: no promotion while it is there" }),
      letStand: z
        .object({ said: z.string(), by: PersonLink.nullable(), at: Time.nullable() })
        .nullable()
        .meta({ description: "why it was let stand; by nobody: the notebook itself says so" }),
    }),
  ),
}).meta({ id: "ProposalDetail" })

const Rotations = z
  .array(z.object({ from: z.string(), to: z.string(), at: z.string(), signatures: z.object({ from: z.string(), to: z.string() }) }))
  .meta({ description: "how keys followed one another, each time signed by both; with empty signatures where the old one is not to be trusted" })

const Evidence = z
  .object({
    evidence: z.string().meta({ description: "the very text that was signed: canonical JSON" }),
    signature: z.string().meta({ description: 'Ed25519 over "stet evidence", a line end, and the text; base64' }),
    publicKey: z.string().meta({ description: "SPKI, base64" }),
    keyId: z.string(),
    rotations: Rotations,
  })
  .meta({ id: "Evidence" })

const Usage = z
  .object({
    runs: z.int(),
    runsMonth: z.int().meta({ description: "within thirty days" }),
    failuresMonth: z.int(),
    lastAt: Time.nullable(),
    lastState: z.string().nullable(),
    typicalSeconds: z.number().nullable().meta({ description: "of the last hundred that succeeded, the middle one" }),
    slowSeconds: z.number().nullable().meta({ description: "what five in a hundred of them take longer than" }),
    callers: z.array(
      z.object({
        ...CALLER,
        runs: z.int(),
        failures: z.int(),
        lastAt: Time,
      }),
    ),
    proofs: z
      .array(
        z.object({
          kind: z.enum(["rerun", "test"]),
          name: z.string(),
          parameters: PlainJson,
          run: Ulid.nullable(),
          verdict: z.string(),
          said: z.string(),
          environment: Sha256.nullable(),
        }),
      )
      .meta({ description: "the runs with which what its name stands for was proved" }),
  })
  .meta({ id: "TemplateUsage" })

const tag = "Templates"
const template = z.strictObject({ template: TemplateName })
const proposal = z.strictObject({ proposal: Ulid })
const notebook = z.strictObject({ notebook: NotebookRef })
const FindingId = line(200).meta({ description: "its id, percent-encoded as one segment" })
const oneProposal = (what: string) => ({ 200: { what, content: json(ProposalDetail) } })

export const TEMPLATE_ROUTES = {
  propose: route({
    method: "POST",
    path: "/api/v1/notebooks/{notebook}/proposals",
    tag,
    summary: "Propose a version for a template, which is made if there is none of the name; its fresh rerun and its tests begin at once",
    auth: "edit",
    params: notebook,
    body: json(z.strictObject({ template: TemplateName, version: z.int().min(1).max(2_147_483_647).optional(), message: prose(10_000).default("") })),
    answers: { 201: { what: "The proposal", content: json(Proposal) } },
    problems: [409, 422],
  }),
  listProposals: route({
    method: "GET",
    path: "/api/v1/proposals",
    tag,
    summary: "Proposals for what I may edit",
    auth: "person",
    query: z.strictObject({
      state: z.enum(["open", "promoted", "withdrawn", "replaced"]).optional(),
      template: TemplateName.optional(),
      limit: limit(200, 50),
      cursor: Cursor.optional(),
    }),
    answers: { 200: { what: "Newest first", content: json(listOf(Proposal)) } },
  }),
  getProposal: route({
    method: "GET",
    path: "/api/v1/proposals/{proposal}",
    tag,
    summary: "How a proposal stands: gates, runs, reviews, findings",
    auth: "read",
    params: proposal,
    answers: oneProposal("The proposal"),
  }),
  reviewProposal: route({
    method: "POST",
    path: "/api/v1/proposals/{proposal}/reviews",
    tag,
    summary: "Approve, or ask for changes; one's last word counts, and nobody approves what they proposed themselves",
    auth: "edit",
    params: proposal,
    body: json(z.strictObject({ verdict: z.enum(["approve", "request_changes"]), text: prose(10_000).default(""), binding: Sha256 })),
    answers: oneProposal("As it stands now"),
    problems: [409],
    repeatable: true,
  }),
  dismissFinding: route({
    method: "PUT",
    path: "/api/v1/proposals/{proposal}/dismissals/{finding}",
    tag,
    summary: "Let a finding stand, with a reason that stays in the evidence; what blocks a promotion cannot be",
    auth: "edit",
    params: proposal.extend({ finding: FindingId }),
    body: json(z.strictObject({ text: prose(2000).refine((text) => text.trim() !== "", "say why") })),
    answers: oneProposal("As it stands now"),
    problems: [409],
    repeatable: true,
  }),
  takeUpFinding: route({
    method: "DELETE",
    path: "/api/v1/proposals/{proposal}/dismissals/{finding}",
    tag,
    summary: "Take a finding up again",
    auth: "edit",
    params: proposal.extend({ finding: FindingId }),
    answers: oneProposal("As it stands now"),
    problems: [409],
  }),
  withdrawProposal: route({
    method: "POST",
    path: "/api/v1/proposals/{proposal}/withdraw",
    tag,
    summary: "Take a proposal back",
    auth: "edit",
    params: proposal,
    answers: oneProposal("As it stands now"),
    problems: [409],
  }),
  promote: route({
    method: "POST",
    path: "/api/v1/proposals/{proposal}/promote",
    tag,
    summary: "Promote it: possible when all gates have passed, for nobody before",
    auth: "edit",
    params: proposal,
    answers: { 200: { what: "The number of the promotion", content: json(z.object({ number: z.int() })) } },
    problems: [409],
  }),
  listTemplates: route({
    method: "GET",
    path: "/api/v1/templates",
    tag,
    summary: "Templates",
    auth: "person",
    query: z.strictObject({ q: line(200).optional(), notebook: Ulid.optional(), limit: limit(500, 500), cursor: Cursor.optional() }),
    answers: { 200: { what: "By name", content: json(listOf(Template)) } },
  }),
  getTemplate: route({
    method: "GET",
    path: "/api/v1/templates/{template}",
    tag,
    summary: "One template",
    auth: "read",
    params: template,
    answers: {
      200: {
        what: "The template",
        content: json(
          Template.extend({
            codeOwners: z.array(Owner),
            mayEdit: z.boolean(),
            mayAdminister: z.boolean().meta({ description: "you may change its policy" }),
            mayRevoke: z.boolean().meta({ description: "it runs in a name for which you may take the consent back" }),
            environments: z
              .object({
                proven: Sha256.nullable(),
                last: Sha256.nullable().meta({ description: "in which it ran last" }),
                now: Sha256.nullable().meta({ description: "in which it would run now; null where only a run tells" }),
                tested: z
                  .object({ environment: Sha256, state: z.enum(["pending", "passed", "failed"]), since: Time })
                  .nullable()
                  .meta({ description: "what its test cases came to last, where, and since when" }),
                names: z.record(z.string(), z.string()).meta({ description: "what those environments are called" }),
              })
              .meta({ description: "in which it was proven, ran, would run, and what its test cases came to" }),
            standsInTheWay: z.string().meta({ description: "why it cannot be run at this moment, though it was promoted; empty when it can" }),
          }),
        ),
      },
    },
  }),
  getTemplateUsage: route({
    method: "GET",
    path: "/api/v1/templates/{template}/usage",
    tag,
    summary: "How a template is used, by whom, how long it takes, and what proved it",
    auth: "read",
    params: template,
    answers: { 200: { what: "Usage", content: json(Usage) } },
  }),
  getTemplateOpenApi: route({
    method: "GET",
    path: "/api/v1/templates/{template}/openapi.json",
    tag,
    summary: "OpenAPI of this template alone: to run it, with its own parameters, and to read what came of it; @channel or @version as when running",
    auth: "read",
    params: template,
    answers: { 200: { what: "An OpenAPI 3.1 document", content: json(PlainJson) } },
    problems: [409],
  }),
  decideTemplate: route({
    method: "PATCH",
    path: "/api/v1/templates/{template}",
    tag,
    summary:
      "Decide its policy (for admins of its space): approvals, code owners, in whose name it runs, what it may use; or that another one should be used",
    auth: "edit",
    params: template,
    body: json(
      z.strictObject({
        approvals: z.int().min(0).max(20).nullable().optional(),
        codeOwners: Owners.optional(),
        runAs: z
          .union([z.strictObject({ kind: z.enum(["invoker", "owner"]) }), z.strictObject({ kind: z.literal("service"), service: Ulid })])
          .optional(),
        profile: Profile.optional(),
        maxRunning: z.int().min(1).max(10_000).nullable().optional(),
        deprecation: prose(2000).nullable().optional(),
        successor: TemplateName.nullable().optional(),
      }),
    ),
    answers: { 200: { what: "As it is now", content: json(Template) } },
    problems: [422],
    repeatable: true,
  }),
  handOverTemplate: route({
    method: "PUT",
    path: "/api/v1/templates/{template}/owner",
    tag,
    summary: "Hand it over to somebody who may edit it: by an admin of its space, or its owner. What ran in the old owner's name does so no more",
    auth: "administer",
    params: template,
    body: json(z.strictObject({ person: Ulid })),
    answers: { 200: { what: "As it is now", content: json(Template) } },
    repeatable: true,
  }),
  consentToProposal: route({
    method: "POST",
    path: "/api/v1/proposals/{proposal}/consent",
    tag,
    summary: "Agree that it runs in your name, or in that of a service account that you answer for: to exactly what you looked at",
    auth: "session",
    params: proposal,
    body: json(z.strictObject({ binding: Sha256 })),
    answers: oneProposal("As it stands now"),
    problems: [409],
    repeatable: true,
  }),
  revokeConsent: route({
    method: "DELETE",
    path: "/api/v1/templates/{template}/consent",
    tag,
    summary: "Agree no more, to anything of this template; an admin of its space ends everybody's consent. Runs in that name are refused from now on",
    auth: "read",
    params: template,
    answers: { 200: { what: "As it is now", content: json(Template) } },
    problems: [409],
  }),
  listCodeOwners: route({
    method: "GET",
    path: "/api/v1/spaces/{space}/code-owners",
    tag,
    summary: "Whose approval every template of a space takes",
    auth: "read",
    params: z.strictObject({ space: SpaceRef }),
    answers: { 200: { what: "By name", content: json(listOf(Owner)) } },
  }),
  setCodeOwners: route({
    method: "PUT",
    path: "/api/v1/spaces/{space}/code-owners",
    tag,
    summary: "Say whose approval every template of a space takes",
    auth: "administer",
    params: z.strictObject({ space: SpaceRef }),
    body: json(z.strictObject({ codeOwners: Owners })),
    answers: { 200: { what: "As they are now", content: json(listOf(Owner)) } },
    problems: [422],
    repeatable: true,
  }),
  listPromotions: route({
    method: "GET",
    path: "/api/v1/templates/{template}/promotions",
    tag,
    summary: "What was promoted, newest first: its change log",
    auth: "read",
    params: template,
    answers: { 200: { what: "Promotions", content: json(listOf(Promotion)) } },
  }),
  getEvidence: route({
    method: "GET",
    path: "/api/v1/templates/{template}/promotions/{number}/evidence",
    tag,
    summary: "The signed record of why it might be promoted; `stet verify` checks it without this server",
    auth: "read",
    params: template.extend({ number: z.coerce.number().int().min(1).max(2_147_483_647) }),
    answers: { 200: { what: "Evidence", content: json(Evidence) } },
  }),
  pointChannel: route({
    method: "PUT",
    path: "/api/v1/templates/{template}/channels/{channel}",
    tag,
    summary: "Let a name stand for a promotion, also for an earlier one; latest-approved too, until the next promotion",
    auth: "edit",
    params: template.extend({ channel: z.string().max(40) }),
    body: json(z.strictObject({ number: z.int().min(1).max(2_147_483_647) })),
    answers: { 204: { what: "It stands for that one", content: EMPTY } },
    problems: [422],
    repeatable: true,
  }),
  runTemplate: route({
    method: "POST",
    path: "/api/v1/templates/{template}/runs",
    tag,
    summary: "Run by name, with @channel or @version for another than the newest; otherwise as a launch of a notebook",
    auth: "run",
    params: template,
    headers: z.object({ "idempotency-key": z.string().max(255).optional() }),
    body: json(Launch.omit({ notebook: true, version: true })),
    answers: { 201: { what: "Ordered", content: json(Run) }, 200: { what: "The run of this key", content: json(Run) } },
    problems: [409, 422],
  }),
  getSigningKey: route({
    method: "GET",
    path: "/api/v1/signing-key",
    tag,
    summary: "The key that evidence is signed with, and its fingerprint: note it where the evidence is not kept",
    auth: "person",
    answers: {
      200: { what: "The key", content: json(z.object({ keyId: z.string(), fingerprint: Sha256, publicKey: z.string(), rotations: Rotations })) },
    },
  }),
} as const
