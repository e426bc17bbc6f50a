/** Opening runs and versions live, and the kernels that failed runs leave. */
import { z } from "zod"
import { Notebook, Saved, SpaceLink } from "#api/contract/library.ts"
import { EMPTY, json, route } from "#api/contract/route.ts"
import { Flag, line, NotebookRef, ParameterTexts, ParameterValues, PersonLink, prose, Sha256, Time, Ulid } from "#api/contract/shapes.ts"

const tag = "Live sessions"
const run = z.strictObject({ run: Ulid })
const version = z.strictObject({ notebook: NotebookRef, version: z.coerce.number().int().min(1).max(2_147_483_647) })
const Cell = line(64).meta({
  description: "before which the replay ends: an id, or a place from 1; default: the cell at which the run failed, else all are run",
})
const ofCell = z.strictObject({ cell: Cell.optional() })

const CellRef = z.object({ id: z.string(), index: z.int().meta({ description: "among all cells, from 0" }) })

const KEPT = z.enum(["kept", "attached", "expired", "died", "let_go", "not_kept", "worker_stopped", "worker_gone"])

const KeptKernel = z
  .object({
    is: KEPT,
    until: Time,
    of: PersonLink.meta({ description: "with whose rights the run read what the kernel holds" }),
    people: z.array(z.object({ person: PersonLink, at: Time })).meta({ description: "whom that one lets have it, and since when" }),
    takenOver: z
      .object({ by: PersonLink, at: Time, notebook: z.object({ id: Ulid, title: z.string() }).nullable() })
      .nullable()
      .meta({ description: "who has it now, and in which notebook, where the asker may see that" }),
    mayAttach: z.boolean(),
    mayAllow: z.boolean(),
  })
  .meta({ id: "KeptKernel" })

const LivePlan = z
  .object({
    notebook: z.object({ id: Ulid, version: z.int() }),
    run: Ulid.nullable(),
    until: CellRef.nullable().meta({ description: "the cell before which the replay ends; null: it goes to the end" }),
    replays: z.int().meta({ description: "how many cells are run again" }),
    writes: z
      .array(z.object({ cell: z.string(), index: z.int(), kind: z.enum(["file", "sql", "network", "process", "unknown"]), what: z.string() }))
      .meta({ description: "what of that changes something outside, or may: it takes a yes" }),
    environment: z.object({
      is: z.enum(["open", "ready", "to_build", "gone"]),
      sha256: Sha256.nullable(),
      name: z.string(),
      why: z.string(),
      instead: z
        .object({ name: z.string(), differences: z.array(z.string()) })
        .nullable()
        .meta({ description: "what the notebook asks for itself, where its environment is gone: it takes a yes" }),
      others: z
        .array(z.object({ environment: Sha256, name: z.string(), differences: z.array(z.string()) }))
        .meta({ description: "what else could be taken where it is gone, each with what it differs in" }),
    }),
    secretNames: z.array(z.string()).meta({ description: "to be given again: they were deleted when the run ended" }),
    kernel: z
      .object({
        is: KEPT,
        until: Time,
        mayAttach: z.boolean(),
        people: z.array(PersonLink).meta({ description: "who may take it over beside whoever ordered the run" }),
      })
      .nullable()
      .meta({ description: "the kernel that the run left" }),
  })
  .meta({ id: "LivePlan" })

const yes = { writes: z.boolean().default(false), otherEnvironment: z.boolean().default(false) }
const another = {
  withoutEnvironment: z.boolean().optional().meta({ description: "the run's own could not be built: take another one" }),
  environment: Sha256.optional().meta({ description: "which of the plan's others; left out: what the notebook asks for itself" }),
}

const OpenedLive = z
  .object({
    notebook: Notebook,
    session: Ulid,
    isAttached: z.boolean().meta({ description: "it goes on with the kernel that the run left" }),
    replays: z.int(),
  })
  .meta({ id: "OpenedLive" })

const LiveOrigin = z
  .object({
    run: Ulid.nullable(),
    notebook: z
      .object({ id: Ulid, path: z.string(), space: SpaceLink, latest: z.int() })
      .nullable()
      .meta({ description: "null where the asker may not see it" }),
    version: z.int(),
    until: z.string().meta({ description: "the id of the cell before which the replay ends; empty: none" }),
    isAttached: z.boolean(),
    openedAt: Time,
    replay: z.object({
      total: z.int(),
      done: z.int(),
      is: z.enum(["running", "done", "stopped"]),
      at: z.string().meta({ description: "the cell that runs, or at which it stopped" }),
      why: z.string(),
    }),
  })
  .meta({ id: "LiveOrigin" })

const opens = { 201: { what: "The notebook, with a kernel in hand or on its way", content: json(OpenedLive) } }
const plans = { 200: { what: "What it would do", content: json(LivePlan) } }

