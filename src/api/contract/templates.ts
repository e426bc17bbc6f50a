/** What a template is: a name that stands for a proven version, with a policy, a history of promotions, and those who call it. */
import { z } from "zod"
import { line, PersonLink, PlainJson, prose, Sha256, Time, Ulid } from "#api/contract/shapes.ts"

export const TemplateName = prose(120).meta({ description: "as finance/weekly-revenue, percent-encoded as one segment" })
export const Owner = z
  .object({ kind: z.enum(["person", "group"]), id: Ulid, name: z.string(), of: z.enum(["template", "space"]) })
  .meta({ id: "CodeOwner" })
const OwnerSpec = z.union([z.strictObject({ person: Ulid }), z.strictObject({ group: Ulid })])
export const Owners = z.array(OwnerSpec).max(20).meta({ description: "whose approval it takes: that of each person, and of one of each group" })

export const Profile = z
  .strictObject({
    memoryBytes: z.int().min(67_108_864).max(1_099_511_627_776).optional().meta({ description: "for a kernel, where the machine can bound it" }),
    cpus: z.number().min(0.1).max(256).optional(),
    timeoutSeconds: z.number().min(1).max(2_000_000).optional().meta({ description: "the longest; who asks for less gets less" }),
    cellTimeoutSeconds: z.number().min(1).max(2_000_000).optional(),
    priority: z.int().min(-100).max(100).optional().meta({ description: "the usual, and the highest that one may ask for" }),
    environment: line(200).optional().meta({ description: "name or digest, in place of the notebook's own" }),
  })
  .meta({ id: "Profile", description: "what a template's runs may use" })

export const RunAs = z.enum(["invoker", "owner", "service"])

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
    author: PersonLink.nullable().meta({ description: "who made this version" }),
    versions: z
      .array(z.object({ number: z.int(), message: z.string(), author: PersonLink.nullable(), createdAt: Time }))
      .meta({ description: "with a message of their own, since the version promoted before up to this one; the newest twenty, newest first" }),
    channels: z.array(z.string()),
  })
  .meta({ id: "Promotion" })

/** Who calls a template, and how. */
export const CALLER = {
  person: PersonLink,
  by: z.enum(["person", "token", "schedule", "orchestrator", "test", "agent"]),
  scheduler: z.string(),
}

export const Rotations = z
  .array(z.object({ from: z.string(), to: z.string(), at: z.string(), signatures: z.object({ from: z.string(), to: z.string() }) }))
  .meta({ description: "how keys followed one another, each time signed by both; with empty signatures where the old one is not to be trusted" })

export const Evidence = z
  .object({
    evidence: z.string().meta({ description: "the very text that was signed: canonical JSON" }),
    signature: z.string().meta({ description: 'Ed25519 over "stet evidence", a line end, and the text; base64' }),
    publicKey: z.string().meta({ description: "SPKI, base64" }),
    keyId: z.string(),
    rotations: Rotations,
  })
  .meta({ id: "Evidence" })

export const Usage = z
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
          files: z.array(z.object({ parameter: z.string(), name: z.string(), sha256: Sha256 })),
          run: Ulid.nullable(),
          verdict: z.string(),
          said: z.string(),
          environment: Sha256.nullable(),
        }),
      )
      .meta({ description: "the runs with which what its name stands for was proved" }),
    example: z
      .object({
        kind: z.enum(["rerun", "test"]),
        name: z.string(),
        parameters: PlainJson,
        files: z.array(z.object({ parameter: z.string(), name: z.string(), sha256: Sha256 })),
        run: Ulid,
      })
      .nullable()
      .meta({ description: "whose outputs its page shows: of the last good test run of what its name stands for, else of what proved it" }),
  })
  .meta({ id: "TemplateUsage" })
