/**
 * Connections between server and worker: a unix socket on one machine, TCP between several. What goes over TCP is encrypted under
 * the platform's key (TLS with a pre-shared key), so that neither side needs a certificate.
 */
import { createHash } from "node:crypto"
import { chmodSync, mkdirSync, readdirSync, rmSync } from "node:fs"
import { connect, createServer, type Server, type Socket } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { connect as connectTls, createServer as createTlsServer } from "node:tls"
import { isAlive } from "#base/adapters/process.ts"
import { Fault, toError } from "#base/fault.ts"
import type { Dial, Wire } from "#work/link-wire.ts"
import type { Seal } from "#work/ports.ts"

const CONNECT_WITHIN_MS = 5_000
const LONGEST_SOCKET_PATH = 100
const TLS = {
  minVersion: "TLSv1.2",
  maxVersion: "TLSv1.2",
  ciphers: "ECDHE-PSK-CHACHA20-POLY1305:DHE-PSK-CHACHA20-POLY1305:PSK-CHACHA20-POLY1305:PSK-AES256-GCM-SHA384",
} as const

export type Listening = {
  /** As `dial` takes it. */
  readonly address: string
  close(): Promise<void>
}

type Key = Pick<Seal, "digest">

/** At a socket of its own in that folder. @throws Fault storage_unwritable */
export async function listenLocally(folder: string, onWire: (wire: Wire) => void): Promise<Listening> {
  const path = socketPath(folder)
  for (const name of stale(folder)) rmSync(join(folder, name), { force: true })
  rmSync(path, { force: true })
  const server = createServer((socket) => onWire(wireOf(socket)))
  const close = closerOf(server)
  try {
    await listening(server, { path })
    chmodSync(path, 0o600)
  } catch (error) {
    throw new Fault("storage_unwritable", `The socket ${path} cannot be made: ${toError(error).message}.`, {
      cause: error,
      remedy: "Set STET_HOME to a directory that you may write.",
    })
  }
  return { address: `unix:${path}`, close }
}

/** At host:port, for servers on other machines. @throws Fault bad_configuration */
export async function listenAfar(at: string, key: Key, onWire: (wire: Wire) => void): Promise<Listening> {
  const { host, port } = placeOf(at)
  const psk = pskOf(key)
  const server = createTlsServer({ ...TLS, pskCallback: () => psk, pskIdentityHint: "stet" }, (socket) => onWire(wireOf(socket)))
  server.on("tlsClientError", () => undefined)
  const close = closerOf(server)
  try {
    await listening(server, { host, port })
  } catch (error) {
    throw new Fault("bad_configuration", `STET_WORKER_LISTEN is ${at}, which cannot be listened at: ${toError(error).message}.`, {
      cause: error,
      remedy: "Name an address of this machine and a free port.",
    })
  }
  const bound = server.address()
  return { address: `tcp:${host}:${typeof bound === "object" && bound ? bound.port : port}`, close }
}

export function dialer(key: Key): Dial {
  return (address) => {
    if (address.startsWith("unix:")) return connected(connect({ path: address.slice(5) }), "connect")
    const psk = pskOf(key)
    const identity = { psk: Buffer.from(psk), identity: "stet" }
    const socket = connectTls({ ...TLS, ...placeOf(address.replace(/^tcp:/, "")), pskCallback: () => identity, checkServerIdentity: () => undefined })
    return connected(socket, "secureConnect")
  }
}

function pskOf(key: Key): Buffer {
  return Buffer.from(key.digest("stet link transport"), "hex")
}

function placeOf(at: string): { readonly host: string; readonly port: number } {
  const [, host = "", port = ""] = /^\[?([^\]]*)\]?:(\d{1,5})$/.exec(at) ?? []
  if (host === "")
    throw new Fault("bad_configuration", `${JSON.stringify(at)} is no address of the form host:port.`, { remedy: "Correct STET_WORKER_LISTEN." })
  return { host, port: Number(port) }
}

/** The system allows 107 bytes; a home that lies deep has its sockets elsewhere. */
function socketPath(folder: string): string {
  const path = join(folder, `worker-${process.pid}.sock`)
  if (Buffer.byteLength(path) <= LONGEST_SOCKET_PATH) return path
  const aside = join(process.env["XDG_RUNTIME_DIR"] ?? tmpdir(), `stet-${createHash("sha256").update(folder).digest("hex").slice(0, 12)}`)
  mkdirSync(aside, { recursive: true, mode: 0o700 })
  return join(aside, `${process.pid}.sock`)
}

/** Sockets of workers that died. */
function stale(folder: string): readonly string[] {
  return readdirSync(folder).filter((name) => {
    const pid = /^worker-(\d+)\.sock$/.exec(name)?.[1]
    return pid !== undefined && Number(pid) !== process.pid && !isAlive(Number(pid))
  })
}

function listening(server: Server, where: { readonly path: string } | { readonly host: string; readonly port: number }): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject)
    server.listen(where, () => {
      server.off("error", reject)
      server.on("error", () => undefined)
      resolve()
    })
  })
}

function closerOf(server: Server): () => Promise<void> {
  const sockets = new Set<Socket>()
  server.on("connection", (socket: Socket) => {
    sockets.add(socket)
    socket.once("close", () => sockets.delete(socket))
  })
  return () => {
    for (const socket of sockets) socket.destroy()
    return new Promise((resolve) => server.close(() => resolve()))
  }
}

function connected(socket: Socket, event: "connect" | "secureConnect"): Promise<Wire> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => socket.destroy(new Error("nobody answered in time")), CONNECT_WITHIN_MS)
    socket.once("error", reject)
    socket.once("close", () => reject(new Error("the connection was closed")))
    socket.once(event, () => {
      clearTimeout(timer)
      resolve(wireOf(socket))
    })
  })
}

function wireOf(socket: Socket): Wire {
  socket.setNoDelay(true)
  socket.setKeepAlive(true, 10_000)
  socket.on("error", () => undefined)
  return {
    send: (bytes) => void (socket.writable && socket.write(bytes)),
    get backlogBytes() {
      return socket.writableLength
    },
    onBytes: (listener) => void socket.on("data", listener),
    onDrain: (listener) => void socket.on("drain", listener),
    onClose: (listener) => void socket.on("close", listener),
    close: () => void socket.destroy(),
  }
}
