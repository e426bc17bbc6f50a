/** Live sessions as lists show them, and the long strings of what they show. */
import type { LIVE_ROUTES } from "#api/contract/live-routes.ts"
import { blobSource } from "#api/handlers/results.ts"
import type { ByteSource } from "#api/serve/answer.ts"
import { type Api, type Handlers, sendNothing, sendValue } from "#api/serve/handler.ts"
import { accepted } from "#base/outcome.ts"
import { toIso } from "#base/time.ts"
import { type ExecutionData, executionData, type LiveSessionRow, liveSessions, stopSession } from "#work/index.ts"

export const LIVE: Handlers<keyof typeof LIVE_ROUTES> = {
  listLiveSessions: async ({ api, actor }) => {
    const sessions = await liveSessions(api.world.work, actor)
    return sendValue<"listLiveSessions">(200, { items: sessions.map(liveSession), next: null })
  },
  endLiveSession: async ({ api, actor, params }) => {
    const stopped = await stopSession(api.world.work, api.world.link, actor, params.live)
    return stopped.ok ? sendNothing() : stopped
  },
  getExecutionData: async ({ api, actor, params }) => {
    const data = await executionData(api.world.work, actor, params)
    return data.ok ? accepted({ kind: "bytes", source: await sourceOf(api, params.execution, data.value) }) : data
  },
}

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
