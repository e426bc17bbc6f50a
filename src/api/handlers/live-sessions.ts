/** Live sessions as lists show them, and the long strings of what they show. */
import type { LIVE_ROUTES } from "#api/contract/live-routes.ts"
import { withBothSides } from "#api/handlers/files.ts"
import { fileOf } from "#api/handlers/library-views.ts"
import { blobSource } from "#api/handlers/results.ts"
import type { AnyRefusal } from "#api/problem.ts"
import type { ByteSource } from "#api/serve/answer.ts"
import { type Api, type Handlers, passed, sendNothing, sendValue } from "#api/serve/handler.ts"
import { accepted, type Outcome, refused } from "#base/outcome.ts"
import { toIso } from "#base/time.ts"
import { getNotebookAnd, putFile } from "#library/index.ts"
import type { Actor, NotebookId } from "#people/index.ts"
import {
  type ExecutionData,
  executionData,
  type LiveSessionRow,
  liveSessions,
  type SessionAnswer,
  type SessionLine,
  stopSession,
} from "#work/index.ts"

export const LIVE: Handlers<keyof typeof LIVE_ROUTES> = {
  listLiveSessions: async ({ api, actor }) => {
    const sessions = await liveSessions(api.world.work, actor)
    return sendValue<"listLiveSessions">(200, { items: sessions.map(liveSession), next: null })
  },
  endLiveSession: async ({ api, actor, params }) => {
    const stopped = await stopSession(api.world.work, api.world.link, actor, params.live)
    return stopped.ok ? sendNothing() : stopped
  },
  listSessionFiles: async ({ api, actor, params }) => {
    const found = await withLine({ api, actor, notebook: params.notebook }, (line) => line.files(actor))
    if (!found.ok) return found
    const { isLive, files, left } = found.value
    const items = files.map((file) => ({ ...file, changedAt: toIso(file.changedAt) }))
    return sendValue<"listSessionFiles">(200, { isLive, files: items, left: [...left] })
  },
  getSessionFile: async ({ api, actor, params, query }) =>
    passed(await withLine({ api, actor, notebook: params.notebook }, (line) => line.takeFile(actor, query.path)), ({ sha256, sizeBytes }) => ({
      kind: "bytes",
      source: blobSource(api, { sha256, sizeBytes, mediaType: "application/octet-stream", fileName: query.path }),
    })),
  keepSessionFile: async ({ api, actor, params, body }) => {
    const found = await getNotebookAnd(api.world.library.db, actor, params.notebook)
    if (!found.ok) return found
    const { notebook, may } = found.value
    if (!may.edit) return MAY_NOT
    const taken = await withLine({ api, actor, notebook: params.notebook }, (line) => line.takeFile(actor, body.path))
    if (!taken.ok) return taken
    const content = await api.world.library.blobs.stream(taken.value.sha256)
    const put = await putFile(api.world.library, actor, { space: notebook.space.id, path: body.path, content, base: body.base })
    if (!put.ok) return refused(withBothSides(put.refusal))
    return sendValue<"keepSessionFile">(200, fileOf(put.value.file))
  },
  getExecutionData: async ({ api, actor, params }) => {
    const data = await executionData(api.world.work, actor, params)
    return data.ok ? accepted({ kind: "bytes", source: await sourceOf(api, params.execution, data.value) }) : data
  },
}

type Asking = { readonly api: Api; readonly actor: Actor; readonly notebook: string }

async function withLine<Value>(asking: Asking, act: (line: SessionLine) => SessionAnswer<Value>): Promise<Outcome<Value, AnyRefusal>> {
  const line = asking.api.world.link?.session(asking.notebook as NotebookId)
  if (!line) return withoutLine(asking)
  try {
    return await act(line)
  } finally {
    line.close()
  }
}

/** Who may not run it is not told more because of that. */
async function withoutLine({ api, actor, notebook }: Asking): Promise<Outcome<never, AnyRefusal>> {
  const found = await getNotebookAnd(api.world.library.db, actor, notebook)
  if (!found.ok) return found
  return found.value.may.run ? NO_WORKER : MAY_NOT
}

const MAY_NOT = refused({ refused: "not_allowed" as const, message: "You may see this notebook, but not do this with what its cells write." })

const NO_WORKER = {
  ok: false,
  refusal: { refused: "no_session", message: "No worker is connected to this server, so that there are no sessions.", remedy: "Start one." },
} as const

function liveSession(row: LiveSessionRow) {
  const { id, notebook, path, space, spaceName, state, explanation, kernelName, displayName, environment, startedAt, idleUntil } = row
  return {
    id,
    notebook: { id: notebook, path, space: { id: space, name: spaceName } },
    state,
    explanation,
    kernelName,
    displayName,
    environment,
    startedBy: { id: row.startedBy, name: row.startedByName },
    startedAt: toIso(startedAt),
    endsAt: idleUntil === null ? null : toIso(idleUntil),
  }
}

/** Pictures stand in a notebook in base64. */
const ENCODED = /^(image\/(?!svg)|audio\/|video\/|application\/(pdf|octet-stream|zip))/u

async function sourceOf(api: Api, execution: string, { sha256, sizeBytes, mediaType }: ExecutionData): Promise<ByteSource> {
  const source = blobSource(api, { sha256, sizeBytes, mediaType, fileName: `${execution}-${sha256.slice(0, 12)}` })
  if (!ENCODED.test(mediaType)) return source
  const text = new TextDecoder().decode(await api.world.library.blobs.get(sha256))
  const bytes = Buffer.from(text, "base64")
  return { ...source, sha256: api.world.sha256(bytes), sizeBytes: bytes.length, pieces: async () => bytes }
}
