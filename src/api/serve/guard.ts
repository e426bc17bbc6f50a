/** What every request passes before its route is entered: which host, who, from which page, how often. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify"
import { type Asked, originProblem, type Place } from "#api/guard/origin.ts"
import { limiter } from "#api/guard/rate.ts"
import { refuseWith } from "#api/serve/answer.ts"
import { headerOf, type Known, remember } from "#api/serve/context.ts"
import type { Api } from "#api/serve/handler.ts"
import { USUAL_RATES } from "#api/world.ts"

const WRITES = new Set(["POST", "PUT", "PATCH", "DELETE"])

export function guard(server: FastifyInstance, api: Api): void {
  const place = placeOf(api)
  const { actor: actorRate, stranger: strangerRate } = { ...USUAL_RATES, ...api.options.rates }
  const actors = limiter(actorRate, () => api.world.clock.steady())
  const strangers = limiter(strangerRate, () => api.world.clock.steady())
  server.addHook("onRequest", async (request, reply) => {
    // Which of two names counts is seen differently by what stands in front (RFC 9112, 3.2).
    if (namesOf(request) > 1) return refuseWith(reply, { refused: "bad_request", message: "The request names more than one host." })
    if (isOperational(request)) return
    // Who tries credentials is stopped before the database is asked about the next one.
    if (hasCredential(request, api) && strangers.peek(request.ip) > 0) return tooMany(reply, strangers.peek(request.ip))
    const { bad, ...known } = await api.doorkeeper.whoAsks(request)
    remember(request, known)
    const problem = originProblem(askedOf(request, known), place)
    if (problem) return refuseWith(reply, { refused: problem.refused, message: problem.why })
    const waitMs = known.actor
      ? actors.ask(known.actor.id, WRITES.has(request.method) ? 5 : 1)
      : strangers.ask(request.ip, bad || WRITES.has(request.method) ? 5 : 1)
    if (waitMs > 0) return tooMany(reply, waitMs)
  })
}

function namesOf({ raw }: FastifyRequest): number {
  return raw.rawHeaders.filter((name, index) => index % 2 === 0 && name.length === 4 && name.toLowerCase() === "host").length
}

/** Probes and meters are for machines beside this one; they tell nothing about what is kept. */
function isOperational(request: FastifyRequest): boolean {
  return /^\/(livez|readyz|metrics)$/u.test(request.url.split("?")[0] ?? "")
}

function hasCredential(request: FastifyRequest, { cookie }: Api): boolean {
  return request.headers.authorization !== undefined || (request.headers.cookie ?? "").includes(`${cookie}=`)
}

function tooMany(reply: FastifyReply, waitMs: number): FastifyReply {
  return refuseWith(reply, { refused: "too_many_requests", message: "This was asked too often.", retryAfterSeconds: waitMs / 1000 })
}

export function askedOf(request: FastifyRequest, known: Known): Asked {
  return {
    method: request.method,
    host: request.host,
    origin: headerOf(request, "origin"),
    site: headerOf(request, "sec-fetch-site"),
    mode: headerOf(request, "sec-fetch-mode"),
    dest: headerOf(request, "sec-fetch-dest"),
    contentType: headerOf(request, "content-type"),
    marked: request.headers["x-stet"] !== undefined,
    by: known.actor ? known.by : "nothing",
    surface: /^\/(api\/|mcp(\?|$))/u.test(request.url) ? "api" : "page",
  }
}

export function placeOf({ url, options }: Api): Place {
  return { origin: url.origin, hosts: options.hosts ?? hostsOf(url) }
}

/** The names under which this server is reached: of a machine's own address, all of them. */
function hostsOf(url: URL): readonly string[] {
  const port = url.port === "" ? "" : `:${url.port}`
  const isLocal = ["localhost", "127.0.0.1", "[::1]"].includes(url.hostname)
  return isLocal ? [`localhost${port}`, `127.0.0.1${port}`, `[::1]${port}`] : [url.host]
}
