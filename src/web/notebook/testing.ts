/** A server's end of the socket, and a clock that is moved by hand: for tests of the connection alone. */
import * as decoding from "lib0/decoding"
import * as encoding from "lib0/encoding"
import * as sync from "y-protocols/sync"
import * as Y from "yjs"
import type { Tell } from "#api/live.ts"
import type { KeptEdits } from "#web/notebook/kept-edits.ts"
import type { LiveWorld } from "#web/notebook/live.ts"

export function handClock() {
  let now = 0
  let timers: { at: number; act: () => void }[] = []
  return {
    after: (ms: number, act: () => void) => {
      const timer = { at: now + ms, act }
      timers.push(timer)
      return () => {
        timers = timers.filter((each) => each !== timer)
      }
    },
    pass: (ms: number) => {
      const until = now + ms
      for (;;) {
        const next = timers.filter((each) => each.at <= until).sort((a, b) => a.at - b.at)[0]
        if (!next) break
        timers = timers.filter((each) => each !== next)
        now = next.at
        next.act()
      }
      now = until
    },
    now: () => now,
  }
}

export type ScriptedServer = ReturnType<typeof scriptedServer>

/** `isMute`: takes everything and says nothing, as a network that drops does. */
export function scriptedServer() {
  const doc = new Y.Doc()
  const sockets = new Set<ScriptedSocket>()
  const asked: { readonly id: number; readonly do: string }[] = []
  const server = { doc, asked, isUp: true, isMute: false, opened: 0, open, close, tell }
  doc.on("update", (update: Uint8Array, origin: unknown) => {
    for (const socket of sockets) if (socket !== origin) socket.hear(frame((encoder) => sync.writeUpdate(encoder, update)))
  })
  function open(): WebSocket {
    server.opened++
    const socket = new ScriptedSocket(
      (data) => take(socket, data),
      () => sockets.delete(socket),
    )
    if (server.isUp) {
      sockets.add(socket)
      socket.opened()
    } else socket.ended(1006)
    return socket as unknown as WebSocket
  }
  function take(socket: ScriptedSocket, data: string | Uint8Array): void {
    if (server.isMute) return
    if (typeof data === "string") {
      asked.push(JSON.parse(data))
      return
    }
    const decoder = decoding.createDecoder(data)
    if (decoding.readVarUint(decoder) !== 0) return
    const encoder = encoding.createEncoder()
    encoding.writeVarUint(encoder, 0)
    sync.readSyncMessage(decoder, encoder, doc, socket)
    if (encoding.length(encoder) > 1) socket.hear(encoding.toUint8Array(encoder))
  }
  function close(code: number): void {
    for (const socket of [...sockets]) socket.ended(code)
  }
  function tell(what: Tell): void {
    for (const socket of sockets) socket.hear(JSON.stringify(what))
  }
  return server
}

export function frame(write: (encoder: encoding.Encoder) => void): Uint8Array {
  const encoder = encoding.createEncoder()
  encoding.writeVarUint(encoder, 0)
  write(encoder)
  return encoding.toUint8Array(encoder)
}

class ScriptedSocket {
  readyState = 0
  onopen: (() => void) | null = null
  onmessage: ((event: { data: unknown }) => void) | null = null
  onclose: ((event: { code: number }) => void) | null = null
  readonly #take: (data: string | Uint8Array) => void
  readonly #left: () => void
  constructor(take: (data: string | Uint8Array) => void, left: () => void) {
    this.#take = take
    this.#left = left
  }
  opened(): void {
    queueMicrotask(() => {
      if (this.readyState !== 0) return
      this.readyState = 1
      this.onopen?.()
    })
  }
  hear(data: string | Uint8Array): void {
    if (this.readyState === 1) this.onmessage?.({ data: typeof data === "string" ? data : data.slice().buffer })
  }
  ended(code: number): void {
    queueMicrotask(() => {
      if (this.readyState === 3) return
      this.readyState = 3
      this.#left()
      this.onclose?.({ code })
    })
  }
  send(data: string | Uint8Array): void {
    this.#take(data)
  }
  close(): void {
    this.readyState = 3
    this.#left()
  }
}

export function keptInMemory(): KeptEdits & { readonly edits: Map<number, Uint8Array> } {
  const edits = new Map<number, Uint8Array>()
  let next = 0
  return {
    edits,
    keep: async (update) => {
      edits.set(++next, update)
      return next
    },
    all: async () => [...edits].map(([key, update]) => ({ key, update })),
    forget: async (keys) => {
      for (const key of keys) edits.delete(key)
    },
    close: () => {},
  }
}

export function scriptedWorld(server: ScriptedServer, clock: ReturnType<typeof handClock>): LiveWorld {
  return { openSocket: server.open, after: clock.after, chance: () => 0.5 }
}
