/** Routes of proposals: from the proposal of a version to its promotion. */
import { z } from "zod"
import { Proposal, ProposalDetail } from "#api/contract/proposals.ts"
import { json, route } from "#api/contract/route.ts"
import { Cursor, givenValues, limit, line, listOf, NotebookRef, prose, Sha256, Ulid } from "#api/contract/shapes.ts"
import { TemplateName } from "#api/contract/templates.ts"

const tag = "Templates"
const proposal = z.strictObject({ proposal: Ulid })
const notebook = z.strictObject({ notebook: NotebookRef })
const FindingId = line(200).meta({ description: "its id, percent-encoded as one segment" })
const oneProposal = (what: string) => ({ 200: { what, content: json(ProposalDetail) } })

export const PROPOSAL_ROUTES = {
  propose: route({
    method: "POST",
    path: "/api/v1/notebooks/{notebook}/proposals",
    tag,
    summary: "Propose a version for a template, which is made if there is none of the name; its fresh rerun and its tests begin at once",
    auth: "edit",
    params: notebook,
    body: json(
      z.strictObject({
        template: TemplateName,
        version: z.int().min(1).max(2_147_483_647).optional(),
        message: prose(10_000).default(""),
        mayWrite: z.boolean().default(false).meta({
          description:
            "cells that change something outside may do so with its fresh rerun and with each test; else they are listed and nothing is proposed",
        }),
        ...givenValues("for its fresh rerun: of parameters for which the notebook has no value of its own, and of no others"),
      }),
    ),
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
} as const
