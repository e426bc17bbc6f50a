/** Brings a database to the schema this code was written for. */
import { createHash } from "node:crypto"
import { readdir, readFile } from "node:fs/promises"
import { join } from "node:path"
import type pg from "pg"
import { Fault } from "#base/fault.ts"
import { withClient } from "#database/client.ts"
import { troubleOf } from "#database/trouble.ts"

/** One step: a numbered file, never changed once it was released. */
export type Migration = { readonly number: number; readonly name: string; readonly sql: string; readonly sha256: string }
/** A step that the database has taken. */
export type Applied = { readonly number: number; readonly name: string; readonly sha256: string }

export type Migrated = { readonly from: number; readonly to: number; readonly applied: readonly string[] }

/** The files `0001.sql`, `0002.sql`, … of a folder, in order. @throws Error when a number is missing or doubled */
export async function readMigrations(folder: string): Promise<readonly Migration[]> {
  const names = (await readdir(folder)).filter((name) => /^\d{4}.*\.sql$/.test(name)).sort()
  const migrations = await Promise.all(
    names.map(async (name) => {
      const sql = await readFile(join(folder, name), "utf8")
      return { number: Number(name.slice(0, 4)), name, sql, sha256: createHash("sha256").update(sql).digest("hex") }
    }),
  )
  const astray = migrations.find(({ number }, i) => number !== i + 1)
  if (astray) throw new Error(`${join(folder, astray.name)} is out of order: migrations are numbered from 0001 without a gap`)
  return migrations
}

/**
 * What is left to do.
 *
 * @throws Fault database_mismatch when the database was written by newer code, or a file changed after it was applied
 */
export function pending(migrations: readonly Migration[], applied: readonly Applied[]): readonly Migration[] {
  for (const step of applied) {
    const same = migrations.find(({ number }) => number === step.number)
    if (!same) {
      throw new Fault(
        "database_mismatch",
        `The database is newer than this Stet: it has ${step.name}, and this one ends with ${migrations.at(-1)?.name ?? "none"}.`,
        {
          remedy: "Start the newer Stet, or restore a backup that was made before it.",
        },
      )
    }
    if (same.sha256 !== step.sha256) {
      throw new Fault(
        "database_mismatch",
        `${same.name} was changed after the database had applied it (as ${step.sha256.slice(0, 12)}, now ${same.sha256.slice(0, 12)}).`,
        {
          remedy: "Put the file back as it was and write the change as a new migration.",
        },
      )
    }
  }
  return migrations.filter(({ number }) => !applied.some((step) => step.number === number))
}

// "stet" in ASCII: whoever migrates holds this number.
const LOCK = 0x73746574

/** Earlier ones lack UNIQUE NULLS NOT DISTINCT. */
const OLDEST = 15

const TABLE = `CREATE TABLE migration (
  number integer PRIMARY KEY,
  name text NOT NULL,
  sha256 text NOT NULL,
  applied_at timestamptz NOT NULL DEFAULT now()
)`

/**
 * Applies what is pending, each step in a transaction of its own that also records it: killed at any moment, the next
 * call goes on where this one stopped. Of several who start at once one works and the others wait for it.
 *
 * @throws Fault database_mismatch, database_unreachable
 */
export async function migrate(url: string, folder: string): Promise<Migrated> {
  const migrations = await readMigrations(folder)
  return withClient(url, "stet migrate", async (client) => {
    // Held by the session: gone with it, however it ends.
    await client.query("SELECT pg_advisory_lock($1)", [LOCK])
    const rows = await appliedTo(client)
    const steps = pending(migrations, rows)
    for (const step of steps) await inTransaction(client, () => apply(client, step))
    return { from: rows.at(-1)?.number ?? 0, to: migrations.at(-1)?.number ?? 0, applied: steps.map(({ name }) => name) }
  })
}

/** Applies all of these to an empty database, in the transaction that the caller has begun. */
export async function applyAll(client: pg.Client, migrations: readonly Migration[]): Promise<void> {
  await appliedTo(client)
  for (const migration of migrations) await apply(client, migration)
}

async function appliedTo(client: pg.Client): Promise<readonly Applied[]> {
  const { rows: versions } = await client.query<{ number: string; name: string }>(
    "SELECT current_setting('server_version_num') AS number, version() AS name",
  )
  if (Number(versions[0]?.number) < OLDEST * 10_000) throw tooOld(versions[0]?.name ?? "")
  // Two who create it at once would collide, so whoever finds it leaves it alone.
  const { rows: found } = await client.query("SELECT to_regclass('public.migration') AS it")
  if (!found[0]?.it) await client.query(TABLE)
  return (await client.query<Applied>("SELECT number, name, sha256 FROM migration ORDER BY number")).rows
}

function tooOld(name: string): Fault {
  return new Fault("database_mismatch", `The database server is too old: ${name.split(" on ")[0]}, and Stet needs ${OLDEST} or later.`, {
    remedy: "Name a newer server in DATABASE_URL, or leave it out to use the PostgreSQL that comes with Stet.",
  })
}

async function inTransaction(client: pg.Client, work: () => Promise<void>): Promise<void> {
  await client.query("BEGIN")
  try {
    await work()
    await client.query("COMMIT")
  } catch (error) {
    await client.query("ROLLBACK").catch(() => undefined)
    throw error
  }
}

async function apply(client: pg.Client, { number, name, sql, sha256 }: Migration): Promise<void> {
  try {
    await client.query(sql)
  } catch (error) {
    throw explained(error, name, sql)
  }
  await client.query("INSERT INTO migration (number, name, sha256) VALUES ($1, $2, $3)", [number, name, sha256])
}

function explained(error: unknown, name: string, sql: string): unknown {
  const { position, message, severity } = error as { position?: string; message: string; severity?: string }
  if (!severity || troubleOf(error) !== "other") return error
  const line = position ? sql.slice(0, Number(position)).split("\n").length : undefined
  return new Error(`${name}${line ? `, line ${line}` : ""}: ${message}`, { cause: error })
}
