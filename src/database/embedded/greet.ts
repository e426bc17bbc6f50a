import pg from "pg"
import { OWNER } from "#database/embedded/cluster.ts"

/** The address of Stet's database on the server of this socket; the database is made when it is not there. */
export async function greet(socketDir: string): Promise<string> {
  const client = new pg.Client({ connectionString: socketUrl(socketDir, "postgres"), connectionTimeoutMillis: 10_000 })
  client.on("error", () => undefined)
  try {
    await client.connect()
    const { rowCount } = await client.query("SELECT FROM pg_database WHERE datname = $1", [OWNER])
    if (!rowCount) await client.query(`CREATE DATABASE ${OWNER}`)
  } finally {
    await client.end()
  }
  return socketUrl(socketDir, OWNER)
}

function socketUrl(socketDir: string, database: string): string {
  return `postgresql://${OWNER}@localhost/${database}?host=${encodeURIComponent(socketDir)}`
}
