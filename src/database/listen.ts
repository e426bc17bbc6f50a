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

export type Beat = { readonly everyMs: number; readonly answerMs: number }

// A connection through a network can fall silent without ever being closed.
const BEAT: Beat = { everyMs: 15_000, answerMs: 5_000 }

/** One connection for all channels, made when the first is asked for and made again whenever it breaks. */
export function openListener(config: pg.ClientConfig, beat: Beat = BEAT): Listener {
  const channels = new Map<string, Set<Heard>>()
  const line = keepLine(
    // It waits for hours between two messages: the time-outs of ordinary connections are not for it.
    { ...config, connectionTimeoutMillis: beat.answerMs, query_timeout: beat.answerMs, statement_timeout: 0, idle_in_transaction_session_timeout: 0 },
    {
      begin: () => [...channels.keys()].map(listening),
      heard: ({ channel, payload }) => tell(channels.get(channel), payload ?? ""),
      isWanted: () => channels.size > 0,
      restored: () => {
        for (const listeners of channels.values()) tell(listeners, undefined)
      },
    },
  )
  const beating = setInterval(() => line.say("SELECT"), beat.everyMs)
  beating.unref()
  return {
    async listen(channel, heard) {
      const listeners = channels.get(channel) ?? new Set()
      channels.set(channel, listeners)
      const isNew = listeners.size === 0
      listeners.add(heard)
      await line.connected()
      if (isNew) await line.say(listening(channel))
      return async () => {
        listeners.delete(heard)
        if (listeners.size > 0 || channels.get(channel) !== listeners) return
        channels.delete(channel)
        await line.say(`UNLISTEN ${pg.escapeIdentifier(channel)}`)
      }
    },
    close() {
      clearInterval(beating)
      return line.close()
    },
  }
}

const listening = (channel: string) => `LISTEN ${pg.escapeIdentifier(channel)}`

function tell(listeners: ReadonlySet<Heard> | undefined, payload: string | undefined): void {
  for (const heard of listeners ?? []) heard(payload)
}

type Ends = {
  /** What is said first on every new connection. */
  begin(): readonly string[]
  heard(message: pg.Notification): void
  /** Whether a connection that broke is to be made again before anybody asks. */
  isWanted(): boolean
  /** It was made again. */
  restored(): void
}

type Line = {
  /** Resolves once there is a connection, however long that takes. @throws Error when the line is closed meanwhile */
  connected(): Promise<unknown>
  /** On the present connection, if there is one, after what was said before; what fails there is made good by `begin` on the next. */
  say(text: string): Promise<void>
  close(): Promise<void>
}

const PAUSES_MS = [20, 100, 500, 1000, 2000]

/** One connection that is made again when it breaks. */
function keepLine(config: pg.ClientConfig, ends: Ends): Line {
  let client: pg.Client | undefined
  let connecting: Promise<pg.Client> | undefined
  let said: Promise<void> = Promise.resolve()
  let isClosed = false

  const connectOnce = async (): Promise<pg.Client> => {
    const next = new pg.Client(config)
    for (const event of ["error", "end"] as const) next.on(event, () => lost(next))
    next.on("notification", ends.heard)
    try {
      await next.connect()
      for (const text of ends.begin()) await next.query(text)
      if (isClosed) throw new Error("the listener was closed")
    } catch (error) {
      void next.end().catch(() => undefined)
      throw error
    }
    client = next
    return next
  }

  const connect = async (): Promise<pg.Client> => {
    for (let tries = 0; ; tries++) {
      try {
        return await connectOnce()
      } catch (error) {
        if (isClosed) throw error
        await new Promise((resolve) => setTimeout(resolve, PAUSES_MS[Math.min(tries, PAUSES_MS.length - 1)]))
      }
    }
  }

  const connected = (): Promise<pg.Client> => {
    if (client) return Promise.resolve(client)
    connecting ??= connect().finally(() => {
      connecting = undefined
    })
    return connecting
  }

  const lost = (gone: pg.Client): void => {
    if (client !== gone) return
    client = undefined
    void gone.end().catch(() => undefined)
    if (!isClosed && ends.isWanted()) connected().then(ends.restored, () => undefined)
  }

  const say = (text: string): Promise<void> => {
    said = said.then(async () => {
      const asked = client
      if (asked) await asked.query(text).catch(() => lost(asked))
    })
    return said
  }

  return {
    connected,
    say,
    async close() {
      isClosed = true
      await connecting?.catch(() => undefined)
      const last = client
      client = undefined
      await last?.end().catch(() => undefined)
    },
  }
}
