import type { FastifyInstance } from "fastify"
import { CONTRACT, type Route } from "#api/contract.ts"
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
    const methods = wantsPage(request) ? [] : methodsAt(pathOf(request.url))
    if (methods.length > 0) reply.header("allow", methods.join(", "))
    const told = problemOfRefusal(
      methods.length > 0
        ? { refused: "wrong_method", message: `${pathOf(request.url)} takes ${methods.join(", ")}, not ${request.method}.` }
        : { refused: "no_such_route", message: `There is nothing at ${request.method} ${pathOf(request.url)}.` },
      request.id,
    )
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

const ROUTES = Object.values<Route>(CONTRACT).map(({ method, path }) => ({
  method,
  at: new RegExp(`^${path.replaceAll(/[{][^}]+[}]/g, "[^/]+")}$`, "u"),
}))

/** What the contract has at this address. */
function methodsAt(path: string): readonly string[] {
  return ROUTES.filter(({ at }) => at.test(path)).map(({ method }) => method)
}

function pathOf(url: string): string {
  return (url.split("?")[0] ?? "").slice(0, 200)
}
