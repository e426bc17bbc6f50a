/** The other methods of the address for agents: it keeps no session and sends nothing by itself, and says so as the protocol wants. */
import type { FastifyInstance } from "fastify"
import { refuseWith } from "#api/serve/answer.ts"
import { knownOf, strangersRefusal } from "#api/serve/context.ts"

export function registerMcp(server: FastifyInstance): void {
  server.route({
    method: ["GET", "DELETE"],
    url: "/mcp",
    exposeHeadRoute: false,
    handler: async (request, reply) => {
      if (!knownOf(request).actor) return refuseWith(reply, strangersRefusal(request))
      reply.header("allow", "POST")
      return refuseWith(reply, {
        refused: "wrong_method",
        message: "Agents send each message by POST; nothing is streamed from here, and there is no session to end.",
      })
    },
  })
}
