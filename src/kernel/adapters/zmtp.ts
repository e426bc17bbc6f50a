import { existsSync } from "node:fs"
import { connect, type Socket } from "node:net"
import { address, type Connection } from "#kernel/adapters/connection.ts"
import type { Take, Wire } from "#kernel/adapters/wire.ts"
import { greeting, type Memory, messageBytes, readyCommand, SUBSCRIBE_ALL, ZmtpDecoder } from "#kernel/zmtp.ts"

const DIAL_EVERY_MS = 4

/**
 * Our own ZMTP over Node's sockets: for kernels that never drop what they publish (the launcher sees to that).
 * Many messages come with one read and none crosses a thread: measured 10 µs of CPU a message in bursts against 50 µs.
 */
export function openZmtpWire(connection: Connection, identity: string, take: Take): Wire {
  const open = (channel: "shell" | "iopub" | "control" | "stdin") =>
    openPeer(address(connection, channel), channel === "iopub" ? "" : identity, (parts) => take(channel, parts))
  // A kernel answers stdin requests to the identity that asked on shell, so all three bear the same one.
  const peers = { iopub: open("iopub"), shell: open("shell"), control: open("control"), stdin: open("stdin") }
  return {
    send: (channel, parts) => peers[channel].send(messageBytes(parts)),
    hasEnded: () => peers.iopub.hasEnded(),
    close: () => {
      for (const peer of Object.values(peers)) peer.close()
    },
  }
}

type Peer = {
  send(bytes: Uint8Array): void
  hasEnded(): boolean
  close(): void
}

// Buffer.from copies into small pooled slabs, concat and allocUnsafeSlow give memory of their own.
const MEMORY: Memory = {
  copy: (bytes) => Buffer.from(bytes),
  join: (pieces) => Buffer.concat(pieces),
  reserve: (size) => Buffer.allocUnsafeSlow(size),
}

// On POSIX a read fills the buffer and calls back in one go, so all sockets of the process can share one.
const INCOMING = Buffer.allocUnsafeSlow(262_144)

/** One socket: a DEALER with this identity, or a SUB to everything when there is none. */
function openPeer(url: string, identity: string, take: (parts: Uint8Array[]) => void): Peer {
  const waiting: Uint8Array[] = []
  let state: "dialling" | "ready" | "ended" = "dialling"
  let socket: Socket | undefined
  let timer: NodeJS.Timeout | undefined

  const onReady = () => {
    state = "ready"
    if (identity === "") socket?.write(SUBSCRIBE_ALL)
    for (const bytes of waiting.splice(0)) socket?.write(bytes)
  }
  const dial = () => {
    if (state === "ended") return
    // Before the kernel has bound its socket there is no file, and looking costs less than a failed connection.
    if (url.startsWith("ipc://") && !existsSync(url.slice("ipc://".length))) return dialLater()
    const decoder = new ZmtpDecoder({ onReady, onMessage: take }, MEMORY)
    socket = callUp(url, (piece) => decoder.feed(piece))
    socket.once("connect", () => socket?.write(Buffer.concat([greeting(), readyCommand(identity === "" ? "SUB" : "DEALER", identity)])))
    socket.on("error", () => undefined)
    socket.once("close", () => (state === "dialling" ? dialLater() : hangUp()))
  }
  const dialLater = () => {
    timer = setTimeout(dial, DIAL_EVERY_MS)
  }
  const hangUp = () => {
    state = "ended"
    clearTimeout(timer)
    socket?.destroy()
  }
  dial()
  return {
    send: (bytes) => {
      if (state === "ready") socket?.write(bytes)
      else if (state === "dialling") waiting.push(bytes)
    },
    hasEnded: () => state === "ended",
    close: hangUp,
  }
}

function callUp(url: string, feed: (piece: Uint8Array) => void): Socket {
  const onread = {
    buffer: process.platform === "win32" ? Buffer.allocUnsafeSlow(65_536) : INCOMING,
    callback: (count: number, buffer: Uint8Array) => {
      feed(buffer.subarray(0, count))
      return true
    },
  }
  if (url.startsWith("ipc://")) return connect({ path: url.slice("ipc://".length), onread })
  const { hostname, port } = new URL(url.replace("tcp:", "http:"))
  return connect({ host: hostname, port: Number(port), noDelay: true, onread })
}
