/** What ran: runs, their events, logs and results; environments; workers. The launch contract that every scheduler needs. */
import { z } from "zod"
import { SpaceLink } from "#api/contract/library.ts"
import { Labels, line, NotebookRef, PersonLink, PlainJson, Sha256, Time, typedTexts, Ulid } from "#api/contract/shapes.ts"

export const RunState = z.enum(["queued", "running", "succeeded", "failed", "cancelled", "lost"]).meta({ id: "RunState" })
export const Trigger = z.enum(["person", "token", "schedule", "orchestrator", "test"])

/** Ids and links of the scheduler that a run belongs to: kept, shown, never followed. */
const Orchestrator = z
  .strictObject({
    kind: line(60).meta({ description: "airflow, dagster, prefect, argo, cron, …" }),
    id: line(500).optional(),
    name: line(500).optional(),
    uri: z.string().max(2000).optional(),
    definitionId: line(500).optional(),
    definitionUri: z.string().max(2000).optional(),
    instanceId: line(500).optional(),
    instanceUri: z.string().max(2000).optional(),
    taskId: line(500).optional(),
    attempt: z.int().min(0).max(1_000_000).optional(),
    attemptUri: z.string().max(2000).optional(),
    triggeredBy: line(500).optional(),
  })
  .meta({ id: "Orchestrator" })

const LineageJob = z.strictObject({ namespace: line(1000), name: line(1000) })
const LineageRun = z.strictObject({ run: z.strictObject({ runId: line(200) }), job: LineageJob })
const OpenLineage = z.strictObject({ parent: LineageRun.optional(), root: LineageRun.optional() }).meta({ id: "OpenLineage" })

const Retry = z
  .strictObject({
    maxAttempts: z.int().min(1).max(20).default(1),
    backoffSeconds: z.number().min(0).max(86_400).default(10).meta({ description: "before the second attempt" }),
    backoffFactor: z.number().min(1).max(10).default(2).meta({ description: "each later wait is longer by this" }),
    maxBackoffSeconds: z.number().min(0).max(86_400).default(600),
  })
  .meta({ id: "Retry" })

/** Values as JSON; numbers keep their spelling, so 1.0 stays a float and a long integer keeps its digits. */
const Parameters = z.record(z.string().max(200), z.unknown())

export const Launch = z
  .strictObject({
    notebook: NotebookRef,
    version: z
      .union([
        z.int().min(1).max(2_147_483_647),
        z.string().regex(/^(latest|[1-9][0-9]{0,9}|sha256:[0-9a-f]{64})$/, "A version is a number, latest, or sha256: and a digest."),
      ])
      .default("latest"),
    parameters: Parameters.default({}),
    parameterTexts: typedTexts(),
    labels: Labels.default({}),
    environment: line(200).optional().meta({ description: "name or digest; default: the notebook's own, then the space's" }),
    priority: z.int().min(-100).max(100).default(0),
    timeoutSeconds: z.number().min(0).max(2_000_000).optional(),
    cellTimeoutSeconds: z.number().min(0).max(2_000_000).optional(),
    retry: Retry.optional(),
    keepaliveSeconds: z.int().min(5).max(86_400).optional().meta({ description: "the run is cancelled when its caller is not heard for this long" }),
    keepKernelSeconds: z
      .int()
      .min(0)
      .max(86_400)
      .optional()
      .meta({ description: "when a cell raises, the kernel is kept for so long, for somebody to take it over; the worker may keep it less long" }),
    onExisting: z.enum(["attach", "new-attempt", "reject"]).default("attach").meta({
      description: "what the same Idempotency-Key does: give the run (a failed one too), open the next attempt of one that failed, or refuse",
    }),
    orchestrator: Orchestrator.optional(),
    openlineage: OpenLineage.optional(),
  })
  .meta({ id: "Launch" })

const CellError = z.object({ ename: z.string(), evalue: z.string(), traceback: z.array(z.string()) })

/** A link with which anybody reads a result. */
export const PublicResult = z
  .object({
    id: Ulid,
    attempt: z.int(),
    withCode: z.boolean().meta({ description: "whether the code is shown, where the notebook does not hide it anyway" }),
    madeBy: PersonLink,
    madeAt: Time,
  })
  .meta({ id: "PublicResult" })

