/** Notebooks, their versions, and what is searched for in them. */
import type { NOTEBOOK_ROUTES } from "#api/contract/notebook-routes.ts"
import { notebookOf, versionOf } from "#api/handlers/library-views.ts"
import { given, granted, grantsOf } from "#api/handlers/spaces.ts"
import { diffOf, saved, versionBytesOf } from "#api/handlers/versions.ts"
import type { AnyRefusal } from "#api/problem.ts"
import { type Api, type Handlers, passed } from "#api/serve/handler.ts"
import { accepted, type Outcome } from "#base/outcome.ts"
import {
  copyNotebook,
  getNotebook,
  getNotebookAnd,
  handOver,
  hideCode,
  labelVersion,
  limitNotebook,
  listNotebooks,
  listVersions,
  moveNotebook,
  type NotebookRow,
  recordView,
  resolveVersion,
  restoreNotebook,
  searchNotebooks,
  setTags,
  trashNotebook,
  usageDays,
} from "#library/index.ts"
import type { Actor, PersonId, Thing } from "#people/index.ts"

export const NOTEBOOKS: Handlers<keyof typeof NOTEBOOK_ROUTES> = {
  listNotebooks: async ({ api, actor, query }) => {
    const { tag, owner, editedSince, editedBefore, ...rest } = query
    const found = await listNotebooks(api.world.library.db, actor, {
      ...given(rest),
      ...(tag === undefined ? {} : { tags: Array.isArray(tag) ? tag : [tag] }),
      ...(owner === undefined ? {} : { owner: owner as PersonId }),
      ...(editedSince === undefined ? {} : { editedSince: Date.parse(editedSince) }),
      ...(editedBefore === undefined ? {} : { editedBefore: Date.parse(editedBefore) }),
    })
    return passed(found, ({ items, next }) => ({
      kind: "json",
      status: 200,
      value: { items: items.map((row) => notebookOf(api, row)), next: next ?? null },
    }))
  },
  createNotebook: async ({ api, actor, query, body }) => saved(api, actor, { ...query, bytes: body }),
  getNotebook: async ({ api, actor, params }) => {
    const { db } = api.world.library
    const found = await getNotebookAnd(db, actor, params.notebook)
    // Whoever opens it in a browser begins with this; programs are no viewers.
    if (found.ok && actor.via.kind === "session")
      await recordView(db, { notebook: found.value.notebook.id, person: actor.id, at: api.world.clock.now() })
    return passed(found, ({ notebook, may }) => ({ kind: "json", status: 200, value: { ...notebookOf(api, notebook), may } }))
  },
  getContent: async ({ api, actor, params }) => versionBytesOf(api, actor, { notebook: params.notebook, version: "latest" }),
  saveContent: async ({ api, actor, request, params, query, body }) =>
    saved(api, actor, { notebook: params.notebook, ...query, bytes: body, ifMatch: request.headers["if-match"] }),
  listVersions: async ({ api, actor, params, query }) =>
    passed(await listVersions(api.world.library, actor, { notebook: params.notebook, ...given(query) }), ({ items, next }) => ({
      kind: "json",
      status: 200,
      value: { items: items.map(versionOf), next: next ?? null },
    })),
  getVersion: async ({ api, actor, params }) =>
    passed(await resolveVersion(api.world.library, actor, "read", params), (version) => ({ kind: "json", status: 200, value: versionOf(version) })),
  labelVersion: async ({ api, actor, params, body }) =>
    passed(await labelVersion(api.world.library, actor, { ...params, label: body.label }), (version) => ({
      kind: "json",
      status: 200,
      value: versionOf(version),
    })),
  getVersionContent: async ({ api, actor, params }) => versionBytesOf(api, actor, params),
  getManifest: async ({ api, actor, params }) =>
    passed(await resolveVersion(api.world.library, actor, "read", params), (version) => ({
      kind: "json",
      status: 200,
      value: { sha256: version.manifestSha256, files: { ...version.manifest } },
    })),
  getDiff: async ({ api, actor, params, query }) => diffOf(api, actor, { ...params, since: query.since }),
  moveNotebook: async ({ api, actor, params, body }) =>
    one(
      api,
      await moveNotebook(api.world.library, actor, {
        notebook: params.notebook,
        path: body.path,
        ...(body.space === undefined ? {} : { space: body.space }),
      }),
    ),
  copyNotebook: async ({ api, actor, params, body }) =>
    passed(await copyNotebook(api.world.library, actor, { notebook: params.notebook, ...given(body ?? {}) }), (row) => ({
      kind: "json" as const,
      status: 201 as const,
      value: notebookOf(api, row),
    })),
  limitNotebook: async ({ api, actor, params, body }) =>
    one(api, await limitNotebook(api.world.library, actor, { notebook: params.notebook, maxRunning: body.maxRunning })),
  hideCode: async ({ api, actor, params, body }) =>
    one(api, await hideCode(api.world.library, actor, { notebook: params.notebook, isHidden: body.isHidden })),
  getUsage: async ({ api, actor, params, query }) => {
    const { db } = api.world.library
    const found = await getNotebook(db, actor, params.notebook)
    if (!found.ok) return found
    const items = await usageDays(db, { notebook: found.value.id, since: api.world.clock.now() - query.days * 86_400_000 })
    return accepted({ kind: "json" as const, status: 200 as const, value: { items: [...items], next: null } })
  },
  trashNotebook: async ({ api, actor, params }) => one(api, await trashNotebook(api.world.library, actor, params.notebook)),
  restoreNotebook: async ({ api, actor, params, body }) =>
    one(api, await restoreNotebook(api.world.library, actor, { id: params.notebook, ...given(body ?? {}) })),
  setTags: async ({ api, actor, params, body }) => one(api, await setTags(api.world.library, actor, { notebook: params.notebook, tags: body.tags })),
  setOwner: async ({ api, actor, params, body }) =>
    one(api, await handOver(api.world.library, actor, { notebook: params.notebook, to: body.person as PersonId })),
  listNotebookGrants: async ({ api, actor, params }) => {
    const thing = await thingFor(api, actor, params.notebook)
    return thing.ok ? grantsOf(api, actor, thing.value) : thing
  },
  grantNotebook: async ({ api, actor, params, body }) => {
    const thing = await thingFor(api, actor, params.notebook)
    return thing.ok ? granted(api, actor, thing.value, body) : thing
  },
  search: async ({ api, actor, query }) =>
    passed(
      await searchNotebooks(api.world.library.db, actor, {
        query: query.q,
        limit: query.limit,
        ...(query.cursor === undefined ? {} : { cursor: query.cursor }),
      }),
      ({ items, next, isPartial }) => ({
        kind: "json",
        status: 200,
        value: {
          items: items.map(({ notebook, snippets }) => ({
            notebook: notebookOf(api, notebook),
            snippets: snippets.map(({ where, text, ranges }) => ({ where, text, ranges: ranges.map(([from, to]): [number, number] => [from, to]) })),
          })),
          next: next ?? null,
          isPartial,
        },
      }),
    ),
}

function one(api: Api, found: Outcome<NotebookRow, AnyRefusal>) {
  return passed(found, (row) => ({ kind: "json" as const, status: 200 as const, value: notebookOf(api, row) }))
}

async function thingFor(api: Api, actor: Actor, ref: string): Promise<Outcome<Thing, AnyRefusal>> {
  const found = await getNotebook(api.world.library.db, actor, ref)
  return found.ok ? accepted({ space: found.value.space.id, notebook: found.value.id }) : found
}
