/** A run's log as it grows. */
import type { Client } from "#api/client.ts"

export type Following = {
  readonly client: Client
  readonly run: string
  readonly write: (text: string) => void
  readonly now: () => number
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

/** The log to its end, or as long as it is read: looked at when the run's events say that something happened, never polled. */
export async function followLog(following: Following): Promise<void> {
  let { offset, eof } = await readLog(following)
  let lookedAt = following.now()
  if (eof) return
  for await (const _ of following.client.events(following.run)) {
    if (following.isUnread()) return
    if (following.now() - lookedAt < PAUSE_MS) continue
    ;({ offset, eof } = await readLog(following, offset))
    lookedAt = following.now()
  }
  if (!eof) await readLog(following, offset)
}