export const Run = z
  .object({
    id: Ulid,
    url: z.string().meta({ description: "for people" }),
    space: SpaceLink,
    notebook: z.object({ id: Ulid, path: z.string(), title: z.string() }),
    version: z.int(),
    versionSha256: Sha256,
    parameters: PlainJson.meta({ description: "secrets left out" }),
    secretNames: z.array(z.string()),
    files: z
      .array(z.object({ parameter: z.string(), place: z.int(), name: z.string(), sha256: Sha256, sizeBytes: z.int(), url: z.string() }))
      .meta({ description: "what parameters that are files were given; place: which of a list, from 0" }),
    labels: z.record(z.string(), z.string()),
    orchestrator: PlainJson,
    openlineage: PlainJson,
    trigger: Trigger,
    mocks: z.array(z.string()).meta({ description: "cells that gave way to others, because it is a run of a test" }),
    orderedBy: PersonLink,
    ranAs: PersonLink.meta({ description: "in whose name it goes: who ordered it, or whoever a template runs as" }),
    priority: z.int(),
    state: RunState,
    reason: z.string(),
    explanation: z.string(),
    cancelAsked: z.boolean(),
    attempt: z.int(),
    createdAt: Time,
    notBefore: Time.nullable(),
    startedAt: Time.nullable(),
    endedAt: Time.nullable(),
    environment: Sha256.nullable(),
    progress: z.object({ done: z.int(), total: z.int(), current: z.int().nullable() }),
    failedCell: z.int().nullable(),
    error: CellError.nullable(),
    message: z
      .string()
      .meta({ description: "what the author says to whoever ran it, where it did not succeed; empty when nothing was meant for them" }),
    result: z.object({ sha256: Sha256, sizeBytes: z.int() }).nullable(),
    keepaliveSeconds: z.number().nullable(),
    keptKernel: z
      .object({
        is: z.enum(["kept", "attached", "expired", "died", "let_go", "not_kept", "worker_stopped", "worker_gone"]),
        until: Time,
      })
      .nullable()
      .meta({ description: "the kernel that the run left when it failed" }),
    seq: z.int().meta({ description: "of its newest event" }),
    codeHidden: z
      .boolean()
      .meta({ description: "the notebook hides its code from the asker: errors are left out, the result is a report, there is no log" }),
    logBytes: z.int(),
  })
  .meta({ id: "Run" })

const CellRun = z.object({
  index: z.int(),
  id: z.string(),
  state: z.string(),
  startedAt: Time.nullable(),
  endedAt: Time.nullable(),
  executionCount: z.int().nullable(),
  error: CellError.nullish(),
})

export const Attempt = z
  .object({
    number: z.int(),
    state: RunState,
    reason: z.string(),
    explanation: z.string(),
    worker: Ulid.nullable(),
    host: z.string(),
    startedAt: Time.nullable(),
    endedAt: Time.nullable(),
    environment: Sha256.nullable(),
    cells: z.array(CellRun),
    failedCell: z.int().nullable(),
    error: CellError.nullable(),
    result: z.object({ sha256: Sha256, sizeBytes: z.int() }).nullable(),
  })
  .meta({ id: "Attempt" })

export const Artifact = z
  .object({ path: z.string(), attempt: z.int(), sha256: Sha256, sizeBytes: z.int(), mediaType: z.string(), url: z.string() })
  .meta({ id: "Artifact" })

export const Log = z
  .object({
    text: z.string(),
    offset: z.int(),
    nextOffset: z.int(),
    eof: z.boolean().meta({ description: "the run has ended and this was the last of it" }),
  })
  .meta({ id: "Log" })

export const Outputs = z
  .object({ outputs: z.record(z.string(), PlainJson).meta({ description: "named values of up to 64 KB" }), artifacts: z.array(Artifact) })
  .meta({ id: "Outputs" })

export const Environment = z
  .object({
    sha256: Sha256,
    name: z.string(),
    kind: z.enum(["locked", "captured"]),
    what: PlainJson,
    requirements: z.array(z.string()),
    createdAt: Time,
    lastUsedAt: Time.nullable(),
  })
  .meta({ id: "Environment" })

export const Kernel = z
  .object({ name: z.string(), displayName: z.string(), language: z.string() })
  .meta({ id: "Kernel", description: "an installed kernelspec: what a new notebook can be written for" })

export const Worker = z
  .object({
    id: Ulid,
    host: z.string(),
    isolation: z.string(),
    slots: z.int(),
    startedAt: Time,
    seenAt: Time,
    draining: z.boolean(),
    running: z.int(),
    facts: PlainJson,
  })
  .meta({ id: "Worker" })

export const Health = z
  .object({
    ok: z.boolean(),
    version: z.string(),
    checks: z.array(z.object({ name: z.string(), state: z.enum(["ok", "warning", "failed"]), message: z.string(), remedy: z.string() })),
  })
  .meta({ id: "Health" })
