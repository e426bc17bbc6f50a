/**
 * Room on the server's disk. A server that cannot write its log of changes gives up altogether, so before that comes to
 * pass it is told to take no more changes: reading goes on, writing is refused (25006, which becomes disk_full), and
 * when there is room again all is as before.
 */
import { readFileSync } from "node:fs"
import { statfs } from "node:fs/promises"
import { join } from "node:path"
import pg from "pg"

export type Marks = {
  /** With less free than this, no changes are taken. Default 64 MB: four segments of the log. */
  readonly lowBytes: number
  /** With more free than this, they are again. */
  readonly enoughBytes: number
  readonly everyMs: number
}

export const MARKS: Marks = { lowBytes: 64e6, enoughBytes: 128e6, everyMs: 1000 }

/** Whether the server is to refuse changes. Between the marks it stays as it is. */
export function refusesChanges(isRefusing: boolean, freeBytes: number, { lowBytes, enoughBytes }: Marks): boolean {
  return freeBytes < lowBytes || (isRefusing && freeBytes <= enoughBytes)
}

/** Looks at the disk from now on until stopped; keeps nobody waiting. */
export function watchRoom(url: string, dataDir: string, marks: Marks): { stop(): Promise<void> } {
  let isRefusing = wasRefusing(dataDir)
  let looking: Promise<void> = Promise.resolve()
  const look = async () => {
    const { bavail, bsize } = await statfs(dataDir)
    const should = refusesChanges(isRefusing, bavail * bsize, marks)
    if (should === isRefusing) return
    await tell(url, should)
    isRefusing = should
  }
  const turn = () => {
    // What fails now (the server restarts) is tried at the next turn.
    looking = looking.then(look).catch(() => undefined)
  }
  turn()
  const timer = setInterval(turn, marks.everyMs)
  timer.unref()
  return {
    async stop() {
      clearInterval(timer)
      await looking
    },
  }
}

/** What an earlier keeper told the server holds until it is told otherwise. */
function wasRefusing(dataDir: string): boolean {
  try {
    return /^default_transaction_read_only = 'on'/m.test(readFileSync(join(dataDir, "postgresql.auto.conf"), "utf8"))
  } catch {
    return false
  }
}

async function tell(url: string, refuse: boolean): Promise<void> {
  const client = new pg.Client({
    connectionString: url,
    options: "-c default_transaction_read_only=off",
    connectionTimeoutMillis: 2000,
    query_timeout: 5000,
  })
  client.on("error", () => undefined)
  try {
    await client.connect()
    await client.query(refuse ? "ALTER SYSTEM SET default_transaction_read_only = on" : "ALTER SYSTEM RESET default_transaction_read_only")
    await client.query("SELECT pg_reload_conf()")
  } finally {
    await client.end().catch(() => undefined)
  }
}
