/**
 * A run's events to one reader. They are fetched only as fast as the reader takes them: what waits for a slow one waits in the
 * database, never here. One that takes nothing for a minute is let go; it comes back with the number of the last event it saw.
 */
import type { ServerResponse } from "node:http"
import { wireText } from "#api/event-stream.ts"
import type { Bell } from "#api/serve/bell.ts"

export type Event = { readonly seq: number; readonly json: string; readonly type: string }
/** `isOver`: the run has ended and nothing follows. */
export type Page = { readonly events: readonly Event[]; readonly isOver: boolean }

export type Stream = {
  readonly response: ServerResponse
  readonly after: number
  /** The next events, at most `most`. */
  readonly page: (after: number, most: number) => Promise<Page>
  /** Rung when there may be more, or when rights changed. */
  readonly bell: Bell
  /** Whether the reader may still see it; asks again whenever rights may have changed. */
  readonly mayGoOn: () => Promise<boolean>
  readonly gone: AbortSignal
  readonly stallMs: number
}

// Bytes that may wait in the connection; beyond, the next event is not even fetched.
const WAITING_BYTES = 128 * 1024
const FIRST_PAGE = 16
const LARGEST_PAGE = 128

export async function streamEvents(stream: Stream): Promise<void> {
  const { response, gone, bell } = stream
  let after = stream.after
  let most = FIRST_PAGE
  while (!gone.aborted) {
    const { events, isOver } = await stream.page(after, most)
    // Asked after they were fetched: whoever lost the right meanwhile does not get them.
    if (!(await stream.mayGoOn())) return finish(response, "revoked", after)
    for (const event of events) {
      if (!(await write(stream, wireText({ id: event.seq, event: event.type, data: event.json })))) return
      after = event.seq
    }
    most = nextMost(most, events)
    if (events.length > 0) continue
    if (isOver) return finish(response, "end", after)
    await bell.wait(Number.POSITIVE_INFINITY, gone)
  }
}

/** A page is held until its last event is taken, so it is to be some 100 KB: many small events, or few large ones. */
export function nextMost(most: number, events: readonly Event[]): number {
  const bytes = events.reduce((sum, { json }) => sum + json.length, 0)
  if (bytes > 256 * 1024) return Math.max(2, Math.floor(most / 4))
  return bytes < 64 * 1024 && events.length === most ? Math.min(LARGEST_PAGE, most * 2) : most
}

/** False when the reader has gone, or was let go. */
async function write({ response, gone, stallMs }: Stream, text: string): Promise<boolean> {
  if (gone.aborted) return false
  response.write(text)
  if (response.writableLength <= WAITING_BYTES) return true
  if (await drained(response, gone, stallMs)) return true
  response.destroy()
  return false
}

function drained(response: ServerResponse, gone: AbortSignal, stallMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    const done = (ok: boolean) => {
      clearTimeout(timer)
      response.removeListener("drain", onDrain)
      gone.removeEventListener("abort", onGone)
      resolve(ok)
    }
    const onDrain = () => done(true)
    const onGone = () => done(false)
    const timer = setTimeout(onGone, stallMs)
    response.once("drain", onDrain)
    gone.addEventListener("abort", onGone)
  })
}

function finish(response: ServerResponse, event: "end" | "revoked", after: number): void {
  response.end(wireText({ event, data: JSON.stringify({ after }) }))
}

export type Heart = { add(response: ServerResponse): void; readonly beating: number; stop(): void }

/** One timer for all streams: a comment now and then, so that neither side nor a proxy takes silence for death. */
export function heart(everyMs: number): Heart {
  const streams = new Set<ServerResponse>()
  const timer = setInterval(() => {
    for (const response of streams) if (response.writableLength === 0) response.write(":\n\n")
  }, everyMs)
  timer.unref()
  return {
    add(response) {
      streams.add(response)
      response.once("close", () => streams.delete(response))
    },
    get beating() {
      return streams.size
    },
    stop: () => clearInterval(timer),
  }
}
