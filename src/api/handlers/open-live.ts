/** Runs and versions opened live. */
import type { OPEN_LIVE_ROUTES } from "#api/contract/open-live-routes.ts"
import { notebookOf, versionOf } from "#api/handlers/library-views.ts"
import { given } from "#api/handlers/spaces.ts"
import type { AnyRefusal } from "#api/problem.ts"
import { type Api, type Handlers, passed, sendNothing } from "#api/serve/handler.ts"
import { accepted, refused } from "#base/outcome.ts"
import { toIso } from "#base/time.ts"
import { replayOf } from "#draft/index.ts"
import { getNotebook, resolveVersion } from "#library/index.ts"
import type { Actor } from "#people/index.ts"
import {
  allowKeptKernel,
  type ExecutionView,
  findOrigin,
  forbidKeptKernel,
  type HeldKernel,
  type LiveOrigin,
  type LivePlan,
  letKernelGo,
  lookAtKept,
  type OpenLive,
  openLive,
  planLive,
  returnLive,
} from "#work/index.ts"

export const OPEN_LIVE: Handlers<keyof typeof OPEN_LIVE_ROUTES> = {
  planLiveRun: async ({ api, actor, params, query }) =>
    passed(await planLive(api.world, actor, { of: { run: params.run }, ...query }), (plan) => ({
      kind: "json",
      status: 200,
      value: planOf(plan),
    })),
  openLiveRun: async ({ api, actor, params, body }) => {
    const { secrets, ...rest } = body
    return opened(api, actor, { ...rest, of: { run: params.run }, parameterTexts: secrets })
  },
  planLiveVersion: async ({ api, actor, params, query }) =>
    passed(await planLive(api.world, actor, { of: params, cell: query.cell }), (plan) => ({ kind: "json", status: 200, value: planOf(plan) })),
  openLiveVersion: async ({ api, actor, params, body }) =>
    opened(api, actor, { ...(body as typeof body & Pick<OpenLive, "parameters">), of: params }),
  getLiveOrigin: async ({ api, actor, params }) => {
    const notebook = await resolveVersion(api.world.library, actor, "read", { notebook: params.notebook })
    if (!notebook.ok) return notebook
    const origin = await findOrigin(api.world.library.db, notebook.value.notebook)
    if (!origin) return refused({ refused: "no_origin", message: "This notebook was not opened from a run or a version." })
    return accepted({ kind: "json", status: 200, value: await originOf(api, actor, origin) })
  },
  returnLive: async ({ api, actor, params, body }) => {
    const saved = await returnLive(api.world.library, api.drafts, actor, { ...given(body), notebook: params.notebook })
    if (!saved.ok) return refused(withTheirs(saved.refusal))
    const { version, created } = saved.value
    const notebook = await getNotebook(api.world.library.db, actor, version.notebook)
    return passed(notebook, (row) => ({
      kind: "json",
      status: created ? 201 : 200,
      value: { notebook: notebookOf(api, row), version: versionOf(version), created },
    }))
  },
  getKernel: async ({ api, actor, params }) => {
    const held = await lookAtKept(api.world.work, actor, params.run)
    return held.ok ? accepted({ kind: "json", status: 200, value: await heldOf(api, actor, held.value) }) : held
  },
  letKernelGo: async ({ api, actor, params }) => {
    const gone = await letKernelGo(api.world.work, api.world.link, actor, params.run)
    return gone.ok ? sendNothing() : gone
  },
  allowKernel: async ({ api, actor, params }) => {
    const allowed = await allowKeptKernel(api.world.work, actor, params)
    return allowed.ok ? sendNothing() : allowed
  },
  forbidKernel: async ({ api, actor, params }) => {
    const forbidden = await forbidKeptKernel(api.world.work, actor, params)
    return forbidden.ok ? sendNothing() : forbidden
  },
}

async function opened(api: Api, actor: Actor, asked: OpenLive) {
  const { work, environment, link } = api.world
  return passed(await openLive({ work, environment, link, drafts: api.drafts }, actor, asked), ({ notebook, session, isAttached, replays }) => ({
    kind: "json" as const,
    status: 201 as const,
    value: { notebook: notebookOf(api, notebook), session: session.id, isAttached, replays },
    headers: { location: `/api/v1/notebooks/${notebook.id}` },
  }))
}

function planOf({ source, replay, writes, environment, kernel }: LivePlan) {
  const { run, version } = source
  const { instead } = environment
  return {
    notebook: { id: version.notebook, version: version.number },
    run: run?.id ?? null,
    until: replay.until ?? null,
    replays: replay.cells.length,
    writes: [...writes],
    environment: {
      ...environment,
      instead: instead && { name: instead.name, differences: [...instead.differences] },
      others: environment.others.map((other) => ({ ...other, differences: [...other.differences] })),
    },
    secretNames: [...(run?.secretNames ?? [])],
    kernel: kernel ? keptOf(kernel) : null,
  }
}

function keptOf({ is, until, mayAttach, people }: NonNullable<LivePlan["kernel"]>) {
  return { is, until: toIso(until), mayAttach, people: people.map(({ id, name }) => ({ id, name })) }
}

async function heldOf(api: Api, actor: Actor, { is, until, of, people, takenOver, mayAttach, mayAllow }: HeldKernel) {
  const notebook = takenOver && (await getNotebook(api.world.library.db, actor, takenOver.notebook))
  return {
    is,
    until: toIso(until),
    of,
    people: people.map(({ id, name, at }) => ({ person: { id, name }, at: toIso(at) })),
    takenOver: takenOver
      ? {
          by: { id: takenOver.id, name: takenOver.name },
          at: toIso(takenOver.at),
          notebook: notebook?.ok ? { id: notebook.value.id, title: notebook.value.title } : null,
        }
      : null,
    mayAttach,
    mayAllow,
  }
}

async function originOf(api: Api, actor: Actor, origin: LiveOrigin) {
  const from = await getNotebook(api.world.library.db, actor, origin.ofNotebook)
  const { run, version, cell, isAttached, openedAt } = origin
  return {
    run,
    notebook: from.ok ? { id: from.value.id, path: from.value.path, space: from.value.space, latest: from.value.latest } : null,
    version,
    until: cell,
    isAttached,
    openedAt: toIso(openedAt),
    replay: await replayNow(api, origin),
  }
}

async function replayNow(api: Api, { notebook, cell, isAttached }: LiveOrigin) {
  if (isAttached) return { total: 0, done: 0, is: "done" as const, at: "", why: "" }
  const line = api.world.link?.session(notebook)
  const now = await line?.current().finally(() => line.close())
  const session = now?.session
  const last = new Map<string, ExecutionView>()
  for (const one of now?.executions ?? []) if (one.session === session?.id) last.set(one.cell, one)
  const draft = await api.drafts.open(notebook)
  try {
    const replay = replayOf(draft.draft.cells(), cell, (id) => last.get(id)?.state)
    const why = replay.is === "stopped" ? ((last.get(replay.at)?.explanation || session?.explanation) ?? "") : ""
    return { ...replay, why }
  } finally {
    draft.close()
  }
}

type Theirs = AnyRefusal & { readonly theirs?: { readonly number?: number }; readonly yours?: unknown }

/** Which version stands in the way. */
function withTheirs(refusal: AnyRefusal): AnyRefusal {
  const { theirs, ...plain } = refusal as Theirs
  if (refusal.refused !== "edited_meanwhile" || theirs?.number === undefined) return plain
  return {
    ...plain,
    remedy: "Look at what was saved meanwhile, then save again with its number as onTopOf.",
    facts: { theirs: { number: theirs.number } },
  }
}
