/** Serves the web app: the same page at the address of every screen, and the assets that it is made of. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify"
import { showTold } from "#api/pages/render.ts"
import { problemOfRefusal } from "#api/problem.ts"
import { refuseWith, secure } from "#api/serve/answer.ts"
import { headerOf, knownOf } from "#api/serve/context.ts"
import type { Api } from "#api/serve/handler.ts"

/** Where screens are, as src/web/app/routes.tsx says, and the module that each is: the page asks for it at once, not after the app has begun. */
export const SCREENS: Readonly<Record<string, string | undefined>> = {
  "/": "home/home-page.tsx",
  "/inbox": "inbox/inbox-page.tsx",
  "/spaces": "space/spaces-page.tsx",
  "/spaces/:space": "space/space-page.tsx",
  "/spaces/:space/*": "space/space-page.tsx",
  "/trash": "space/trash-page.tsx",
  "/n/:space/*": "space/by-path-page.tsx",
  "/notebooks/:notebook": "notebook/notebook-page.tsx",
  "/notebooks/:notebook/versions": "versions/versions-page.tsx",
  "/notebooks/:notebook/versions/:version": "versions/versions-page.tsx",
  "/templates": "templates/templates-page.tsx",
  "/templates/*": "templates/template-page.tsx",
  "/proposals/:proposal": "templates/proposal-page.tsx",
  "/runs": "runs/runs-page.tsx",
  "/runs/:run": "run/run-page.tsx",
  "/search": "search/search-page.tsx",
  "/settings": "settings/settings-page.tsx",
  "/settings/:part": "settings/settings-page.tsx",
  "/components": "components/components-page.tsx",
  "/people": undefined,
  "/health": undefined,
}

export function registerApp(server: FastifyInstance, api: Api): void {
  for (const [url, screen] of Object.entries(SCREENS))
    server.get(url, { config: { name: `screen ${url}`, auth: "person" } as never }, (request, reply) => showScreen(api, request, reply, screen))
  server.get("/assets/:name", { config: { name: "asset", auth: "public" } as never }, async (request, reply) => {
    const { name } = request.params as { readonly name: string }
    const asset = await api.app.asset(name, headerOf(request, "accept-encoding") ?? "")
    if (!asset) return refuseWith(reply, { refused: "no_such_route", message: "There is no such part of the app; a newer one has taken its place." })
    secure(reply, "asset", api)
    if (asset.encoding) reply.header("content-encoding", asset.encoding)
    return reply.headers({ "content-type": asset.mediaType, vary: "accept-encoding" }).send(Buffer.from(asset.bytes))
  })
}

/** The page holds nothing of anybody's: what it shows it asks of the API, as the person who is signed in. */
async function showScreen(api: Api, request: FastifyRequest, reply: FastifyReply, screen: string | undefined): Promise<FastifyReply> {
  if (!knownOf(request).actor)
    return reply
      .code(303)
      .header("location", `/sign-in?next=${encodeURIComponent(request.url.slice(0, 1500))}`)
      .send()
  const nonce = Buffer.from(api.world.random.bytes(18)).toString("base64url")
  const page = await api.app.page(nonce, screen)
  if (page === undefined) return showTold(api, request, reply, problemOfRefusal(NOT_BUILT, request.id))
  secure(reply, "app", { https: api.https, nonce })
  return reply.header("content-type", "text/html; charset=utf-8").send(page)
}

const NOT_BUILT = {
  refused: "app_not_built",
  message: "The web app has not been built on this server.",
  remedy: "Start it with npm start, which builds it, or run node scripts/web.mjs once.",
} as const
