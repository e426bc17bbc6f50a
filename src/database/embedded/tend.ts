import { toError } from "#base/fault.ts"
import { type Postgres, type PostgresOptions, startPostgres } from "#database/embedded/start.ts"

const SHORTEST_MS = 200
const LONGEST_MS = 15_000

/**
 * As startPostgres, and started again, at the same address, whenever the server ends by itself (killed, out of memory,
 * no room for its log). Its first start may fail, later ones are tried until it is closed; `tell` gets a sentence of each.
 * `gone` resolves when it was closed.
 */
export async function tendPostgres(options: PostgresOptions, tell: (line: string) => void): Promise<Postgres> {
  let server = await startPostgres(options)
  const first = server
  const socketDir = new URL(first.url).searchParams.get("host") ?? options.socketDir
  const closing = new AbortController()
  const tending = tend()

  async function tend(): Promise<void> {
    while (!closing.signal.aborted) {
      await server.gone(closing.signal).catch(() => undefined)
      if (!closing.signal.aborted) await startAgain()
    }
  }

  async function startAgain(): Promise<void> {
    for (let pauseMs = SHORTEST_MS; !closing.signal.aborted; pauseMs = Math.min(pauseMs * 2, LONGEST_MS)) {
      try {
        await server.close("leave")
        server = await startPostgres({ ...options, socketDir })
        tell("PostgreSQL had ended and was started again.")
        return
      } catch (error) {
        tell(`PostgreSQL had ended and could not be started again yet: ${toError(error).message}`)
        await pause(pauseMs, closing.signal)
      }
    }
  }

  return {
    ...first,
    get pid() {
      return server.pid
    },
    gone: () => tending,
    async close(mode) {
      closing.abort()
      await tending
      await server.close(mode)
    },
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms)
    timer.unref()
    signal.addEventListener("abort", () => {
      clearTimeout(timer)
      resolve()
    })
  })
}
