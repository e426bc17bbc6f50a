/** Makes fastify's routes out of the contract: credential, shape, body, handler, answer, in this order for every one. */

import { Readable } from "node:stream"
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify"
import { CONTRACT, type Route, type RouteName } from "#api/contract.ts"
import type { AnyRefusal } from "#api/problem.ts"
import { dispositionOf, refuseWith, secure, sendBytes, sendJson } from "#api/serve/answer.ts"
import { goneSignal, knownOf, strangersRefusal } from "#api/serve/context.ts"
import type { Api, Handler, Handlers, Sent } from "#api/serve/handler.ts"
import { readBody } from "#api/serve/reading.ts"
import { checked } from "#api/wire/checked.ts"
import { accepted, type Outcome, refused } from "#base/outcome.ts"
import { audit, canPlatform } from "#people/index.ts"

/** Members of bodies that go into notebooks: their numbers keep their spelling. */
const EXACT: Partial<Record<RouteName, readonly string[]>> = {
  launchRun: ["parameters"],
  runTemplate: ["parameters"],
  putTest: ["parameters"],
  askMcp: ["params"],
}
/** Bodies too large for memory: the handler reads them as they come. */
const STREAMED: ReadonlySet<RouteName> = new Set(["importZip", "putFile", "sendFile", "sendTemplateFile"])

export function registerRoutes(server: FastifyInstance, api: Api, handlers: Handlers): void {
  for (const name of Object.keys(CONTRACT) as RouteName[]) {
    const route: Route = CONTRACT[name]
    server.route({
      method: route.method,
      url: route.path.replace(/\{(\w+)\}/gu, ":$1"),
      // A stream has no end to be told beforehand, and a long wait no sense without its answer.
      exposeHeadRoute: name !== "getEvents",
      config: { name, auth: route.auth },
      handler: async (request, reply) => {
        const outcome = await answer(api, { name, route, handler: handlers[name] as Handler<RouteName> }, request, reply)
        return outcome.ok ? send(api, request, reply, outcome.value) : refuseWith(reply, outcome.refusal)
      },
    })
  }
}

type Registered = { readonly name: RouteName; readonly route: Route; readonly handler: Handler<RouteName> }

async function answer(
  api: Api,
  { name, route, handler }: Registered,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<Outcome<Sent<RouteName>, AnyRefusal>> {
  const { actor } = knownOf(request)
  const barred = await accessProblem(api, { name, auth: route.auth }, request)
  if (barred) return refused(barred)
  const shape = shapeOf(route, request)
  if (!shape.ok) return shape
  const body = await readBody(request, route.body, {
    exact: EXACT[name] ?? [],
    stream: STREAMED.has(name),
    room: api.bodies((then) => reply.raw.once("close", then)),
  })
  if (!body.ok) return body
  const given = route.body?.kind === "json" ? checked(route.body.schema, body.value, "body") : { value: body.value, problems: [] }
  if (given.problems.length > 0)
    return refused<AnyRefusal>({ refused: "bad_body", message: "The body cannot be used as it is.", errors: [...given.problems] })
  // One function serves every route: what it is given was checked against this very route's schemas.
  const call = {
    api,
    request,
    reply,
    actor,
    ...shape.value,
    body: given.value,
    // Made only for those who ask: few do, and each costs an exception when its connection closes.
    get gone() {
      return goneSignal(reply)
    },
  }
  const outcome = await handler(call as never)
  // Every process is told what changed about people, and this one need not wait to hear it.
  if (route.tag === "People" && route.method !== "GET") api.doorkeeper.forget()
  return outcome
}

type Door = { readonly name: RouteName; readonly auth: Route["auth"] }

async function accessProblem(api: Api, { name, auth }: Door, request: FastifyRequest): Promise<AnyRefusal | undefined> {
  const { actor } = knownOf(request)
  if (auth === "public") return undefined
  if (!actor) return strangersRefusal(request)
  if (auth === "session" && actor.via.kind !== "session") return { refused: "needs_session", message: "This takes a browser's session, not a token." }
  if (auth !== "administrator" || (await canPlatform(api.world.people.db, actor))) return undefined
  // No room is entered that would record it.
  const { people, clock } = api.world
  await audit(people.db, { actor, action: "platform.administer", thing: `route/${name}`, outcome: "denied", at: clock.now() })
  return { refused: "not_allowed", message: "This takes an administrator of the platform." }
}

type Shape = { readonly params: unknown; readonly query: unknown }

function shapeOf(route: Route, request: FastifyRequest): Outcome<Shape, AnyRefusal> {
  const params = checked(route.params, request.params, "path")
  const query = route.query ? checked(route.query, request.query, "query") : { value: undefined, problems: strangers(request.query as object) }
  const headers = checked(route.headers, request.headers, "header")
  const problems = [...params.problems, ...query.problems, ...headers.problems]
  return problems.length === 0
    ? accepted({ params: params.value, query: query.value })
    : refused({ refused: "bad_request", message: "The request cannot be used as it is.", errors: problems })
}

function strangers(query: object) {
  return Object.keys(query).map((key) => ({ in: "query" as const, path: key.slice(0, 200), message: "There is no such field." }))
}

async function send(api: Api, request: FastifyRequest, reply: FastifyReply, sent: Sent<RouteName>): Promise<FastifyReply> {
  switch (sent.kind) {
    case "json":
      return sendJson(reply.headers(sent.headers ?? {}), sent.status, sent.value)
    case "empty":
      return reply
        .headers(sent.headers ?? {})
        .code(sent.status ?? 204)
        .send()
    case "bytes":
      secure(reply, "content", api)
      return sendBytes(request, reply, sent.source)
    case "pieces":
      secure(reply, "content", api)
      return reply
        .headers({ "content-type": sent.mediaType, "content-disposition": dispositionOf(sent.fileName) })
        .send(Readable.from(sent.pieces, { objectMode: false }))
    case "page":
      secure(reply, "drawn", api)
      return reply.header("content-type", "text/html; charset=utf-8").send(sent.html)
    case "taken":
      return reply
  }
}
