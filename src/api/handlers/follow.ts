/** A run's events as a stream, for as long as its reader may see them. */
import type { FastifyReply } from "fastify"
import { bell } from "#api/serve/bell.ts"
import { headerOf, knownOf } from "#api/serve/context.ts"
import type { Api, Call, Handler } from "#api/serve/handler.ts"
import { type Event, type Page, streamEvents } from "#api/serve/stream.ts"
import { accepted } from "#base/outcome.ts"
import { toIso } from "#base/time.ts"
import { type Actor, SYSTEM } from "#people/index.ts"
import { eventsAfter, getRun, isTerminal } from "#work/index.ts"

export const followEvents: Handler<"getEvents"> = async (call) => {
  const { api, actor, request, reply, params, query, gone } = call
  const found = await getRun(api.world.work, actor, params.run)
  if (!found.ok) return found
  const last = headerOf(request, "last-event-id")
  const after = last !== undefined && /^\d{1,15}$/u.test(last) ? Number(last) : (query.after ?? 0)
  const rings = bell()
  const { codeHidden } = found.value
  const rights = rightsOf(call, codeHidden, () => rings.ring())
  const stop = api.hub.onRun(params.run, () => rings.ring())
  gone.addEventListener("abort", () => {
    rights.stop()
    stop()
  })
  begin(reply)
  api.heart.add(reply.raw)
  const page = (seq: number, most: number) => sharedPage(api, { run: params.run, seq, most, codeHidden })
  const stallMs = api.options.stallMs ?? 60_000
  streamEvents({ response: reply.raw, after, page, bell: rings, mayGoOn: rights.mayGoOn, gone, stallMs }).catch((error: unknown) => {
    api.world.log({ level: "warn", message: "a stream of events broke", requestId: request.id, runId: params.run, error })
    reply.raw.destroy()
  })
  return accepted({ kind: "taken" })
}

const ASK_AGAIN_MS = 3000
const ASK_ANYWAY_MS = 60_000

/**
 * Whether the reader may still see the run: asked at once when something is told about the person, after three seconds when more is
 * to be sent (a notebook that is moved away tells nobody), and once a minute, because sessions and tokens also end by themselves.
 */
function rightsOf({ api, actor, request, params }: Call<"getEvents">, codeHidden: boolean, wake: () => void) {
  let askedAt = api.world.clock.steady()
  const ask = () => {
    askedAt = Number.NEGATIVE_INFINITY
    wake()
  }
  const stop = api.hub.onPerson(actor.id, ask)
  const timer = setInterval(ask, ASK_ANYWAY_MS)
  return {
    async mayGoOn() {
      if (api.world.clock.steady() - askedAt < ASK_AGAIN_MS) return true
      const isSoon = askedAt === Number.NEGATIVE_INFINITY
      askedAt = api.world.clock.steady()
      if (isSoon && !(await api.doorkeeper.stillGood(knownOf(request), request))) return false
      return once(api.looks, `${actor.id} ${keyOf(actor)} ${params.run}`, async () => {
        const looked = await getRun(api.world.work, actor, params.run)
        // Told as before, it would tell too much, or too little: the reader comes back and is told otherwise.
        return looked.ok && looked.value.codeHidden === codeHidden
      })
    },
    stop() {
      clearInterval(timer)
      stop()
    },
  }
}

type Asked = { readonly run: string; readonly seq: number; readonly most: number; readonly codeHidden: boolean }

/** A thousand who watch the same run stand at the same event: it is fetched once for all of them. Who may see it is asked for each. */
function sharedPage(api: Api, { run, seq, most, codeHidden }: Asked): Promise<Page> {
  return once(api.pages, `${run} ${seq} ${most} ${codeHidden}`, async () => {
    const next = await eventsAfter(api.world.work, SYSTEM, { id: run, seq, limit: most, codeHidden })
    return next.ok ? { events: next.value.events.map(eventOf), isOver: isTerminal(next.value.run.state) } : { events: [], isOver: true }
  })
}

/** A token may see less than its person. */
function keyOf({ via }: Actor): string {
  return via.kind === "token" ? via.token : via.kind
}

/** What is being asked already is not asked again at the same time. */
function once<Value>(under: Map<string, Promise<Value>>, key: string, ask: () => Promise<Value>): Promise<Value> {
  const known = under.get(key)
  if (known) return known
  const asked = ask()
  under.set(key, asked)
  const forget = () => under.delete(key)
  asked.then(forget, forget)
  return asked
}

type Stored = { readonly seq: number; readonly attempt: number; readonly at: number; readonly type: string; readonly what: string }

/** What happened is stored as JSON text, and goes out as it is. */
function eventOf({ seq, attempt, at, type, what }: Stored): Event {
  return { seq, type, json: `{"seq":${seq},"attempt":${attempt},"at":"${toIso(at)}","type":${JSON.stringify(type)},"what":${what}}` }
}

function begin(reply: FastifyReply): void {
  const response = reply.raw
  for (const [name, value] of Object.entries(reply.getHeaders())) if (value !== undefined) response.setHeader(name, value)
  reply.hijack()
  response.writeHead(200, {
    "content-type": "text/event-stream; charset=utf-8",
    "cache-control": "no-store, no-transform",
    "x-accel-buffering": "no",
  })
  response.flushHeaders()
  response.socket?.setNoDelay(true)
  response.socket?.setKeepAlive(true, 30_000)
  // Nothing comes in any more; the limit for slow requests is not for slow readers.
  response.socket?.setTimeout(0)
  response.write(":\n\n")
}
