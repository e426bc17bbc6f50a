/** Runs: the launch contract, and all that can be read of them. */
import type { RUN_ROUTES } from "#api/contract/run-routes.ts"
import { followEvents } from "#api/handlers/follow.ts"
import { listPublic, publish, showPublic, withdraw } from "#api/handlers/public-results.ts"
import { blobSource, outputSource, resultPage, resultSource } from "#api/handlers/results.ts"
import { artifactOf, attemptOf, runOf } from "#api/handlers/run-views.ts"
import { given, spaceIdFor } from "#api/handlers/spaces.ts"
import { waitForRun } from "#api/handlers/waiting.ts"
import type { AnyRefusal } from "#api/problem.ts"
import { headerOf } from "#api/serve/context.ts"
import { type Api, type Handlers, passed } from "#api/serve/handler.ts"
import { accepted, type Outcome } from "#base/outcome.ts"
import { getNotebook } from "#library/index.ts"
import type { Actor } from "#people/index.ts"
import { tellOwner } from "#template/index.ts"
import {
  accept,
  attemptsOf,
  cancel,
  artifactOf as findArtifact,
  getRun,
  isTerminal,
  keepalive,
  type Launch,
  listRuns,
  logFrom,
  outputsOf,
  type RunRow,
  retry,
  runFileOf,
} from "#work/index.ts"

export const RUNS: Handlers<keyof typeof RUN_ROUTES> = {
  launchRun: async ({ api, actor, request, body }) => {
    const { version, ...rest } = body
    // The contract's schema is stricter than Launch in every field; numbers in the parameters kept their spelling.
    const launch = { ...given(rest), version: typeof version === "string" && /^\d+$/u.test(version) ? Number(version) : version } as Launch
    const launched = await accept(api.world.work, actor, launch, { key: headerOf(request, "idempotency-key") })
    return passed(launched, ({ run, created }) => ({
      kind: "json",
      status: created ? 201 : 200,
      value: runOf(api, run),
      headers: { location: `/api/v1/runs/${run.id}` },
    }))
  },
  listRuns: async ({ api, actor, query }) => {
    const within = await placesOf(api, actor, query)
    if (!within.ok) return within
    const found = await listRuns(api.world.work, actor, {
      ...within.value,
      version: query.version,
      states: listed(query.state),
      trigger: query.trigger,
      orderedBy: query.orderedBy,
      labels: labelsOf(listed(query.label)),
      since: query.since === undefined ? undefined : Date.parse(query.since),
      until: query.until === undefined ? undefined : Date.parse(query.until),
      text: query.text,
      limit: query.limit,
      cursor: query.cursor,
    })
    return passed(found, ({ items, next }) => ({
      kind: "json",
      status: 200,
      value: { items: items.map((run) => runOf(api, run)), next: next ?? null },
    }))
  },
  getRun: async (call) => {
    const { api, actor, params, query } = call
    // Only who waits looks whether the asker has gone: see `Call`.
    const found = query.waitSeconds
      ? await waitForRun(api, actor, { run: params.run, waitMs: query.waitSeconds * 1000, ifNotState: listed(query.ifNotState), gone: call.gone })
      : await getRun(api.world.work, actor, params.run)
    return one(api, found)
  },
  getEvents: followEvents,
  getLog: async ({ api, actor, params, query }) =>
    passed(await logFrom(api.world.work, actor, { id: params.run, offset: query.offset }), (part) => ({ kind: "json", status: 200, value: part })),
  getOutputs: async ({ api, actor, params, query }) =>
    passed(await outputsOf(api.world.work, actor, { id: params.run, attempt: query.attempt }), ({ outputs, artifacts }) => ({
      kind: "json",
      status: 200,
      value: { outputs, artifacts: artifacts.map((row) => artifactOf(api, params.run, row)) },
    })),
  listArtifacts: async ({ api, actor, params, query }) =>
    passed(await outputsOf(api.world.work, actor, { id: params.run, attempt: query.attempt }), ({ artifacts }) => ({
      kind: "json",
      status: 200,
      value: { items: artifacts.map((row) => artifactOf(api, params.run, row)), next: null },
    })),
  getArtifact: async ({ api, actor, params, query }) =>
    passed(await findArtifact(api.world.work, actor, { id: params.run, attempt: query.attempt, path: query.path }), (row) => ({
      kind: "bytes",
      source: blobSource(api, { ...row, fileName: row.path }),
    })),
  getRunFile: async ({ api, actor, params, query }) =>
    passed(await runFileOf(api.world.work, actor, { id: params.run, ...query }), ({ sha256, sizeBytes, name }) => ({
      kind: "bytes",
      source: blobSource(api, { sha256, sizeBytes, mediaType: "application/octet-stream", fileName: name }),
    })),
  getOutput: outputSource,
  getResult: resultSource,
  getResultPage: resultPage,
  publishResult: publish,
  listPublicResults: listPublic,
  withdrawPublicResult: withdraw,
  showPublicResult: showPublic,
  listAttempts: async ({ api, actor, params }) =>
    passed(await attemptsOf(api.world.work, actor, params.run), (rows) => ({
      kind: "json",
      status: 200,
      value: { items: rows.map(attemptOf), next: null },
    })),
  cancelRun: async ({ api, actor, params, body }) => {
    const before = await getRun(api.world.work, actor, params.run)
    const asked = await cancel(api.world.work, actor, { id: params.run, reason: body.reason, graceSeconds: body.graceSeconds })
    return passed(asked, (run) => ({ kind: "json", status: before.ok && isTerminal(before.value.state) ? 200 : 202, value: runOf(api, run) }))
  },
  keepRunAlive: async ({ api, actor, params }) => one(api, await keepalive(api.world.work, actor, params.run)),
  tellOwner: async ({ api, actor, params, body }) =>
    passed(await tellOwner(api.world.work, actor, { run: params.run, said: body.text }), (told) => ({
      kind: "json",
      status: 200,
      value: { told: told.map(({ id, name }) => ({ id, name })) },
    })),
  retryRun: async ({ api, actor, params }) =>
    passed(await retry(api.world.work, actor, params.run), (run) => ({ kind: "json", status: 202, value: runOf(api, run) })),
}

function one(api: Api, found: Outcome<RunRow, AnyRefusal>) {
  return passed(found, (run) => ({ kind: "json" as const, status: 200 as const, value: runOf(api, run) }))
}

type Places = { readonly space?: string | undefined; readonly notebook?: string | undefined }

async function placesOf(api: Api, actor: Actor, { space, notebook }: Places): Promise<Outcome<Places, AnyRefusal>> {
  const inSpace = space === undefined ? accepted(undefined) : await spaceIdFor(api, actor, space)
  if (!inSpace.ok) return inSpace
  const ofNotebook = notebook === undefined ? accepted(undefined) : await getNotebook(api.world.library.db, actor, notebook)
  if (!ofNotebook.ok) return ofNotebook
  return accepted({ space: inSpace.value, notebook: ofNotebook.value?.id })
}

function listed<T>(value: T | readonly T[] | undefined): readonly T[] {
  return value === undefined ? [] : Array.isArray(value) ? (value as readonly T[]) : [value as T]
}

function labelsOf(pairs: readonly string[]): { readonly [name: string]: string } {
  return Object.fromEntries(pairs.map((pair) => [pair.split("=")[0] ?? "", pair.split("=").slice(1).join("=")]))
}
