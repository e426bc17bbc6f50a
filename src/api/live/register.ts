/** The address of a notebook's socket. It passes the same guard as every other request, and the check of a write: a page of another site may not open it. */
import websocket from "@fastify/websocket"
import type { FastifyInstance } from "fastify"
import type { WebSocket } from "ws"
import { originProblem } from "#api/guard/origin.ts"
import { openLine } from "#api/live/line.ts"
import { rooms } from "#api/live/room.ts"
import { CLOSED } from "#api/live.ts"
import { refuseWith } from "#api/serve/answer.ts"
import { headerOf, knownOf, strangersRefusal } from "#api/serve/context.ts"
import { askedOf, placeOf } from "#api/serve/guard.ts"
import type { Api } from "#api/serve/handler.ts"

/** One frame: a picture that is pasted, a day of edits made offline. */
const MOST_FRAME_BYTES = 16 * 1024 * 1024
/** What one person may have open at once. */
const MOST_SOCKETS = 100
const ALIVE_MS = 25_000

export async function registerLive(server: FastifyInstance, api: Api): Promise<void> {
  await server.register(websocket, { options: { maxPayload: MOST_FRAME_BYTES, perMessageDeflate: false } })
  const all = rooms(api)
  const open = new Map<string, number>()
  const alive = heartbeat()
  server.addHook("onClose", async () => alive.stop())
  server.route({
    method: "GET",
    url: "/api/v1/notebooks/:notebook/live",
    exposeHeadRoute: false,
    preValidation: async (request, reply) => {
      const known = knownOf(request)
      // A browser always says from which page a socket is opened; what shows a cookie and does not is no browser.
      const isSilent = known.by === "cookie" && headerOf(request, "origin") === undefined
      const problem = originProblem({ ...askedOf(request, known), method: "POST", marked: true }, placeOf(api))
      if (problem || isSilent)
        return refuseWith(reply, { refused: "foreign_origin", message: problem?.why ?? "The browser did not say which page opens this." })
      if (known.actor && (open.get(known.actor.id) ?? 0) >= MOST_SOCKETS)
        return refuseWith(reply, {
          refused: "too_many_requests",
          message: `You have ${MOST_SOCKETS} notebooks open.`,
          remedy: "Close some.",
          retryAfterSeconds: 5,
        })
    },
    handler: async (request, reply) =>
      refuseWith(
        reply,
        knownOf(request).actor
          ? { refused: "bad_request", message: "This address is for a WebSocket.", remedy: "Ask for an upgrade." }
          : strangersRefusal(request),
      ),
    wsHandler: (socket, request) => {
      const who = knownOf(request).actor?.id ?? ""
      open.set(who, (open.get(who) ?? 0) + 1)
      socket.once("close", () => {
        const left = (open.get(who) ?? 1) - 1
        if (left > 0) open.set(who, left)
        else open.delete(who)
      })
      alive.add(socket)
      openLine({ api, rooms: all, socket, request })
    },
  })
  // What is refused before the plugin has seen it keeps a socket that belongs to nobody, for which a server that ends would wait.
  server.addHook("onResponse", async (request) => {
    if (request.headers.upgrade !== undefined && !request.ws) request.raw.socket.destroy()
  })
  server.addHook("preClose", async () => {
    for (const client of server.websocketServer.clients) client.close(CLOSED.serverEnds, "the server ends")
  })
}

/** A side that has gone without a word is found out by its silence. */
function heartbeat() {
  const heard = new Map<WebSocket, boolean>()
  const timer = setInterval(() => {
    for (const [socket, isAlive] of heard) {
      if (!isAlive) socket.terminate()
      else {
        heard.set(socket, false)
        socket.ping()
      }
    }
  }, ALIVE_MS)
  timer.unref()
  return {
    add(socket: WebSocket) {
      heard.set(socket, true)
      socket.on("pong", () => heard.set(socket, true))
      socket.once("close", () => heard.delete(socket))
    },
    stop: () => clearInterval(timer),
  }
}
