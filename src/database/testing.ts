/**
 * Databases for tests: a real PostgreSQL, one for each test process, and a new database for whoever asks. Nothing of it
 * outlives the process, however that ends.
 */
import { execFile, spawn } from "node:child_process"
import { createHash, randomUUID } from "node:crypto"
import { mkdir, mkdtemp, readdir, rename, rm, stat } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout as delay } from "node:timers/promises"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import pg from "pg"
import { accountFacts, chooseAccount } from "#database/embedded/account.ts"
import { findBinaries } from "#database/embedded/binaries.ts"
import { findPostmaster, signalPostmaster } from "#database/embedded/postmaster.ts"
import { type PostgresOptions, startPostgres } from "#database/embedded/start.ts"
import { migrate, readMigrations } from "#database/migrate.ts"
import { type Database, openDatabase } from "#database/open.ts"

export const MIGRATIONS: string = fileURLToPath(new URL("../../db", import.meta.url))

export type FreshDatabase = Database & { readonly url: string }

/** An empty database with the present schema. `close` removes it; if it is forgotten, the end of the process does. */
export async function freshDatabase({ poolSize = 5 }: { readonly poolSize?: number } = {}): Promise<FreshDatabase> {
  const url = await emptyDatabase("stet")
  const database = openDatabase({ url, poolSize, applicationName: "test" })
  return {
    ...database,
    url,
    async close() {
      await database.close()
      await dropDatabase(url)
    },
  }
}

/** The address of a new database: a copy of the migrated one, or with "template0" one with nothing in it. */
export async function emptyDatabase(template: "stet" | "template0"): Promise<string> {
  server ??= startServer()
  const { url } = await server
  const name = `test_${randomUUID().replaceAll("-", "")}`
  await command(url, `CREATE DATABASE ${name} TEMPLATE ${template} STRATEGY FILE_COPY`)
  return url.replace("/postgres?", `/${name}?`)
}

export async function dropDatabase(url: string): Promise<void> {
  const name = new URL(url).pathname.slice(1)
  await command(url.replace(`/${name}?`, "/postgres?"), `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`)
}

async function command(url: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    await client.query(sql)
  } finally {
    await client.end()
  }
}

/** A home of its own whose database is made already, for whoever starts and kills servers. `remove` ends what runs in it. */
export async function ownHome(): Promise<OwnHome> {
  const folder = await mkdtemp(join(tmpdir(), "stet-test-home-"))
  const options = { dataDir: join(folder, "postgres"), socketDir: join(folder, "run"), settings: { durable: false } }
  await copyFolder(await preparedCluster(), options.dataDir)
  return {
    ...options,
    folder,
    async remove() {
      signalPostmaster(options.dataDir, "immediate")
      while (findPostmaster(options.dataDir)) await delay(20)
      await rm(folder, { recursive: true, force: true })
    },
  }
}

export type OwnHome = Required<Pick<PostgresOptions, "dataDir" | "socketDir" | "settings">> & { readonly folder: string; remove(): Promise<void> }

/** Ten times as fast as Node's own for a thousand small files. */
async function copyFolder(from: string, to: string): Promise<void> {
  await promisify(execFile)("cp", ["-R", from, to])
}

type Server = { readonly url: string; readonly folder: string }

let server: Promise<Server> | undefined

async function startServer(): Promise<Server> {
  const prepared = await preparedCluster()
  const folder = await mkdtemp(join(tmpdir(), "stet-test-pg-"))
  await copyFolder(prepared, join(folder, "data"))
  const options = { dataDir: join(folder, "data"), socketDir: join(folder, "run"), settings: { durable: false, maxConnections: 100 } }
  const { url, pid } = await startPostgres(options)
  removeWithUs(folder, pid)
  return { url: url.replace("/stet?", "/postgres?"), folder }
}

/** Reads until our end of the pipe is closed by our end; the server's file still naming it tells that the number is its own. */
const GUARD = `cat >/dev/null; [ "$(head -n 1 "$1/data/postmaster.pid" 2>/dev/null)" = "$2" ] && kill -s QUIT "$2"
while kill -s 0 "$2" 2>/dev/null; do sleep 0.1; done; rm -rf -- "$1"`

function removeWithUs(folder: string, pid: number): void {
  const guard = spawn("/bin/sh", ["-c", GUARD, "stet-test-guard", folder, String(pid)], { detached: true, stdio: ["pipe", "ignore", "ignore"] })
  guard.unref()
  const { stdin } = guard
  if ("unref" in stdin && typeof stdin.unref === "function") stdin.unref()
}

/** A data directory with the migrated database in it, made once for each state of db/*.sql. */
async function preparedCluster(): Promise<string> {
  const { major } = await findBinaries({ folder: tmpdir() })
  const account = chooseAccount(await accountFacts())
  const digests = (await readMigrations(MIGRATIONS)).map(({ sha256 }) => sha256)
  const key = createHash("sha256")
    .update(JSON.stringify([2, major, account, process.getuid?.(), digests]))
    .digest("hex")
    .slice(0, 16)
  const place = join(tmpdir(), `stet-test-cluster-${key}`)
  if (await stat(place).catch(() => undefined)) return place
  const aside = await mkdtemp(join(tmpdir(), "stet-test-making-"))
  const dataDir = join(aside, "data")
  const postgres = await startPostgres({ dataDir, socketDir: join(aside, "run"), settings: { durable: false } })
  try {
    await migrate(postgres.url, MIGRATIONS)
  } finally {
    await postgres.close()
  }
  await mkdir(tmpdir(), { recursive: true })
  // Whoever comes second finds it there.
  await rename(dataDir, place).catch(() => undefined)
  await rm(aside, { recursive: true, force: true })
  await removeOld()
  return place
}

const KEPT_MS = 24 * 3600 * 1000

/** Each change of the schema leaves one behind. */
async function removeOld(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    const path = join(tmpdir(), name)
    if (!/^stet-test-(cluster|making)-/.test(name)) continue
    const found = await stat(path).catch(() => undefined)
    if (found && Date.now() - found.ctimeMs > KEPT_MS) await rm(path, { recursive: true, force: true })
  }
}
