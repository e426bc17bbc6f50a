/** For those who run it: is it alive, is it ready, how much of what; and the contract itself. */
import { timingSafeEqual } from "node:crypto"
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify"
import { sql } from "kysely"
import { Counter, Gauge, Histogram, Registry } from "prom-client"
import { openApi } from "#api/openapi.ts"
import { refuseWith, secure, sendJson } from "#api/serve/answer.ts"
import type { Api } from "#api/serve/handler.ts"
import type { ReadyCheck } from "#api/world.ts"

export function registerOperation(server: FastifyInstance, api: Api): void {
  const meters = metersOf(api)
  server.addHook("onResponse", (request, reply, done) => {
    meters.answered(request, reply)
    done()
  })
  server.get("/livez", async (_, reply) => sendJson(reply, 200, { alive: true }))
  server.get("/readyz", async (_, reply) => {
    const checks = await readiness(api)
    const isReady = checks.every(({ ok }) => ok)
    return sendJson(reply, isReady ? 200 : 503, { ready: isReady, checks })
  })
  server.get("/metrics", async (request, reply) => {
    if (!mayMeter(request, api))
      return refuseWith(reply, {
        refused: "not_allowed",
        message: "Meters are read from this machine itself, or with the token of STET_METRICS_TOKEN.",
        remedy: "Send it as Authorization: Bearer.",
      })
    await meters.look()
    return reply.header("content-type", meters.registry.contentType).send(await meters.registry.metrics())
  })
  const document = JSON.stringify(openApi({ version: api.options.version, url: api.url.origin }))
  server.get("/api/openapi.json", async (_, reply) => {
    secure(reply, "api", api)
    return reply.header("content-type", "application/json; charset=utf-8").header("cache-control", "no-cache").send(document)
  })
}

/** A probe that hangs is a probe that fails. */
async function readiness({ world }: Api): Promise<readonly ReadyCheck[]> {
  const late = new Promise<readonly ReadyCheck[]>((resolve) => {
    setTimeout(() => resolve([{ name: "time", ok: false, message: "The checks took more than 5 s." }]), 5000).unref()
  })
  return Promise.race([late, world.ready().catch(() => [{ name: "checks", ok: false, message: "A check failed; the log says which." }])])
}

function mayMeter(request: FastifyRequest, { options, world }: Api): boolean {
  if (options.metricsToken === undefined) return isLoopback(request.socket.remoteAddress ?? "") && request.headers["x-forwarded-for"] === undefined
  const given = world.sha256(/^bearer +(.+)$/iu.exec(request.headers.authorization ?? "")?.[1] ?? "")
  return timingSafeEqual(Buffer.from(given), Buffer.from(world.sha256(options.metricsToken)))
}

function isLoopback(address: string): boolean {
  return address === "::1" || /^(::ffff:)?127\./u.test(address)
}

type Meters = {
  readonly registry: Registry
  /** Asks the database what it has to tell. */
  look(): Promise<void>
  answered(request: FastifyRequest, reply: FastifyReply): void
}

/** Whoever scrapes has less patience than a query that waits for a database. */
const DATABASE_MS = 3_000

function metersOf(api: Api): Meters {
  const registry = new Registry()
  const registers = [registry]
  const seconds = new Histogram({
    name: "stet_request_seconds",
    help: "Time to answer",
    labelNames: ["route", "method", "status"],
    buckets: [0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 5, 30],
    registers,
  })
  const denied = new Counter({ name: "stet_denied_total", help: "Requests that were denied", labelNames: ["status"], registers })
  const limited = new Counter({ name: "stet_limited_total", help: "Requests that came too often (429)", registers })
  new Gauge({
    name: "stet_streams",
    help: "Open streams of events",
    registers,
    collect() {
      this.set(api.heart.beating)
    },
  })
  new Gauge({
    name: "stet_memory_bytes",
    help: "Resident memory of the server",
    registers,
    collect() {
      this.set(process.memoryUsage.rss())
    },
  })
  const ofDatabase = databaseMeters(registers)
  return {
    registry,
    look: async () => ofDatabase(await within(DATABASE_MS, Promise.all([liveRuns(api), lostRuns(api), queueAge(api)]))),
    answered(request, reply) {
      const route = request.routeOptions.url ?? "none"
      // A stream or a long wait is as long as its reader likes.
      if (!/\/events$/u.test(route) && !request.url.includes("waitSeconds="))
        seconds.observe({ route, method: request.method, status: String(reply.statusCode) }, reply.elapsedTime / 1000)
      if (reply.statusCode === 401 || reply.statusCode === 403) denied.inc({ status: String(reply.statusCode) })
      if (reply.statusCode === 429) limited.inc()
    },
  }
}

type RunFacts = readonly [live: readonly (readonly [string, number])[], lost: number, queueSeconds: number]

/** While the database is away the process still tells of itself, and what is not known is not there: 0 would be a lie. */
function databaseMeters(registers: Registry[]): (facts: RunFacts | undefined) => void {
  const up = new Gauge({ name: "stet_database_up", help: "Whether the database answers", registers })
  const runs = new Gauge({ name: "stet_runs", help: "Runs that wait or run", labelNames: ["state"], registers })
  const lost = new Gauge({ name: "stet_runs_lost_day", help: "Runs lost within a day", registers })
  const age = new Gauge({ name: "stet_queue_age_seconds", help: "How long the oldest run that may begin has waited", registers })
  return (facts) => {
    up.set(facts === undefined ? 0 : 1)
    runs.reset()
    lost.remove()
    age.remove()
    if (facts === undefined) return
    for (const [state, count] of facts[0]) runs.set({ state }, count)
    lost.set(facts[1])
    age.set(facts[2])
  }
}

/** undefined when it fails or takes longer. */
async function within<Value>(ms: number, asked: Promise<Value>): Promise<Value | undefined> {
  const late = new Promise<undefined>((resolve) => setTimeout(() => resolve(undefined), ms).unref())
  return Promise.race([asked.catch(() => undefined), late])
}

async function liveRuns({ world }: Api): Promise<readonly (readonly [string, number])[]> {
  const rows = await world.people.db
    .selectFrom("run")
    .select(["state", (eb) => eb.fn.countAll<number>().as("count")])
    .where("state", "in", ["queued", "running"])
    .groupBy("state")
    .execute()
  return ["queued", "running"].map((state) => [state, rows.find((row) => row.state === state)?.count ?? 0] as const)
}

async function lostRuns({ world }: Api): Promise<number> {
  const since = new Date(world.clock.now() - 86_400_000) as never
  const row = await world.people.db
    .selectFrom("run")
    .select((eb) => eb.fn.countAll<number>().as("count"))
    .where("state", "=", "lost")
    .where("ended_at", ">", since)
    .executeTakeFirst()
  return row?.count ?? 0
}

async function queueAge({ world }: Api): Promise<number> {
  const { rows } = await sql<{ seconds: number }>`
    SELECT coalesce(extract(epoch FROM now() - min(greatest(queued_at, not_before))), 0)::float8 AS seconds
    FROM run WHERE state = 'queued' AND (not_before IS NULL OR not_before <= now())`.execute(world.people.db)
  return Math.max(0, rows[0]?.seconds ?? 0)
}
