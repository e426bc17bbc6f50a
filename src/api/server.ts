/** The HTTP server: one table of routes, one way in, one way out. */
import { randomUUID } from "node:crypto"
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from "fastify"
import { openBuild } from "#api/app/build.ts"
import { registerApp } from "#api/app/serve.ts"
import { registerFrames } from "#api/frames/register.ts"
import { cookieName } from "#api/guard/cookie.ts"
import { HANDLERS } from "#api/handlers/all.ts"
import { registerLive } from "#api/live/register.ts"
import { registerMcp } from "#api/mcp/register.ts"
import { registerOperation } from "#api/operation.ts"
import { registerPages } from "#api/pages/all.ts"
import { problemOfError } from "#api/problem.ts"
import { refuseWith, secure, sendProblem } from "#api/serve/answer.ts"
import { guard } from "#api/serve/guard.ts"
import type { Api } from "#api/serve/handler.ts"
import { openHub } from "#api/serve/hub.ts"
import { BodyTooLarge, roomOf } from "#api/serve/reading.ts"
import { registerRoutes } from "#api/serve/register.ts"
import { heart } from "#api/serve/stream.ts"
import { answerToUnreadable, LONGEST_HEAD } from "#api/serve/unreadable.ts"
import { doorkeeper } from "#api/serve/who.ts"
import type { ApiOptions, ApiWorld } from "#api/world.ts"
import { type Drafts, openDrafts } from "#library/index.ts"

/** Ready to listen, or to be asked with `inject`. `close()` ends its streams and its connection for messages. */
export async function buildServer(world: ApiWorld, options: ApiOptions): Promise<FastifyInstance> {
  const url = new URL(options.url)
  const hub = await openHub(world.listen)
  const cookie = cookieName(url)
  const api: Api = {
    world,
    options,
    hub,
    url,
    cookie,
    https: url.protocol === "https:",
    pages: new Map(),
    drafts: draftsOf(world, options),
    looks: new Map(),
    bodies: roomOf(options.bodyBytes ?? 512 * 1024 * 1024),
    app: openBuild(options.app),
    heart: heart(options.heartbeatMs ?? 15_000),
    doorkeeper: doorkeeper(world, { hub, cookie, trustMs: options.trustMs ?? 2000 }),
  }
  const server = bareServer(options, (reply) => secure(reply, "api", api))
  takeAnyBody(server)
  server.addHook("onRequest", (request, reply, done) => {
    secure(reply, "api", api)
    reply.header("x-request-id", request.id)
    done()
  })
  guard(server, api)
  sayWhatFailed(server, api)
  registerRoutes(server, api, HANDLERS)
  registerOperation(server, api)
  registerMcp(server)
  registerPages(server, api)
  registerApp(server, api)
  registerFrames(server, api)
  // Last: every route that comes after it takes a WebSocket, if only to close it.
  await registerLive(server, api)
  server.addHook("onClose", async () => {
    api.heart.stop()
    await api.drafts.close()
    await hub.close()
  })
  return server
}

function draftsOf(world: ApiWorld, { drafts: times = {} }: ApiOptions): Drafts {
  const shownByExecutions = world.shownByExecutions ?? (async () => new Map())
  return openDrafts(
    { ...world.library, shownByExecutions, savedWidgets: world.savedWidgets ?? (async () => undefined) },
    {
      holder: randomUUID(),
      timers: { after: (ms, then) => clearing(setTimeout(then, ms)) },
      failed: (what, error) => world.log({ level: "warn", message: what, error }),
      times,
    },
  )
}

function clearing(timer: NodeJS.Timeout): () => void {
  timer.unref()
  return () => clearTimeout(timer)
}

/** `secured`: for what fastify answers before any hook is called, as an address that cannot be decoded. */
function bareServer({ tls, trustProxy = false }: ApiOptions, secured: (reply: FastifyReply) => void): FastifyInstance {
  const limits = { maxHeaderSize: LONGEST_HEAD, headersTimeout: 20_000, connectionsCheckingInterval: 5000 }
  const server = Fastify({
    logger: false,
    genReqId: () => randomUUID(),
    trustProxy,
    // Long enough for an archive over a slow line; a header must come sooner (above).
    requestTimeout: 600_000,
    keepAliveTimeout: 65_000,
    forceCloseConnections: true,
    return503OnClosing: true,
    routerOptions: { maxParamLength: 4096, ignoreDuplicateSlashes: false, caseSensitive: true },
    ...(tls ? { https: { ...limits, cert: tls.cert as string, key: tls.key as string } } : { http: limits }),
    frameworkErrors(_error, _request, reply) {
      secured(reply as FastifyReply)
      refuseWith(reply as FastifyReply, { refused: "bad_request", message: "The address cannot be read." })
    },
    clientErrorHandler(error, socket) {
      if (socket.writable) socket.end(answerToUnreadable(error.code, randomUUID()))
    },
  })
  return server as unknown as FastifyInstance
}

/** Bodies are left where they are until the asker is known and the route has said what it takes. */
function takeAnyBody(server: FastifyInstance): void {
  server.removeAllContentTypeParsers()
  server.addContentTypeParser("*", (_request, _payload, done) => done(null, undefined))
}

function sayWhatFailed(server: FastifyInstance, { world }: Api): void {
  server.setErrorHandler((error: Error & { readonly statusCode?: number }, request, reply) => {
    if (error instanceof BodyTooLarge) return refuseWith(reply, { refused: "too_large", message: `The body is larger than ${error.limit} bytes.` })
    // What fastify itself refuses: an address that cannot be decoded, a header that cannot be read.
    if (error.statusCode !== undefined && error.statusCode < 500)
      return refuseWith(reply, { refused: "bad_request", message: "The request cannot be read." })
    const told = problemOfError(error, request.id)
    world.log({ level: "error", message: "a request failed", requestId: request.id, method: request.method, path: pathOf(request), error })
    return sendProblem(reply, told)
  })
  server.addHook("onResponse", (request, reply, done) => {
    logAnswer(request, reply, world)
    done()
  })
}

function logAnswer(request: FastifyRequest, reply: FastifyReply, world: ApiWorld): void {
  const run = runOf(request, reply)
  const { ip: address, id: requestId, method } = request
  world.log({
    level: "info",
    message: "answered",
    requestId,
    method,
    path: pathOf(request),
    status: reply.statusCode,
    ms: Math.round(reply.elapsedTime),
    address,
    ...(run === undefined ? {} : { runId: run }),
  })
}

/** The one that was asked for, or that was launched. */
function runOf(request: FastifyRequest, reply: FastifyReply): string | undefined {
  const asked = (request.params as { readonly run?: string } | undefined)?.run
  return asked ?? /^\/api\/v1\/runs\/([0-9A-Z]{26})$/.exec(String(reply.getHeader("location")))?.[1]
}

/** Without its query, which may hold what nobody should read. */
function pathOf(request: FastifyRequest): string {
  return request.url.split("?")[0]?.slice(0, 500) ?? ""
}
