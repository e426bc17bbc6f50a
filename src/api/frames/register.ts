/** Serves the document of output frames to anybody: it holds nothing, and acts only in an origin of its own. */
import type { FastifyInstance } from "fastify"
import { FRAME_DOCUMENT, framePolicy, hostsOf } from "#api/frames/document.ts"
import { refuseWith, secure } from "#api/serve/answer.ts"
import type { Api } from "#api/serve/handler.ts"

export function registerFrames(server: FastifyInstance, api: Api): void {
  server.get("/frames/output", { config: { name: "frame", auth: "public" } as never }, async (request, reply) => {
    const { allow } = request.query as { readonly allow?: unknown }
    const hosts = hostsOf(typeof allow === "string" ? allow : allow === undefined ? undefined : "?")
    if (!hosts) return refuseWith(reply, { refused: "bad_request", message: "What is allowed has to be a list of host names with commas between." })
    secure(reply, "content", api)
    return reply
      .headers({
        "content-type": "text/html; charset=utf-8",
        "content-security-policy": framePolicy(hosts),
        "x-frame-options": "SAMEORIGIN",
        "x-dns-prefetch-control": "off",
      })
      .send(FRAME_DOCUMENT)
  })
}
