/**
 * What a notebook's page asks for before its own parts are here: its connection, the whole draft over it, and the outputs of its
 * newest version. Of use only while the app itself is coming; later the parts are here, and the page asks for all of it at once.
 */
import type { QueryClient } from "@tanstack/react-query"
import type { DRAFT_RULES } from "#draft/index.ts"
import { asking } from "#web/app/api.ts"
import { versionOutputsAsked } from "#web/notebook/version-outputs.ts"

/** A connection that has asked for the draft, and what it has heard since. */
export type Begun = { readonly socket: WebSocket; readonly heard: readonly unknown[] }

/** What y-protocols makes of the question of a document that holds nothing. */
export const WHOLE_DRAFT = Uint8Array.of(0, 0, 1, 0)
/** Written again because where it stands brings all of the draft with it; the type holds the two together. */
const RULES: typeof DRAFT_RULES = 1
const PATIENCE_MS = 10_000

let begun: { readonly id: string; readonly connection: Begun; readonly leave: () => void } | "not yet" | "over" = "not yet"

export function askAhead(queries: QueryClient, id: string): void {
  if (begun === "not yet") begun = begin(id)
  queries
    .fetchQuery(asking("getNotebook", { params: { notebook: id } }))
    .then(({ latest, may }) => (latest > 0 && may?.readCode !== false ? queries.prefetchQuery(versionOutputsAsked(id, latest)) : undefined))
    // The page asks again, and shows what is wrong.
    .catch(() => undefined)
}

/** The connection that was begun for this notebook, to whom asks first. */
export function takeBegun(id: string): Begun | undefined {
  const found = begun
  begun = "over"
  if (typeof found === "string") return undefined
  found.leave()
  if (found.id === id && found.connection.socket.readyState <= WebSocket.OPEN) return found.connection
  found.connection.socket.close()
  return undefined
}

export function liveUrl(id: string): URL {
  const url = new URL(`/api/v1/notebooks/${encodeURIComponent(id)}/live`, globalThis.location.href)
  url.protocol = url.protocol.replace("http", "ws")
  url.searchParams.set("rules", String(RULES))
  return url
}

function begin(id: string) {
  const socket = new WebSocket(liveUrl(id))
  socket.binaryType = "arraybuffer"
  const heard: unknown[] = []
  const hear = (event: MessageEvent) => heard.push(event.data)
  socket.addEventListener("open", () => socket.send(WHOLE_DRAFT), { once: true })
  socket.addEventListener("message", hear)
  // There may be nobody to take it: what is at this address need not be a notebook that may be read.
  const timer = setTimeout(() => socket.close(), PATIENCE_MS)
  const leave = () => {
    clearTimeout(timer)
    socket.removeEventListener("message", hear)
  }
  return { id, connection: { socket, heard }, leave }
}
