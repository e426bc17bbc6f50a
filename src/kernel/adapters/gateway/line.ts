import { randomUUID } from "node:crypto"
import { Fault } from "#base/fault.ts"
import type { JsonObject } from "#base/json.ts"
import type { Server } from "#kernel/adapters/gateway/server.ts"
import { messageReader, writeFrames } from "#kernel/message.ts"
import type { Channel, Message, SendMore } from "#kernel/ports.ts"
import { closeLegacy, closeV1, openLegacy, openV1, type Parcel, V1_PROTOCOL } from "#kernel/websocket.ts"

const PROTOCOL = "5.4"
const NOTHING = new Uint8Array()
const toBytes = (text: string) => Buffer.from(text)
const toText = (bytes: Uint8Array) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("utf8")

/** How messages are packed; "unknown" until a server was met. */
export type Form = "v1" | "legacy" | "unknown"

/** One open WebSocket to one kernel. */
export type Line = {
  readonly form: Form
  send(parcel: Parcel): void
  close(): void
}

export type Ear = {
  hear(message: Message): void
  /** The other side closed, or the network broke; not called after `close`. */
  dropped(): void
}

type Dial = { readonly kernelId: string; readonly session: string; readonly form: Form; readonly timeoutMs: number }

/** Opens the WebSocket of a kernel, in the newer form if the server knows it. @throws Fault kernel_silent */
export async function openLine(server: Server, dial: Dial, ear: Ear): Promise<Line> {
  if (dial.form !== "unknown") return open(server, dial, ear)
  const deadline = performance.now() + dial.timeoutMs
  try {
    return await open(server, { ...dial, form: "v1" }, ear)
  } catch (error) {
    const timeoutMs = deadline - performance.now()
    if (timeoutMs <= 0) throw error
    // A server that knows no subprotocol answers without one, which a client that offered some has to take for a failure.
    return await open(server, { ...dial, form: "legacy", timeoutMs }, ear)
  }
}

function open(server: Server, dial: Dial, ear: Ear): Promise<Line> {
  const { form } = dial
  // The server would mix up two connections of one session, and the attempt that failed may not be over there.
  const url = server.socketUrl(dial.kernelId, form === "legacy" ? `${dial.session}-text` : dial.session)
  // `headers` is an extension of Node's WebSocket: without it the token would have to be part of the address, and of every log.
  const socket = new WebSocket(url, { protocols: form === "legacy" ? [] : [V1_PROTOCOL], headers: { ...server.headers } })
  socket.binaryType = "arraybuffer"
  const read = messageReader(toText)
  let state: "opening" | "open" | "closed" = "opening"
  const close = () => {
    state = "closed"
    socket.close()
  }
  socket.onmessage = ({ data }: { readonly data: unknown }) => {
    const parcel = state === "closed" ? undefined : unpack(data, form)
    const message = parcel && read(parcel.channel, { signature: NOTHING, ...parcel })
    if (message) ear.hear(message)
  }
  return new Promise((resolve, reject) => {
    const fail = (why: string) => {
      close()
      reject(new Fault("kernel_silent", `The Jupyter server at ${server.name} ${why}.`, { retry: "later", remedy: REMEDY }))
    }
    const timer = setTimeout(() => fail("did not open the kernel's WebSocket in time"), dial.timeoutMs)
    socket.onopen = () => {
      clearTimeout(timer)
      state = "open"
      resolve({ form, send: (parcel) => socket.send(pack(parcel, form)), close })
    }
    const gone = (why: string) => {
      clearTimeout(timer)
      const was = state
      state = "closed"
      if (was === "opening") fail(`did not open the kernel's WebSocket${why}`)
      else if (was === "open") ear.dropped()
    }
    // Node 22 tells of a WebSocket that could not be opened by `error` alone, Node 24 by `error` and `close`.
    socket.onerror = () => (state === "opening" ? gone("") : undefined)
    socket.onclose = ({ code, reason }) => gone(` (${code}${reason ? ` ${reason}` : ""})`)
  })
}

const REMEDY = "Check that nothing between here and there refuses WebSockets."

function unpack(data: unknown, form: Form): Parcel | undefined {
  if (typeof data === "string") return openLegacy(data)
  const bytes = new Uint8Array(data as ArrayBuffer)
  return form === "v1" ? openV1(bytes) : openLegacy(bytes)
}

function pack(parcel: Parcel, form: Form): string | Uint8Array<ArrayBuffer> {
  return form === "v1" ? closeV1(parcel) : closeLegacy(parcel)
}

/** Writes messages under one session; their ids count up. */
export class Pen {
  readonly session: string = randomUUID()
  #count = 0

  write(channel: Channel, type: string, content: JsonObject, more: SendMore = {}): { readonly id: string; readonly parcel: Parcel } {
    this.#count += 1
    const id = `${this.session}_${this.#count}`
    const header = { msg_id: id, msg_type: type, session: this.session, username: "stet", date: new Date().toISOString(), version: PROTOCOL }
    const parent = more.parentId === undefined ? {} : { ...header, msg_id: more.parentId, msg_type: "" }
    const whole = more.subshellId === undefined ? header : { ...header, subshell_id: more.subshellId }
    const frames = writeFrames({ header: whole, parent, metadata: more.metadata ?? {}, content }, toBytes)
    return { id, parcel: { channel, frames, buffers: more.buffers ?? [] } }
  }
}

/** A parcel as the message it would be if the kernel had sent it. */
export function asMessage(parcel: Parcel): Message {
  return messageReader(toText)(parcel.channel, { signature: NOTHING, ...parcel })!
}
