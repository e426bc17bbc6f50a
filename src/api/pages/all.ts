import type { FastifyInstance } from "fastify"
import { docsBody } from "#api/docs-page.ts"
import { versionPage } from "#api/handlers/versions.ts"
import { page, showTold, wantsPage } from "#api/pages/render.ts"
import { registerSignIn } from "#api/pages/sign-in.ts"
import { problemOfRefusal } from "#api/problem.ts"
import { sendProblem } from "#api/serve/answer.ts"
import type { Api } from "#api/serve/handler.ts"

/** What the server draws by itself: the ways in, the API's documentation, a version to print, and what is said where there is nothing. */
export function registerPages(server: FastifyInstance, api: Api): void {
  registerSignIn(server, api)
  page(server, api, { method: "GET", url: "/notebooks/:notebook/versions/:version/page", auth: "person" }, versionPage)
  const docs = docsBody(api.options.version, api.url.origin)
  page(server, api, { method: "GET", url: "/api/docs", auth: "public" }, async () => ({ title: "The API", at: "/api/docs", body: docs }))
  server.get("/robots.txt", async (_, reply) => reply.type("text/plain; charset=utf-8").send("User-agent: *\nDisallow: /\n"))
  server.setNotFoundHandler((request, reply) => {
    const told = problemOfRefusal({ refused: "no_such_route", message: `There is nothing at ${request.method} ${pathOf(request.url)}.` }, request.id)
    if (!wantsPage(request)) return sendProblem(reply, told)
    // Whoever has a browser looks for a page, and not for a route of the API.
    const said = {
      title: "There is no page here",
      detail: `Nothing stands at ${pathOf(request.url)}.`,
      remedy: "Check the address, or begin at the home page.",
    }
    return showTold(api, request, reply, { ...told, problem: { ...told.problem, ...said } })
  })
}

function pathOf(url: string): string {
  return (url.split("?")[0] ?? "").slice(0, 200)
}
