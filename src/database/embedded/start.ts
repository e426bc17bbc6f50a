/** The PostgreSQL that comes with Stet: found running, or started, and stopped. */
import { rm } from "node:fs/promises"
import { totalmem } from "node:os"
import { dirname } from "node:path"
import { setTimeout as delay } from "node:timers/promises"
import { Fault } from "#base/fault.ts"
import { type Account, accountFacts, chooseAccount } from "#database/embedded/account.ts"
import { type Binaries, copyBinaries, findBinaries } from "#database/embedded/binaries.ts"
import {
  type Launcher,
  makeCluster,
  makePrivate,
  rotateLog,
  type Settings,
  serverArguments,
  sizeOf,
  startFault,
  startProgram,
  writeAccess,
} from "#database/embedded/cluster.ts"
import { greet } from "#database/embedded/greet.ts"
import { isShort, placeData, placeSocket, reaches } from "#database/embedded/ground.ts"
import { disownLocks, findPostmaster, notePostmaster, type PidFile, processFacts, signalPostmaster } from "#database/embedded/postmaster.ts"
import { MARKS, type Marks, watchRoom } from "#database/embedded/room.ts"
import { takeLock } from "#database/held.ts"

export type PostgresOptions = {
  /** Where the data lies: $STET_HOME/postgres. Beside it come its log, its lock and a note of the running server. */
  readonly dataDir: string
  /** Folder for the socket, made private. When its path is too long for a socket, a short one under /tmp is used instead. */
  readonly socketDir: string
  readonly settings?: Partial<Settings>
  /** How much room on its disk the server needs to take changes. */
  readonly marks?: Partial<Marks>
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
  /** Milliseconds spent making the data directory (0 when it was there), and until the server answered. */
  readonly took: { readonly initdbMs: number; readonly startMs: number }
  /** Resolves when the server is gone, whatever ended it; keeps nobody waiting. tendPostgres starts it again. */
  gone(signal?: AbortSignal): Promise<void>
  /** "fast" ends sessions in order, "immediate" as a power cut would, "leave" lets the server run for the next start to adopt. */
  close(mode?: "fast" | "immediate" | "leave"): Promise<void>
}

/**
 * The running server of this data directory: adopted when it runs, started (and made) when it does not. Until it is
 * closed, or we are dead, nobody else gets it.
 *
 * @throws Fault busy when another process looks after it; database_unreachable when there is no PostgreSQL that can run
 * here or it does not start; disk_full
 */
export async function startPostgres(options: PostgresOptions): Promise<Postgres> {
  const account = options.account ?? chooseAccount(await accountFacts())
  if (account.kind === "none") throw noAccount(account.why)
  const dataDir = placeData(options.dataDir, account)
  const lock = await takeLock(`${options.dataDir}.lock`)
  try {
    const launcher = { account, binaries: await reachableBinaries(options, account, dirname(dataDir)) }
    const began = performance.now()
    const { made } = await makeCluster(dataDir, launcher, options.settings?.durable ?? true)
    const initialised = performance.now()
    const { file, url, adopted } = await adoptOrStart(dataDir, launcher, options)
    const room = watchRoom(url, dataDir, { ...MARKS, ...options.marks })
    return {
      url,
      adopted,
      pid: file.pid,
      took: { initdbMs: made ? initialised - began : 0, startMs: performance.now() - initialised },
      gone: (signal) => watchGone(dataDir, file.pid, signal),
      close: async (mode = "fast") => {
        await room.stop()
        if (mode !== "leave") await stop(dataDir, file, mode)
        lock.release()
      },
    }
  } catch (error) {
    lock.release()
    throw error
  }
}

function noAccount(why: string): Fault {
  return new Fault("database_unreachable", `PostgreSQL cannot be started: ${why}.`, {
    remedy: "Start Stet as an ordinary user, or name a running PostgreSQL in DATABASE_URL.",
  })
}

async function reachableBinaries({ binaries }: PostgresOptions, account: Account, folder: string): Promise<Binaries> {
  const found = binaries ?? (await findBinaries({ folder }))
  return reaches(account, dirname(found.postgres)) ? found : copyBinaries(found, folder)
}

type Running = { readonly file: PidFile; readonly url: string; readonly adopted: boolean }

async function adoptOrStart(dataDir: string, launcher: Launcher, options: PostgresOptions): Promise<Running> {
  const running = await settled(dataDir)
  const url = running && (await greet(running.socketDir).catch(() => undefined))
  if (running && url) return { file: running, url, adopted: true }
  // It runs and cannot be spoken to: its socket was removed, or is of a user we are not.
  if (running) await stop(dataDir, running, "fast")
  await writeAccess(dataDir, launcher.account)
  const socketDir = await placeSocket(options.socketDir, launcher.account)
  await makePrivate(socketDir, launcher.account)
  disownLocks(dataDir, socketDir)
  const file = await start(dataDir, socketDir, { launcher, settings: options.settings ?? {} })
  return { file, url: await greet(file.socketDir), adopted: false }
}

/** The running server once it is ready; undefined when none runs, or once one that was stopping is gone. */
async function settled(dataDir: string): Promise<PidFile | undefined> {
  for (;;) {
    const found = findPostmaster(dataDir)
    if (!found || found.status === "ready") return found
    await delay(50)
  }
}

function memoryBytes(): number {
  // Zero where nothing bounds it, and as good as endless where no number is said.
  return Math.min(totalmem(), process.constrainedMemory() || totalmem())
}

type Starting = { readonly launcher: Launcher; readonly settings: Partial<Settings> }

async function start(dataDir: string, socketDir: string, { launcher, settings }: Starting): Promise<PidFile> {
  const log = `${dataDir}.log`
  await rotateLog(log)
  const whole = { maxConnections: 60, durable: true, memoryBytes: memoryBytes(), ...settings }
  const argv = [launcher.binaries.postgres, ...serverArguments(dataDir, socketDir, whole)]
  // Children of a server that was killed take a moment to notice; until then a new one refuses to start.
  for (let tries = 0; ; tries++) {
    const from = await sizeOf(log)
    const program = startProgram({ argv, launcher, log })
    const file = await ready(dataDir, program.ended)
    program.release()
    if (file) return file
    const fault = await startFault("PostgreSQL did not start", log, from)
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
    if (file?.status === "ready") {
      notePostmaster(dataDir, file)
      return file
    }
    await delay(10)
  }
  return undefined
}

const FAST_MS = 30_000

async function stop(dataDir: string, file: PidFile, mode: "fast" | "immediate"): Promise<void> {
  if (signalPostmaster(dataDir, mode)) {
    const isGone = await untilGone(dataDir, file.pid, FAST_MS)
    if (!isGone && signalPostmaster(dataDir, "immediate")) await untilGone(dataDir, file.pid, Infinity)
  }
  if (isShort(file.socketDir)) await rm(file.socketDir, { recursive: true, force: true })
}

async function untilGone(dataDir: string, pid: number, withinMs: number): Promise<boolean> {
  for (const until = performance.now() + withinMs; isRunning(dataDir, pid); await delay(20)) if (performance.now() > until) return false
  return true
}

async function watchGone(dataDir: string, pid: number, signal?: AbortSignal): Promise<void> {
  while (isRunning(dataDir, pid)) await delay(500, undefined, { ref: false, ...(signal && { signal }) })
}

/** By its working folder: it removes its file some moments before it ends. */
function isRunning(dataDir: string, pid: number): boolean {
  return processFacts(pid)?.workingFolder === dataDir
}
