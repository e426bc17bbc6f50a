/** Routes of templates: finding, deciding about, running one by name, and the evidence of why it might be. */
import { z } from "zod"
import { EMPTY, json, route } from "#api/contract/route.ts"
import { Launch, Run } from "#api/contract/runs.ts"
import { Cursor, limit, line, listOf, PlainJson, prose, Sha256, SpaceRef, Time, Ulid } from "#api/contract/shapes.ts"
import { Evidence, Owner, Owners, Profile, Promotion, Rotations, Template, TemplateName, Usage } from "#api/contract/templates.ts"

const tag = "Templates"
const template = z.strictObject({ template: TemplateName })

export const TEMPLATE_ROUTES = {
  listTemplates: route({
    method: "GET",
    path: "/api/v1/templates",
    tag,
    summary: "Templates",
    auth: "person",
    query: z.strictObject({
      q: line(200).optional(),
      notebook: Ulid.optional(),
      may: z.enum(["read", "run"]).default("read").meta({ description: "run: only what can be run, and by me" }),
      order: z.enum(["name", "used"]).default("name").meta({ description: "used: by its runs within seven days, as far as the limit" }),
      limit: limit(500, 500),
      cursor: Cursor.optional(),
    }),
    answers: { 200: { what: "By name, or the most used first", content: json(listOf(Template)) } },
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
                  .object({ environment: Sha256, state: z.enum(["waiting", "pending", "passed", "failed"]), since: Time })
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
    problems: [409],
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
