/** A notebook's draft, for programs. */

import type { DRAFT_ROUTES } from "#api/contract/draft-routes.ts"
import type { Answered } from "#api/contract.ts"
import { versionOf } from "#api/handlers/library-views.ts"
import { given } from "#api/handlers/spaces.ts"
import type { AnyRefusal } from "#api/problem.ts"
import { headerOf } from "#api/serve/context.ts"
import type { Api, Handlers, Sent } from "#api/serve/handler.ts"
import { jsonText } from "#api/wire/json-text.ts"
import { etagOf, isUnchanged } from "#api/wire/ranges.ts"
import { accepted, type Outcome } from "#base/outcome.ts"
import { type OpenDraft, resolveVersion } from "#library/index.ts"
import { type Cell, type Notebook, write } from "#notebook/index.ts"
import type { Actor, NotebookId } from "#people/index.ts"
import { type Surroundings, surroundingsOf } from "#work/index.ts"

export const DRAFTS: Handlers<keyof typeof DRAFT_ROUTES> = {
  getDraft: (call) =>
    withDraft(call, "read_code", async (draft) => {
      const content = new TextEncoder().encode(write(await draft.notebook()))
      const source = {
        sha256: call.api.world.sha256(content),
        sizeBytes: content.length,
        mediaType: "application/x-ipynb+json",
        fileName: "draft.ipynb",
      }
      return accepted({ kind: "bytes" as const, source: { ...source, pieces: async () => content } })
    }),
  compareDraft: ({ query: { version }, ...call }) =>
    withDraft({ ...call, version }, "read_code", async (draft) =>
      accepted({ kind: "json" as const, status: 200 as const, value: { isSame: await draft.says(version) } }),
    ),
  getSurroundings: (call) =>
    withDraft(call, "read_code", async ({ draft }, notebook) => {
      const cells = draft.cells().map(({ type, text }) => ({ cell_type: type, source: text }) as Cell)
      const metadata = draft.metadata() as Notebook["metadata"]
      const value = surroundings(await surroundingsOf(call.api.world.work, notebook, { metadata, cells }))
      const etag = etagOf(call.api.world.sha256(new TextEncoder().encode(jsonText(value))))
      const headers = { etag, "cache-control": "private, no-cache" }
      const isKnown = isUnchanged(headerOf(call.request, "if-none-match"), etag)
      return accepted<Sent<"getSurroundings">>(isKnown ? { kind: "empty", status: 304, headers } : { kind: "json", status: 200, value, headers })
    }),
  saveDraft: (call) =>
    withDraft(call, "edit", async (draft) => {
      const saved = await draft.save(call.actor, given(call.body))
      if (!saved.ok) return saved
      const { version, created } = saved.value
      return accepted({ kind: "json" as const, status: created ? (201 as const) : (200 as const), value: { version: versionOf(version), created } })
    }),
  restoreDraft: (call) =>
    withDraft(call, "edit", async (draft) => {
      const restored = await draft.restore(call.actor, call.body.version)
      if (!restored.ok) return restored
      draft.edited(call.actor)
      return accepted({ kind: "json" as const, status: 200 as const, value: versionOf(restored.value.version) })
    }),
}

/** Undefined when it is gone. */
function surroundings(found: Surroundings | undefined): Answered<"getSurroundings"> {
  const { environment, files } = found ?? { environment: null, files: null }
  return {
    environment: environment && { ...environment, modules: environment.modules && [...environment.modules] },
    files: files && { ...files, paths: [...files.paths] },
  }
}

type Asking = {
  readonly api: Api
  readonly actor: Actor
  readonly params: { readonly notebook: string }
  /** That must be one of the notebook's. */
  readonly version?: number
}

/** The draft while the work is done, for whoever may do this with the notebook. */
async function withDraft<Sent>(
  { api, actor, params, version }: Asking,
  action: "read_code" | "edit",
  work: (draft: OpenDraft, notebook: NotebookId) => Promise<Outcome<Sent, AnyRefusal>>,
): Promise<Outcome<Sent, AnyRefusal>> {
  const found = await resolveVersion(api.world.library, actor, action, { notebook: params.notebook, ...(version === undefined ? {} : { version }) })
  if (!found.ok) return found
  const draft = await api.drafts.open(found.value.notebook)
  try {
    return await work(draft, found.value.notebook)
  } finally {
    draft.close()
  }
}
