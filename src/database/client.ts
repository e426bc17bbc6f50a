import pg from "pg"
import { Fault } from "#base/fault.ts"
import { toFault, troubleOf } from "#database/trouble.ts"

const PATIENCE_MS = 15_000
const PATIENT = { keepAlive: true, connectionTimeoutMillis: 10_000, statement_timeout: 0, lock_timeout: 0, idle_in_transaction_session_timeout: 0 }

/**
 * Does the work with a connection of its own, without time limits on statements; waits a while for a server that is starting.
 *
 * @throws Fault database_unreachable, disk_full
 */
export async function withClient<Value>(url: string, applicationName: string, work: (client: pg.Client) => Promise<Value>): Promise<Value> {
  const client = await connected(url, applicationName)
  try {
    return await work(client)
  } catch (error) {
    throw toFault(error)
  } finally {
    await client.end().catch(() => undefined)
  }
}

/** The address, which is not told when it is none: it may hold a password. @throws Fault database_unreachable */
export function checkedUrl(url: string): string {
  if (/^postgres(ql)?:$/.test(URL.parse(url)?.protocol ?? "")) return url
  throw new Fault(
    "database_unreachable",
    "The address of the database cannot be used: it is not of the form postgresql://user:password@host:port/database.",
    {
      remedy: "Correct DATABASE_URL, with signs such as / @ : # in the password written as %2F %40 %3A %23.",
    },
  )
}

async function connected(url: string, applicationName: string): Promise<pg.Client> {
  checkedUrl(url)
  const until = performance.now() + PATIENCE_MS
  for (let pauseMs = 50; ; pauseMs = Math.min(pauseMs * 2, 1000)) {
    const client = new pg.Client({ connectionString: url, application_name: applicationName, ...PATIENT })
    client.on("error", () => undefined)
    try {
      await client.connect()
      return client
    } catch (error) {
      await client.end().catch(() => undefined)
      if (troubleOf(error) !== "away" || performance.now() + pauseMs > until) throw toFault(error)
      await new Promise((resolve) => setTimeout(resolve, pauseMs))
    }
  }
}
