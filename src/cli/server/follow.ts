/** A run's log as it grows. */
import type { Client } from "#api/client.ts"
import type { Timers } from "#run/index.ts"

export type Following = {
  readonly client: Client
  readonly run: string
  readonly write: (text: string) => void
  readonly now: () => number
  readonly timers: Timers
  /** Whoever read what is written has gone: `stet log --follow RUN | head`. */
  readonly isUnread: () => boolean
}

/** Between two looks at the log of a run that talks all the time. */
const PAUSE_MS = 200

/** Everything that is there from a byte on; gives the offset of what comes next. */
export async function readLog({ client, run, write }: Following, from = 0): Promise<{ readonly offset: number; readonly eof: boolean }> {
  let offset = from
  for (;;) {
    const { text, nextOffset, eof } = await client.call("getLog", { params: { run }, query: { offset } })
    if (text !== "") write(text)
    if (eof || nextOffset === offset) return { offset: nextOffset, eof }
    offset = nextOffset
  }
}

/**
 * The log to its end, or as long as it is read: looked at when the run's events say that something happened, never polled. What
 * happened too soon after a look has one of its own a moment later: nothing may follow it for hours.
 */
export async function followLog(following: Following): Promise<void> {
  let { offset, eof } = await readLog(following)
  if (eof) return
  let lookedAt = following.now()
  const leaving = new AbortController()
  const events = following.client.events(following.run, { signal: leaving.signal })[Symbol.asyncIterator]()
  const wait = pausing(following.timers)
  let next = events.next()
  for (let isBehind = false; ; ) {
    const said: IteratorResult<unknown> | undefined = await (isBehind ? Promise.race([next, wait.pause()]) : next)
    if (said?.done || following.isUnread()) break
    if (said) next = events.next()
    isBehind = said !== undefined && following.now() - lookedAt < PAUSE_MS
    if (isBehind) continue
    ;({ offset, eof } = await readLog(following, offset))
    lookedAt = following.now()
  }
  wait.stop()
  if (!following.isUnread()) return void (eof || (await readLog(following, offset)))
  // What is still waited for ends by that, and nobody hears how.
  next.catch(() => undefined)
  leaving.abort()
}

/** One pause at a time, however often it is asked for. */
function pausing(timers: Timers): { pause(): Promise<undefined>; stop(): void } {
  let stop = () => {}
  let pausing: Promise<undefined> | undefined
  return {
    pause() {
      pausing ??= new Promise((resolve) => {
        stop = timers.after(PAUSE_MS, () => {
          pausing = undefined
          resolve(undefined)
        })
      })
      return pausing
    },
    stop: () => stop(),
  }
}
