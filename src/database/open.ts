/** The connection to PostgreSQL: a pool for queries, and one connection that listens. */
import { Kysely, PostgresDialect, type PostgresPool, type PostgresPoolClient } from "kysely"
import pg from "pg"
import { checkedUrl } from "#database/client.ts"
import { type Listen, openListener } from "#database/listen.ts"
import { typeParsers } from "#database/parsers.ts"
import { PREPARED_MOST, type Preparing, preparing } from "#database/prepared.ts"
import { askPrepared, type Held } from "#database/statement.ts"
import type { Tables } from "#database/tables.ts"
import { toFault, troubleOf } from "#database/trouble.ts"

/** The port to PostgreSQL. A transaction is one as well. */
export type Db = Kysely<Tables>

export type DatabaseOptions = {
  /** `postgresql://user:password@host/database`; TLS by `?sslmode=verify-full&sslrootcert=/path`. */
  readonly url: string
  /** Connections at most. Default 10. */
  readonly poolSize?: number
  /** Shown in pg_stat_activity. */
  readonly applicationName: string
  /** A statement that takes longer is ended. Default 30,000; 0: never. */
  readonly statementTimeoutMs?: number
  /** How long one waits for a server that is away, before database_unreachable. Default 15,000. */
  readonly patienceMs?: number
}

export type Database = {
  readonly db: Db
  /** For what speaks PostgreSQL's own language (COPY); a query through it meets the driver's errors, not Faults. */
  readonly pool: pg.Pool
  readonly listen: Listen
  close(): Promise<void>
}

/** Opens the pool; the first connection is made by the first query. @throws Fault database_unreachable when the address is none */
export function openDatabase(options: DatabaseOptions): Database {
  const config = connectionConfig(options)
  const pool = new pg.Pool({ ...config, max: options.poolSize ?? 10, idleTimeoutMillis: 30_000 })
  // A connection that breaks while nobody uses it says so here; unheard, that would end the process.
  pool.on("error", () => undefined)
  pool.on("connect", (client) => client.on("error", () => undefined))
  const listener = openListener(config)
  const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool: patient(pool, options.patienceMs ?? 15_000) }) })
  return {
    db,
    pool,
    listen: listener.listen,
    async close() {
      await listener.close()
      await db.destroy()
    },
  }
}

function connectionConfig({ url, applicationName, statementTimeoutMs = 30_000 }: DatabaseOptions): pg.ClientConfig {
  return {
    connectionString: checkedUrl(url),
    application_name: applicationName,
    types: typeParsers,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    connectionTimeoutMillis: 10_000,
    statement_timeout: statementTimeoutMs,
    // Also when the server falls silent without closing the connection.
    ...(statementTimeoutMs > 0 && { query_timeout: statementTimeoutMs + 5000 }),
    idle_in_transaction_session_timeout: 60_000,
    lock_timeout: 15_000,
  }
}

/** The pool as the query builder sees it: waits for a server that restarts, and tells its absence as a Fault. */
function patient(pool: pg.Pool, patienceMs: number): PostgresPool {
  const prepared = preparing()
  return {
    async connect() {
      return telling(await connect(pool, patienceMs), prepared)
    },
    end: () => pool.end(),
  }
}

async function connect(pool: pg.Pool, patienceMs: number): Promise<pg.PoolClient> {
  const until = performance.now() + patienceMs
  for (let pauseMs = 20; ; pauseMs = Math.min(pauseMs * 2, 500)) {
    try {
      return await pool.connect()
    } catch (error) {
      if (troubleOf(error) !== "away" || performance.now() + pauseMs > until) throw toFault(error)
      await new Promise((resolve) => setTimeout(resolve, pauseMs))
    }
  }
}

const PREPARED = new WeakMap<pg.PoolClient, Held>()

function telling(client: pg.PoolClient, prepared: Preparing): PostgresPoolClient {
  let isBroken = false
  // What fails as the first thing after the connection was handed out fails outside of any transaction.
  let isFirst = true
  const held = PREPARED.get(client) ?? new Map()
  PREPARED.set(client, held)
  const ask = async (text: string, values: unknown[]) => {
    const name = prepared.nameOf(text, values)
    const canAskAgain = isFirst
    isFirst = false
    if (name === undefined) return client.query(text, values)
    try {
      return await askPrepared(client, held, { name, text, values })
    } catch (error) {
      if (!prepared.isLost(error)) throw error
      // The next one gets a connection on which nothing is prepared yet.
      isBroken = true
      if (canAskAgain) return client.query(text, values)
      throw error
    }
  }
  return {
    async query(text: string, parameters: readonly unknown[]) {
      try {
        return await ask(text, [...parameters])
      } catch (error) {
        if (troubleOf(error) === "away") isBroken = true
        throw toFault(error)
      }
    },
    // A broken connection is not given to the next one.
    release: () => client.release(isBroken || held.size >= PREPARED_MOST),
  } as unknown as PostgresPoolClient
}
