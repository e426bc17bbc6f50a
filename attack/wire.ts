/** Requests as an attacker sends them: any host, any address of this machine, any path, and bytes that are no HTTP at all. */
import { type IncomingHttpHeaders, request } from "node:http"
import { connect, type Socket } from "node:net"
import type { Duplex } from "node:stream"

export type Sent = {
  readonly method: string
  /** As it stands in the first line: nothing is made better. */
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Uint8Array | string | undefined
  readonly timeoutMs?: number
}

/** `status` 0: no answer came, and `text` says why. 101: `bytes` is what was said after the change, until a WebSocket was closed or no more came. */
export type Said = { readonly status: number; readonly headers: Readonly<Record<string, string>>; readonly text: string; readonly bytes: Uint8Array }

export type Wire = {
  readonly port: number
  readonly ask: (sent: Sent) => Promise<Said>
  /** Sends the bytes and gives all that comes back until the connection is closed or `ms` have passed. */
  readonly raw: (bytes: Uint8Array | string, ms?: number) => Promise<string>
  readonly open: () => Socket
}

const PATIENCE_MS = 60_000
const MOST_TEXT = 32_000_000

/** Each request comes from another address of 127.0.0.0/8, so that the limits on strangers are not what holds. */
export function wireTo(port: number): Wire {
  let count = 0
  const from = () => {
    count++
    // Of macOS only 127.0.0.1 is there.
    return process.platform === "linux" ? `127.${1 + ((count >> 16) & 127)}.${(count >> 8) & 255}.${1 + (count & 127)}` : "127.0.0.1"
  }
  const open = () => connect({ port, host: "127.0.0.1", localAddress: from() })
  return { port, ask: (sent) => ask(sent, port, from()), raw: (bytes, ms = 5000) => raw(open(), bytes, ms), open }
}

function ask({ method, path, headers = {}, body, timeoutMs = PATIENCE_MS }: Sent, port: number, localAddress: string): Promise<Said> {
  return new Promise((resolve) => {
    const none = (why: string) => resolve({ status: 0, headers: {}, text: why, bytes: new Uint8Array() })
    const length = body === undefined ? {} : { "content-length": String(Buffer.byteLength(body)) }
    const asking = request({
      host: "127.0.0.1",
      port,
      localAddress,
      method,
      path,
      agent: false,
      headers: { host: `localhost:${port}`, ...length, ...headers },
    })
    const timer = setTimeout(() => asking.destroy(new Error(`no answer in ${timeoutMs} ms`)), timeoutMs)
    asking.on("error", ({ message }) => none(message))
    asking.on("close", () => clearTimeout(timer))
    asking.on("upgrade", async ({ headers: said }, socket, head) => {
      const bytes = await saidAfterwards(socket, head)
      resolve({ status: 101, headers: flat(said), text: bytes.toString(), bytes })
    })
    asking.on("response", async (response) => {
      const pieces: Uint8Array[] = []
      let size = 0
      try {
        for await (const piece of response) {
          pieces.push(piece)
          size += piece.length
          if (size > MOST_TEXT) break
        }
      } catch {
        // A stream that was cut by the patience above: what came counts.
      }
      const bytes = Buffer.concat(pieces)
      resolve({ status: response.statusCode ?? 0, headers: flat(response.headers), text: bytes.toString(), bytes })
    })
    asking.end(body)
  })
}

function flat(headers: IncomingHttpHeaders): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]))
}

const QUIET_MS = 2000

/** Nothing is answered: who is let in goes on speaking, or waits. */
function saidAfterwards(socket: Duplex, head: Buffer): Promise<Buffer> {
  return new Promise((resolve) => {
    let bytes = head
    const over = () => {
      clearTimeout(timer)
      socket.destroy()
      resolve(bytes)
    }
    const timer = setTimeout(over, QUIET_MS)
    const hear = (piece: Buffer) => {
      bytes = Buffer.concat([bytes, piece])
      if (closingOf(bytes) !== undefined) over()
    }
    socket.on("error", () => undefined)
    socket.on("close", over)
    socket.on("data", hear)
    hear(Buffer.alloc(0))
  })
}

/** With which code a WebSocket was closed before anything else was said on it (RFC 6455, 5.5.1), if these bytes are that. */
export function closingOf(bytes: Uint8Array): number | undefined {
  const [first, length = 0, high = 0, low = 0] = bytes
  return first === 0x88 && length >= 2 && length < 126 && bytes.length === 2 + length ? high * 256 + low : undefined
}

function raw(socket: Socket, bytes: Uint8Array | string, ms: number): Promise<string> {
  return new Promise((resolve) => {
    let text = ""
    const timer = setTimeout(() => socket.destroy(), ms)
    socket.on("data", (piece) => {
      text += piece.toString("latin1")
    })
    socket.on("error", () => undefined)
    socket.on("close", () => {
      clearTimeout(timer)
      resolve(text)
    })
    socket.write(bytes)
  })
}

export async function inLanes<Item>(items: Iterable<Item>, lanes: number, work: (item: Item) => Promise<void>): Promise<void> {
  const left = items[Symbol.iterator]()
  const lane = async () => {
    for (let next = left.next(); !next.done; next = left.next()) await work(next.value)
  }
  await Promise.all(Array.from({ length: lanes }, lane))
}
