/** A run's events as a stream, for as long as its reader may see them. */
import { bell } from "#api/serve/bell.ts"
import { headerOf, knownOf } from "#api/serve/context.ts"
import type { Handler } from "#api/serve/handler.ts"
import { type Event, streamEvents } from "#api/serve/stream.ts"
import { accepted } from "#base/outcome.ts"
import { toIso } from "#base/time.ts"
import { eventsAfter, getRun, isTerminal } from "#work/index.ts"

export const followEvents: Handler<"getEvents"> = async ({ api, actor, request, reply, params, query, gone }) => {
  const found = await getRun(api.world.work, actor, params.run)
  if (!found.ok) return found
  const last = headerOf(request, "last-event-id")
  const after = last !== undefined && /^\d{1,15}$/u.test(last) ? Number(last) : (query.after ?? 0)
  const rings = bell()
  let rightsChanged = false
  const stops = [
    api.hub.onRun(params.run, () => rings.ring()),
    api.hub.onPerson(actor.id, () => {
      rightsChanged = true
      rings.ring()
    }),
  ]
  // Sessions and tokens also end by themselves, which nobody is told.
  const timer = setInterval(() => {
    rightsChanged = true
    rings.ring()
  }, 60_000)
  gone.addEventListener("abort", () => {
    clearInterval(timer)
    for (const stop of stops) stop()
  })
  begin(reply.raw, reply.getHeaders())
  reply.hijack()
  api.heart.add(reply.raw)
  const mayGoOn = async () => {
    if (!rightsChanged) return true
    rightsChanged = false
    return (await api.doorkeeper.stillGood(knownOf(request), request)) && (await getRun(api.world.work, actor, params.run)).ok
  }
  const page = async (seq: number, most: number) => {
    const next = await eventsAfter(api.world.work, actor, { id: params.run, seq, limit: most })
    return next.ok ? { events: next.value.events.map(eventOf), isOver: isTerminal(next.value.run.state) } : { events: [], isOver: true }
  }
  streamEvents({ response: reply.raw, after, page, bell: rings, mayGoOn, gone, stallMs: api.options.stallMs ?? 60_000 }).catch((error: unknown) => {
    api.world.log({ level: "warn", message: "a stream of events broke", requestId: request.id, runId: params.run, error })
    reply.raw.destroy()
  })
  return accepted({ kind: "taken" })
}

type Stored = { readonly seq: number; readonly attempt: number; readonly at: number; readonly type: string; readonly what: string }

/** What happened is stored as JSON text, and goes out as it is. */
function eventOf({ seq, attempt, at, type, what }: Stored): Event {
  return { seq, type, json: `{"seq":${seq},"attempt":${attempt},"at":"${toIso(at)}","type":${JSON.stringify(type)},"what":${what}}` }
}

function begin(response: import("node:http").ServerResponse, headers: Readonly<Record<string, number | string | string[] | undefined>>): void {
  for (const [name, value] of Object.entries(headers)) if (value !== undefined) response.setHeader(name, value)
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
