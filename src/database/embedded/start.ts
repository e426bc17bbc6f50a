/** The PostgreSQL that comes with Stet: found running, or started, and stopped. */
import { mkdtemp, realpath, rm } from "node:fs/promises"
import { dirname } from "node:path"
import { setTimeout as delay } from "node:timers/promises"
import pg from "pg"
import { Fault } from "#base/fault.ts"
import { type Account, accountFacts, chooseAccount } from "#database/embedded/account.ts"
import { type Binaries, copyBinaries, findBinaries } from "#database/embedded/binaries.ts"
import {
  give,
  type Launcher,
  makeCluster,
  makePrivate,
  OWNER,
  rotateLog,
  type Settings,
  serverArguments,
  startFault,
  startProgram,
  writeAccess,
} from "#database/embedded/cluster.ts"
import { takeLock } from "#database/embedded/lock.ts"
import { disownPidFile, findPostmaster, type PidFile, processFacts, readPidFile, signalPostmaster } from "#database/embedded/postmaster.ts"

export type PostgresOptions = {
  /** Where the data lies: $STET_HOME/postgres. Beside it come its log and its lock. */
  readonly dataDir: string
  /** Folder for the socket, made private. A path too long for a socket is replaced by a short folder under /tmp. */
  readonly socketDir: string
  readonly settings?: Partial<Settings>
  /** Default: the npm package for this platform, else the machine's own. */
  readonly binaries?: Binaries
  /** Default: as the user we are, or as root somebody else. */
  readonly account?: Account
}

export type Postgres = {
  /** For `openDatabase`; holds no secret. */
  readonly url: string
  /** The server had been running already, and was not started by this call. */
  readonly adopted: boolean
  readonly pid: number
  /** Milliseconds spent making the data directory (0 when it was there) and starting. */
  readonly took: { readonly initdbMs: number; readonly startMs: number }
  /** Resolves when the server is gone, whatever ended it. Keeps nobody waiting. */
  gone(signal?: AbortSignal): Promise<void>
  /** Stops it. "fast" ends sessions in order, "immediate" as a power cut would, "leave" lets it run for the next start to adopt. */
  close(mode?: "fast" | "immediate" | "leave"): Promise<void>
}

/**
 * The running server of this data directory: adopted when it runs, started (and made) when it does not.
 *
 * @throws Fault busy when another process looks after it; database_unreachable when there is no PostgreSQL that can run
 * here or it does not start; disk_full
 */
export async function startPostgres(options: PostgresOptions): Promise<Postgres> {
  const launcher = await chooseLauncher(options)
  const home = dirname(options.dataDir)
  await makeHome(home, launcher.account)
  const lock = await takeLock(`${options.dataDir}.lock`)
  try {
    const began = performance.now()
    const { made } = await makeCluster(options.dataDir, launcher, options.settings?.durable ?? true)
    const initialised = performance.now()
    const dataDir = await realpath(options.dataDir)
    const { file, adopted } = await adoptOrStart(dataDir, launcher, options)
    const url = await makeDatabase(file.socketDir)
    const took = { initdbMs: made ? initialised - began : 0, startMs: performance.now() - initialised }
    return {
      url,
      adopted,
      pid: file.pid,
      took,
      gone: (signal) => watchGone(dataDir, file.pid, signal),
      close: async (mode = "fast") => {
        if (mode !== "leave") await stop(dataDir, file, mode)
        lock.release()
      },
    }
  } catch (error) {
    lock.release()
    throw error
  }
}

function socketUrl(socketDir: string, database: string): string {
  return `postgresql://${OWNER}@localhost/${database}?host=${encodeURIComponent(socketDir)}`
}

