/** The vocabulary of a notebook's socket in tests: a client as a browser is one, with a document of its own. */
import type { AddressInfo } from "node:net"
import WebSocket from "ws"
import * as Y from "yjs"
import { haveFrame, type PresenceState, presenceFrame, readFrame, updateFrame } from "#api/live/frames.ts"
import type { Asked, Tell } from "#api/live.ts"
import { type ApiTest, COOKIE, ORIGIN, type Someone } from "#api/testing.ts"
import { DRAFT_RULES, type Draft, openDraft } from "#draft/index.ts"

export type LiveClient = {
  readonly doc: Y.Doc
  readonly draft: Draft
  readonly tells: readonly Tell[]
  readonly presence: ReadonlyMap<number, PresenceState>
  /** The code with which it was closed. */
  readonly closed: Promise<number>
  /** When the document of the server has come. */
  readonly synced: Promise<void>
  /** How many frames are sent and not yet told to be kept. */
  readonly unkept: number
  until<T extends Tell["tell"]>(tell: T, is?: (what: Extract<Tell, { tell: T }>) => boolean): Promise<Extract<Tell, { tell: T }>>
  ask(ask: Asked extends infer A ? (A extends { id: number } ? Omit<A, "id"> : never) : never): Promise<Extract<Tell, { tell: "answer" }>>
  say(states: readonly PresenceState[]): void
  send(data: Uint8Array | string): void
  /** All that was typed is kept. */
  settled(): Promise<void>
  close(): Promise<void>
}

export type Connecting = {
  readonly url: string
  readonly headers?: Readonly<Record<string, string>>
  /** Of a page that was open before. */
  readonly doc?: Y.Doc
  /** Of drafts, by which the page writes; undefined for one that names none. */
  readonly rules?: number | undefined
}

const REMOTE = "remote"

export function connect({ url, headers = {}, doc = new Y.Doc(), ...page }: Connecting): LiveClient {
  const rules = "rules" in page ? page.rules : DRAFT_RULES
  const socket = new WebSocket(rules === undefined ? url : `${url}?rules=${rules}`, { headers: { ...headers } })
  const tells: Tell[] = []
  const presence = new Map<number, PresenceState>()
  const waiting = new Set<() => void>()
  let [sent, kept, nextAsk] = [0, 0, 1]
  const synced = Promise.withResolvers<void>()
  const closed = Promise.withResolvers<number>()
  synced.promise.catch(() => undefined)
  const send = (data: Uint8Array | string) => {
    if (socket.readyState === WebSocket.OPEN) socket.send(data)
  }
  const wake = () => {
    for (const look of [...waiting]) look()
  }
  const mine = (update: Uint8Array, origin: unknown) => {
    if (origin === REMOTE || socket.readyState !== WebSocket.OPEN) return
    sent++
    send(updateFrame(update))
  }
  doc.on("update", mine)
  socket.on("open", () => send(haveFrame(Y.encodeStateVector(doc))))
  socket.on("message", (data: Buffer, isBinary: boolean) => {
    if (!isBinary) {
      const tell = JSON.parse(data.toString()) as Tell
      if (tell.tell === "kept") kept++
      else tells.push(tell)
      return wake()
    }
    const frame = readFrame(data)
    if (frame?.kind === "update") {
      Y.applyUpdate(doc, frame.update, REMOTE)
      if (data[1] === 1) synced.resolve()
    } else if (frame?.kind === "have") {
      const lacking = Y.encodeStateAsUpdate(doc, frame.vector)
      if (lacking.length > 2) sent++
      send(updateFrame(lacking, true))
    } else for (const state of frame?.states ?? []) presence.set(state.client, state)
    wake()
  })
  socket.on("error", () => undefined)
  socket.on("unexpected-response", (_, response) => closed.resolve(response.statusCode ?? 0))
  socket.on("close", (code) => {
    doc.off("update", mine)
    closed.resolve(code)
    synced.reject(new Error(`closed with ${code}`))
    wake()
  })
  const when = <Value>(look: () => Value | undefined, what: string): Promise<Value> =>
    new Promise((resolve, reject) => {
      const timer = setTimeout(() => done(() => reject(new Error(`${what} did not come; there came ${JSON.stringify(tells).slice(0, 2000)}`))), 8000)
      const done = (then: () => void) => {
        clearTimeout(timer)
        waiting.delete(again)
        then()
      }
      const again = () => {
        const found = look()
        if (found !== undefined) done(() => resolve(found))
      }
      waiting.add(again)
      again()
    })
  return {
    doc,
    draft: openDraft(doc),
    tells,
    presence,
    closed: closed.promise,
    synced: synced.promise,
    get unkept() {
      return sent - kept
    },
    until: (tell, is = () => true) => when(() => tells.find((what) => what.tell === tell && is(what as never)) as never, tell),
    ask(ask) {
      const id = nextAsk++
      send(JSON.stringify({ ...ask, id }))
      return when(() => tells.find((what): what is Extract<Tell, { tell: "answer" }> => what.tell === "answer" && what.id === id), ask.do)
    },
    say: (states) => send(presenceFrame(states)),
    send,
    settled: () => when(() => (sent === kept ? true : undefined), "kept").then(() => undefined),
    async close() {
      socket.close()
      await closed.promise
    },
  }
}

/** A client of a test's server, which listens from the first one on. */
export async function live(api: ApiTest, who: Someone | undefined, notebook: string, more: Partial<Connecting> = {}): Promise<LiveClient> {
  if (!api.server.server.listening) await api.server.listen({ host: "127.0.0.1", port: 0 })
  const { port } = api.server.server.address() as AddressInfo
  const credential = !who ? {} : who.token === undefined ? { cookie: `${COOKIE}=${who.cookie}` } : { authorization: `Bearer ${who.token}` }
  const headers = { host: "localhost:7838", origin: ORIGIN, ...credential, ...more.headers }
  return connect({ ...more, url: `ws://127.0.0.1:${port}/api/v1/notebooks/${encodeURIComponent(notebook)}/live`, headers })
}
