/** The data directory of an embedded server, and what is told to the server on every start. */
import { spawn } from "node:child_process"
import { closeSync, openSync } from "node:fs"
import { chmod, chown, mkdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises"
import { userInfo } from "node:os"
import { join } from "node:path"
import { Fault } from "#base/fault.ts"
import { type Account, namespaceCommand } from "#database/embedded/account.ts"
import type { Binaries } from "#database/embedded/binaries.ts"

export type Settings = {
  readonly maxConnections: number
  /** False: nothing is forced to disk, so that it outlives the server but not the machine. Only for data that nobody will miss. */
  readonly durable: boolean
  /** Of its machine, or of the container that it is in. */
  readonly memoryBytes: number
}

/** What owns and runs a server. */
export type Launcher = { readonly binaries: Binaries; readonly account: Exclude<Account, { kind: "none" }> }

/** The user and the database of Stet in its own server. */
export const OWNER = "stet"

/**
 * Makes the data directory, unless it is there: built aside and renamed, so that it is whole or absent.
 *
 * @throws Fault database_unreachable, disk_full
 */
export async function makeCluster(dataDir: string, launcher: Launcher, durable: boolean): Promise<{ readonly made: boolean }> {
  const version = await readFile(join(dataDir, "PG_VERSION"), "utf8").catch(() => undefined)
  if (version !== undefined) {
    refuseOtherVersion(dataDir, Number.parseInt(version, 10), launcher.binaries.major)
    return { made: false }
  }
  const aside = `${dataDir}.new`
  await rm(aside, { recursive: true, force: true })
  await mkdir(aside, { mode: 0o700 })
  await give(aside, launcher.account)
  // Byte order: the same everywhere and for ever, where a language's changes with the system's library and spoils indexes. From 17 on
  // PostgreSQL knows by itself which letters are the same in both cases: "ärger" finds "Ärger".
  const locale = ["--encoding=UTF8", "--locale=C", ...(launcher.binaries.major < 17 ? [] : ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"])]
  const argv = ["--pgdata", aside, "--username", OWNER, "--auth=peer", "--no-instructions", "--data-checksums", ...locale, ...(durable ? [] : HASTY)]
  const log = `${dataDir}.initdb.log`
  await rm(log, { force: true })
  const { code } = await startProgram({ argv: [launcher.binaries.initdb, ...argv], launcher, log }).ended
  if (code !== 0) throw await startFault("PostgreSQL's data directory could not be made", log, 0)
  await rename(aside, dataDir)
  await rm(log, { force: true })
  return { made: true }
}

// Small files, and nothing forced to disk.
const HASTY = ["--no-sync", "--wal-segsize=1"]

/**
 * Says who may enter: only through the socket in its private folder, and there only who runs the server, as the kernel
 * tells ("peer"). There is no password that could be read, logged or lost. Root could read the files anyway.
 */
export async function writeAccess(dataDir: string, account: Launcher["account"]): Promise<void> {
  const own = account.kind === "self" ? userInfo().username : account.name
  const names = [...new Set([own, "root"])].map((name) => `stet "${name}" ${OWNER}\n`)
  await writeFile(join(dataDir, "pg_hba.conf"), "# Written by Stet. The server listens on no network.\nlocal all all peer map=stet\n")
  await writeFile(join(dataDir, "pg_ident.conf"), `# Written by Stet.\n${names.join("")}`)
}

function refuseOtherVersion(dataDir: string, has: number, runs: number): void {
  if (has === runs) return
  throw new Fault("database_unreachable", `The data in ${dataDir} was written by PostgreSQL ${has}, and the one at hand is ${runs}.`, {
    remedy: `Bring back the Stet that came with PostgreSQL ${has}, make a backup with it, and restore that with this one.`,
  })
}

/** Hands a folder or file to whom the server runs as. */
async function give(path: string, account: Account): Promise<void> {
  if (account.kind === "other") await chown(path, account.uid, account.gid)
}

/** The folder of the server's socket: nobody else may enter. */
export async function makePrivate(folder: string, account: Account): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  await chmod(folder, 0o700)
  await give(folder, account)
}

/** The command line of the server. Settings are given on each start and never edited in files, so that a new Stet brings its own. */
export function serverArguments(dataDir: string, socketDir: string, settings: Settings): readonly string[] {
  const durable = settings.durable ? {} : { fsync: "off", full_page_writes: "off" }
  const all = {
    listen_addresses: "",
    unix_socket_directories: socketDir.replace(/[,"]/g, "\\$&"),
    unix_socket_permissions: "0700",
    max_connections: settings.maxConnections,
    shared_buffers: `${sharedMb(settings.memoryBytes)}MB`,
    // A container's /dev/shm is small, and the machine's cores belong to kernels.
    max_parallel_workers_per_gather: 0,
    jit: "off",
    wal_level: "minimal",
    max_wal_senders: 0,
    max_wal_size: "512MB",
    wal_compression: "on",
    random_page_cost: 1.1,
    idle_in_transaction_session_timeout: "60s",
    timezone: "UTC",
    log_timezone: "UTC",
    // Statements and details would carry what people typed into the log.
    log_min_messages: "warning",
    log_min_error_statement: "panic",
    log_error_verbosity: "terse",
    log_checkpoints: "off",
    cluster_name: "stet",
    ...durable,
  }
  return ["-D", dataDir, ...Object.entries(all).flatMap(([name, value]) => ["-c", `${name}=${value}`])]
}

/**
 * It is taken only as pages are read, so that a small library takes no more than it did. At the design size searches go through some hundred
 * megabytes of indexes and rows again and again: with 64 MB they take twice the processor's time, for pages that are copied from the
 * system's cache each time.
 */
export function sharedMb(memoryBytes: number): number {
  return Math.min(512, Math.max(64, Math.floor(memoryBytes / 16 / 2 ** 20)))
}

export type Started = {
  /** Never rejects. `code` is -1 when it could not be started. */
  readonly ended: Promise<{ readonly code: number | null }>
  /** From now on it keeps nobody waiting. */
  release(): void
}

/** Starts a program of PostgreSQL at the head of a session of its own: what is meant for us does not end it. */
export function startProgram({ argv, launcher, log }: { argv: readonly string[]; launcher: Launcher; log: string }): Started {
  const { account, binaries } = launcher
  const [program = "", ...rest] = account.kind === "namespace" ? [...namespaceCommand(account), ...argv] : argv
  const output = openSync(log, "a", 0o600)
  const as = account.kind === "other" ? { uid: account.uid, gid: account.gid } : {}
  const child = spawn(program, rest, { cwd: "/", env: environment(binaries), detached: true, stdio: ["ignore", output, output], ...as })
  closeSync(output)
  const ended = new Promise<{ readonly code: number | null }>((resolve) => {
    child.once("exit", (code) => resolve({ code }))
    child.once("error", () => resolve({ code: -1 }))
  })
  return { ended, release: () => child.unref() }
}

// Nothing of our own environment that PostgreSQL would heed (PGDATA, PGPORT, LC_…) or that holds secrets.
function environment(binaries: Binaries): NodeJS.ProcessEnv {
  return { PATH: process.env["PATH"], LC_ALL: "C", TZ: "UTC", ...binaries.env }
}

const LOG_KEPT_BYTES = 8 * 1024 * 1024

/** Keeps one older log, so that it does not grow for ever. */
export async function rotateLog(log: string): Promise<void> {
  if ((await sizeOf(log)) > LOG_KEPT_BYTES) await rename(log, `${log}.old`)
}

/** What went wrong, with the end of what the program said since the log had `from` bytes. */
export async function startFault(what: string, log: string, from: number): Promise<Fault> {
  const text = await readFile(log).then(
    (bytes) => bytes.subarray(from).toString(),
    () => "",
  )
  const lines = text.split("\n").filter((line) => line.trim() !== "")
  const said = lines.filter((line) => /FATAL|PANIC|ERROR|error:|failed|could not/.test(line))
  const reason = (said.at(-1) ?? lines.at(-1) ?? "it said nothing").replace(/^.*?\b(FATAL|PANIC|ERROR|error): +/, "").replace(/\.$/, "")
  const full = /No space left|could not extend|disk quota/i.test(reason)
  return new Fault(full ? "disk_full" : "database_unreachable", `${what}: ${reason}.`, {
    remedy: full ? "Free some space on the disk of STET_HOME." : `Read ${log}.`,
    retry: full ? "later" : "never",
  })
}

export async function sizeOf(file: string): Promise<number> {
  return stat(file).then(
    ({ size }) => size,
    () => 0,
  )
}
