/** What was proposed for a template, and how it stands: gates, checks, reviews, findings. */
import { z } from "zod"
import { PersonLink, PlainJson, Sha256, Time, Ulid } from "#api/contract/shapes.ts"
import { CALLER, Owner, RunAs } from "#api/contract/templates.ts"

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

const Shown = z
  .object({
    is: z.enum(["again", "otherwise", "unclear"]),
    said: z.string(),
    compared: z.int().meta({ description: "how many cells show something that could be compared" }),
    cells: z
      .array(z.object({ cell: z.string(), number: z.int(), is: z.string(), why: z.string() }))
      .meta({ description: "those that did not show it again" }),
  })
  .meta({ description: "whether a fresh rerun showed what the version holds: it informs, and blocks nothing" })

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
      files: z
        .array(z.object({ parameter: z.string(), name: z.string(), sha256: Sha256 }))
        .meta({ description: "what parameters that are files were given" }),
      expects: PlainJson,
      mocks: z.array(z.string()).meta({ description: "cells that gave way to others" }),
      weaknesses: z.array(z.string()).meta({ description: "a sentence for each part of it that cannot fail" }),
      run: Ulid.nullable(),
      verdict: z.enum(["pending", "passed", "failed"]),
      said: z.string(),
      environment: Sha256.nullable(),
      shown: Shown.nullable(),
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
  approvals: z
    .object({ needed: z.int(), isUsual: z.boolean().meta({ description: "no policy says how many" }), by: z.array(PersonLink) })
    .meta({ description: "how many it takes, whosever beside its author, and who gave one" }),
  codeOwners: z
    .array(
      Owner.extend({
        is: z
          .enum(["approved", "proposed", "waiting", "nobody"])
          .meta({ description: "proposed: they made it themselves, and so have looked at it; nobody: nobody is there who could approve for them" }),
        by: z.array(PersonLink).meta({ description: "who approved for them" }),
        isYou: z.boolean().meta({ description: "your approval would be theirs" }),
      }),
    )
    .meta({ description: "whose approval it takes beside the number" }),
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
