import { Dealer, type Socket, Subscriber } from "zeromq"
import { address, type Connection } from "#kernel/adapters/connection.ts"
import type { Take, Wire } from "#kernel/adapters/wire.ts"

// No limit, lest a slow reader lose what a fast kernel says; no lingering, lest a dead kernel hold our exit.
const OPTIONS = { receiveHighWaterMark: 0, linger: 0, reconnectInterval: 5, reconnectMaxInterval: 250 } as const

/**
 * libzmq's sockets: for kernels that drop what they publish once 1,000 messages wait, which is libzmq's default and not
 * ours to change in a foreign kernel. Its own thread goes on reading while our JavaScript is busy.
 */
export function openZmqWire(connection: Connection, identity: string, take: Take): Wire {
  // A kernel answers stdin requests to the identity that asked on shell, so all three bear the same one.
  const dealer = () => new Dealer({ ...OPTIONS, sendHighWaterMark: 0, routingId: identity })
  const sockets = { shell: dealer(), control: dealer(), stdin: dealer(), iopub: new Subscriber(OPTIONS) }
  sockets.iopub.subscribe()
  for (const channel of ["iopub", "shell", "control", "stdin"] as const) {
    sockets[channel].connect(address(connection, channel))
    void pump(sockets[channel], (parts) => take(channel, parts))
  }
  return {
    send: (channel, parts) => {
      // Without a limit a send never waits, so it can only fail when the socket is closed: then nobody awaits an answer.
      if (!sockets[channel].closed) sockets[channel].send([...parts]).catch(() => undefined)
    },
    hasEnded: () => undefined,
    close: () => {
      for (const socket of Object.values(sockets)) socket.close()
    },
  }
}

async function pump(socket: Socket & { receive(): Promise<Uint8Array[]> }, take: (parts: readonly Uint8Array[]) => void): Promise<void> {
  // A closed socket throws at once when it is read, not by a rejection.
  while (!socket.closed) {
    const parts = await socket.receive().catch((error: unknown) => {
      if (!socket.closed) throw error
    })
    if (!parts) return
    take(parts)
  }
}
