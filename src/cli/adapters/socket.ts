/** A WebSocket of the command line: it says who it is by a token, as a program does. */
import { WebSocket } from "ws"
import type { Socket } from "#cli/edge.ts"

const MOST_BYTES = 64 * 1024 * 1024

export function openSocket(url: string, token: string | undefined): Socket {
  const socket = new WebSocket(url, { headers: token === undefined ? {} : { authorization: `Bearer ${token}` }, maxPayload: MOST_BYTES })
  const waiting: string[] = []
  socket.on("open", () => {
    for (const text of waiting.splice(0)) socket.send(text)
  })
  // What it was is told by its closing.
  socket.on("error", () => undefined)
  return {
    send(text) {
      if (socket.readyState === WebSocket.OPEN) socket.send(text)
      else waiting.push(text)
    },
    onText: (then) => void socket.on("message", (data, isBinary) => !isBinary && then(String(data))),
    onClose: (then) => void socket.on("close", then),
    close: () => socket.close(),
  }
}
