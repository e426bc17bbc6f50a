/** Messages between processes by LISTEN and NOTIFY. */
import pg from "pg"

/**
 * Calls `heard` with the payload of every message on a channel. Messages sent while the connection was away are lost:
 * afterwards `heard` is called without a payload, which means "look for yourself". Resolves once it is listening.
 */
export type Listen = (channel: string, heard: (payload: string | undefined) => void) => Promise<Stop>
export type Stop = () => Promise<void>

type Heard = (payload: string | undefined) => void

export type Listener = { readonly listen: Listen; close(): Promise<void> }

const PAUSES_MS = [20, 100, 500, 1000, 2000]

/** One connection for all channels, made when the first is asked for and made again whenever it breaks. */
export function openListener(config: pg.ClientConfig): Listener {
  const channels = new Map<string, Set<Heard>>()
  let client: pg.Client | undefined
  let connecting: Promise<pg.Client> | undefined
  let isClosed = false

  const reconnect = (): Promise<pg.Client> => {
    connecting ??= (async () => {
      for (let tries = 0; ; tries++) {
        try {
          return await connectOnce()
        } catch (error) {
          if (isClosed) throw error
          await new Promise((resolve) => setTimeout(resolve, PAUSES_MS[Math.min(tries, PAUSES_MS.length - 1)]))
        }
      }
    })().finally(() => {
      connecting = undefined
    })
    return connecting
  }

  const connectOnce = async (): Promise<pg.Client> => {
    // It waits for hours between two messages: the time-outs of queries are not for it.
    const next = new pg.Client({ ...config, query_timeout: 10_000, statement_timeout: 0, idle_in_transaction_session_timeout: 0 })
    next.on("error", () => lost(next))
    next.on("end", () => lost(next))
    next.on("notification", ({ channel, payload }) => tell(channels.get(channel), payload ?? ""))
    await next.connect()
    for (const channel of channels.keys()) await next.query(`LISTEN ${pg.escapeIdentifier(channel)}`)
    if (isClosed) {
      await next.end()
      throw new Error("the listener was closed")
    }
    client = next
    return next
  }

  const lost = (gone: pg.Client): void => {
    if (client !== gone) return
    client = undefined
    void gone.end().catch(() => undefined)
    if (isClosed || channels.size === 0) return
    reconnect().then(
      () => {
        for (const listeners of channels.values()) tell(listeners, undefined)
      },
      () => undefined,
    )
  }

  return {
    async listen(channel, heard) {
      const listeners = channels.get(channel) ?? new Set()
      const isNew = listeners.size === 0
      listeners.add(heard)
      channels.set(channel, listeners)
      const own = client ?? (await reconnect())
      if (isNew) await own.query(`LISTEN ${pg.escapeIdentifier(channel)}`).catch(() => undefined)
      return async () => {
        listeners.delete(heard)
        if (listeners.size > 0 || channels.get(channel) !== listeners) return
        channels.delete(channel)
        await client?.query(`UNLISTEN ${pg.escapeIdentifier(channel)}`).catch(() => undefined)
      }
    },
    async close() {
      isClosed = true
      await connecting?.catch(() => undefined)
      const last = client
      client = undefined
      await last?.end().catch(() => undefined)
    },
  }
}

function tell(listeners: ReadonlySet<Heard> | undefined, payload: string | undefined): void {
  for (const heard of listeners ?? []) heard(payload)
}