export const OPEN_LIVE_ROUTES = {
  planLiveRun: route({
    method: "GET",
    path: "/api/v1/runs/{run}/live",
    tag,
    summary: "What opening this run live would do: which cells are run again, what of that writes, in which environment",
    auth: "edit",
    params: run,
    query: ofCell.extend({ withoutEnvironment: Flag.optional().meta({ description: "the run's own could not be built: what else there is" }) }),
    answers: plans,
    problems: [409, 422],
  }),
  openLiveRun: route({
    method: "POST",
    path: "/api/v1/runs/{run}/live",
    tag,
    summary: "Open this run live: a notebook beside it with its source and parameters, and a kernel brought to just before the failing cell",
    auth: "edit",
    params: run,
    body: json(
      z
        .strictObject({
          cell: Cell.optional(),
          ...yes,
          ...another,
          secrets: ParameterTexts.default({}),
          into: Ulid.optional().meta({
            description:
              "a notebook that this run was opened into before, and whose environment could not be had: unless somebody wrote in it, the new one takes its place and its name",
          }),
          attach: z
            .boolean()
            .optional()
            .meta({ description: "default: the kernel that the run left is taken over where that may be; true: or nothing" }),
        })
        .default({ writes: false, otherEnvironment: false, secrets: {} }),
    ),
    answers: opens,
    problems: [409, 422, 503],
  }),
  planLiveVersion: route({
    method: "GET",
    path: "/api/v1/notebooks/{notebook}/versions/{version}/live",
    tag,
    summary: "What opening this version live would do",
    auth: "edit",
    params: version,
    query: ofCell,
    answers: plans,
    problems: [422],
  }),
  openLiveVersion: route({
    method: "POST",
    path: "/api/v1/notebooks/{notebook}/versions/{version}/live",
    tag,
    summary: "Open this version live, with these parameters, run up to a cell",
    auth: "edit",
    params: version,
    body: json(
      z
        .strictObject({
          cell: Cell.optional(),
          ...yes,
          parameters: ParameterValues.default({}),
          parameterTexts: ParameterTexts.default({}),
        })
        .default({ writes: false, otherEnvironment: false, parameters: {}, parameterTexts: {} }),
    ),
    answers: opens,
    problems: [409, 422, 503],
  }),
  getLiveOrigin: route({
    method: "GET",
    path: "/api/v1/notebooks/{notebook}/origin",
    tag,
    summary: "What a notebook was opened live from, and how far its replay has come",
    auth: "read",
    params: z.strictObject({ notebook: NotebookRef }),
    answers: { 200: { what: "Its origin", content: json(LiveOrigin) } },
    problems: [503],
  }),
  returnLive: route({
    method: "POST",
    path: "/api/v1/notebooks/{notebook}/origin/versions",
    tag,
    summary: "Save what this notebook says as the next version of the one that it was opened live from, without the run's parameters",
    auth: "edit",
    params: z.strictObject({ notebook: NotebookRef }),
    body: json(
      z
        .strictObject({
          message: prose(2000).optional(),
          onTopOf: z.int().min(1).max(2_147_483_647).optional().meta({ description: "the newest version, where one was saved since" }),
        })
        .default({}),
    ),
    answers: {
      201: { what: "A new version", content: json(Saved.omit({ repairs: true, lacks: true })) },
      200: { what: "Nothing has changed", content: json(Saved.omit({ repairs: true, lacks: true })) },
    },
    problems: [409, 422, 503],
    repeatable: true,
  }),
  getKernel: route({
    method: "GET",
    path: "/api/v1/runs/{run}/kernel",
    tag,
    summary: "The kernel that a failed run left: until when, who may take it over, who has",
    auth: "run",
    params: run,
    answers: { 200: { what: "How it stands", content: json(KeptKernel) } },
  }),
  letKernelGo: route({
    method: "DELETE",
    path: "/api/v1/runs/{run}/kernel",
    tag,
    summary: "End the kernel that a failed run left",
    auth: "run",
    params: run,
    answers: { 204: { what: "It is gone", content: EMPTY } },
    problems: [503],
  }),
  allowKernel: route({
    method: "PUT",
    path: "/api/v1/runs/{run}/kernel/people/{person}",
    tag,
    summary: "Let somebody take over the kernel that my run leaves; it holds what was read with my rights",
    auth: "run",
    params: z.strictObject({ run: Ulid, person: Ulid }),
    answers: { 204: { what: "They may, if they may edit the notebook", content: EMPTY } },
  }),
  forbidKernel: route({
    method: "DELETE",
    path: "/api/v1/runs/{run}/kernel/people/{person}",
    tag,
    summary: "Take that back",
    auth: "run",
    params: z.strictObject({ run: Ulid, person: Ulid }),
    answers: { 204: { what: "They may not", content: EMPTY } },
  }),
} as const