/** The address of Stet's database, which is made when it is not there. */
async function makeDatabase(socketDir: string): Promise<string> {
  const client = new pg.Client({ connectionString: socketUrl(socketDir, "postgres") })
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

async function chooseLauncher({ dataDir, binaries, account }: PostgresOptions): Promise<Launcher> {
  const as = account ?? chooseAccount(await accountFacts())
  if (as.kind === "none") {
    throw new Fault("database_unreachable", `PostgreSQL cannot be started: ${as.why}.`, {
      remedy: "Start Stet as an ordinary user, or name a running PostgreSQL in DATABASE_URL.",
    })
  }
  const found = binaries ?? (await findBinaries({ folder: dirname(dataDir) }))
  return { account: as, binaries: as.kind === "other" ? await copyBinaries(found, dirname(dataDir)) : found }
}

async function makeHome(home: string, account: Account): Promise<void> {
  if (account.kind === "other") await give(home, account).catch(() => undefined)
}

async function adoptOrStart(dataDir: string, launcher: Launcher, options: PostgresOptions): Promise<{ file: PidFile; adopted: boolean }> {
  const running = await settled(dataDir)
  if (running) return { file: running, adopted: true }
  const stale = readPidFile(dataDir)
  // Its number is another process's by now.
  if (stale && processFacts(stale.pid)) disownPidFile(dataDir)
  await writeAccess(dataDir, launcher.account)
  const socketDir = await shortEnough(options.socketDir)
  await makePrivate(socketDir, launcher.account)
  return { file: await start(dataDir, socketDir, { launcher, settings: options.settings ?? {} }), adopted: false }
}

/** The running server once it is ready; undefined when none runs, or once one that was stopping is gone. */
async function settled(dataDir: string): Promise<PidFile | undefined> {
  for (;;) {
    const found = findPostmaster(dataDir)
    if (!found || found.status === "ready") return found
    await delay(50)
  }
}

const SOCKET_BYTES = 107
const SOCKET_NAME = "/.s.PGSQL.5432"

/** The system cuts a socket's address at 107 bytes. */
async function shortEnough(folder: string): Promise<string> {
  if (Buffer.byteLength(folder + SOCKET_NAME) <= SOCKET_BYTES) return folder
  return mkdtemp("/tmp/stet-pg-")
}

type Starting = { readonly launcher: Launcher; readonly settings: Partial<Settings> }

async function start(dataDir: string, socketDir: string, { launcher, settings }: Starting): Promise<PidFile> {
  const log = `${dataDir}.log`
  await rotateLog(log)
  const whole = { maxConnections: 60, durable: true, ...settings }
  const argv = [launcher.binaries.postgres, ...serverArguments(dataDir, socketDir, whole)]
  // Children of a server that was killed take a moment to notice; until then a new one refuses to start.
  for (let tries = 0; ; tries++) {
    const program = startProgram({ argv, launcher, log, cwd: dirname(dataDir) })
    const file = await ready(dataDir, program.ended)
    program.release()
    if (file) return file
    const fault = await startFault("PostgreSQL did not start", log)
    if (tries > 20 || !/pre-existing shared memory|lock file/.test(fault.message)) throw fault
    await delay(250)
  }
}

/** The server's file once it takes connections, however long its recovery takes; undefined when it ended instead. */
async function ready(dataDir: string, ended: Promise<unknown>): Promise<PidFile | undefined> {
  let isOver = false
  void ended.then(() => {
    isOver = true
  })
  while (!isOver) {
    const file = findPostmaster(dataDir)
    if (file?.status === "ready") return file
    await delay(10)
  }
  return undefined
}

const FAST_MS = 30_000

async function stop(dataDir: string, file: PidFile, mode: "fast" | "immediate"): Promise<void> {
  if (signalPostmaster(dataDir, mode)) {
    const inTime = await untilGone(dataDir, file.pid, AbortSignal.timeout(FAST_MS)).then(
      () => true,
      () => false,
    )
    if (!inTime && signalPostmaster(dataDir, "immediate")) await untilGone(dataDir, file.pid)
  }
  if (/^\/tmp\/stet-pg-[^/]+$/.test(file.socketDir)) await rm(file.socketDir, { recursive: true, force: true })
}

async function untilGone(dataDir: string, pid: number, signal?: AbortSignal): Promise<void> {
  while (isRunning(pid, dataDir)) {
    signal?.throwIfAborted()
    await delay(20)
  }
}

async function watchGone(dataDir: string, pid: number, signal?: AbortSignal): Promise<void> {
  while (isRunning(pid, dataDir)) await delay(500, undefined, { ref: false, ...(signal && { signal }) })
}

/** It removes its file some moments before it ends. */
function isRunning(pid: number, dataDir: string): boolean {
  return processFacts(pid)?.workingFolder === dataDir
}
