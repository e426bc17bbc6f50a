/** Requests as an attacker sends them: any host, any address of this machine, any path, and bytes that are no HTTP at all. */
import { request } from "node:http"
import { connect, type Socket } from "node:net"

export type Sent = {
  readonly method: string
  /** As it stands in the first line: nothing is made better. */
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Uint8Array | string | undefined
  readonly timeoutMs?: number
}

/** `status` 0: no answer came, and `text` says why. */
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
    asking.on("upgrade", (_, socket) => {
      socket.destroy()
      resolve({ status: 101, headers: {}, text: "", bytes: new Uint8Array() })
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
      const said = Object.entries(response.headers).map(([name, value]) => [name, String(value)])
      resolve({ status: response.statusCode ?? 0, headers: Object.fromEntries(said), text: bytes.toString(), bytes })
    })
    asking.end(body)
  })
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
