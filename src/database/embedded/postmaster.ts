/** Which process is the server of a data directory: asked before anybody is sent a signal. */
import { execFileSync } from "node:child_process"
import { readFileSync, readlinkSync, realpathSync, writeFileSync } from "node:fs"
import { basename, join } from "node:path"

/** What a server writes about itself into its data directory (PostgreSQL: miscadmin.h, LOCK_FILE_LINE_…). */
export type PidFile = {
  readonly pid: number
  readonly dataDir: string
  /** Seconds since 1970 by the wall clock of that moment. */
  readonly startedAt: number
  readonly socketDir: string
  readonly status: "starting" | "stopping" | "ready" | "standby" | ""
}

/** A process as the system shows it; undefined when there is none. */
export type ProcessFacts = {
  /** File name of its program. */
  readonly program: string
  readonly workingFolder: string
  /** Seconds since 1970, by the wall clock of now. */
  readonly startedAt: number
}

export function parsePidFile(text: string): PidFile | undefined {
  const [pid = "", dataDir = "", startedAt = "", , socketDir = "", , , status = ""] = text.split("\n").map((line) => line.trim())
  if (!/^\d+$/.test(pid) || !/^\d+$/.test(startedAt)) return undefined
  return { pid: Number(pid), dataDir, startedAt: Number(startedAt), socketDir, status: status as PidFile["status"] }
}

// The start of a process is counted from the machine's, whose wall time is known to a second; between its start and its
// first line the server reads its configuration.
const APART_SECONDS = 10

/**
 * Whether a process is the server that wrote this file. The working folder decides (a server works in its data
 * directory); the time tells it from a later one of the same directory, unless the wall clock was set meanwhile.
 */
export function isPostmaster(file: PidFile, found: ProcessFacts | undefined, dataDir: string): boolean {
  if (!found || !/^postgres/.test(found.program)) return false
  return found.workingFolder === dataDir && found.startedAt - file.startedAt < APART_SECONDS
}

export function readPidFile(dataDir: string): PidFile | undefined {
  try {
    return parsePidFile(readFileSync(join(dataDir, "postmaster.pid"), "utf8"))
  } catch {
    return undefined
  }
}

/** The running server of a data directory; undefined when none runs that we can see. */
export function findPostmaster(dataDir: string): PidFile | undefined {
  const file = readPidFile(dataDir)
  return file && isPostmaster(file, processFacts(file.pid), realpathSync(dataDir)) ? file : undefined
}

// Above every pid_max, so that no process has it.
const NOBODY = 99_999_999

/**
 * Takes the file of a dead server out of the way when its number is another process's by now: PostgreSQL would refuse to
 * start. Only the number is replaced: by the rest the server still finds out whether children of the dead one are alive.
 */
export function disownPidFile(dataDir: string): void {
  const name = join(dataDir, "postmaster.pid")
  const text = readFileSync(name, "utf8")
  writeFileSync(name, text.replace(/^\s*\d+/, String(NOBODY)))
}

/** Asks the running server to stop: "fast" ends sessions in order, "immediate" leaves recovery to the next start. False when it is not there. */
export function signalPostmaster(dataDir: string, mode: "fast" | "immediate"): boolean {
  const found = findPostmaster(dataDir)
  if (!found) return false
  try {
    return process.kill(found.pid, mode === "fast" ? "SIGINT" : "SIGQUIT")
  } catch {
    return false
  }
}

export function processFacts(pid: number): ProcessFacts | undefined {
  try {
    return process.platform === "linux" ? factsOfProc(pid) : factsOfPs(pid)
  } catch {
    return undefined
  }
}

function factsOfProc(pid: number): ProcessFacts | undefined {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8")
  // The second field, the program's name, may hold spaces and brackets: count from the last bracket.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ")
  if (fields[0] === "Z" || fields[0] === "X") return undefined
  const upSeconds = Number(readFileSync("/proc/uptime", "utf8").split(" ")[0])
  // In hundredths on every Linux that Node runs on (USER_HZ).
  const startedSeconds = Number(fields[19]) / 100
  return {
    program: basename(readlinkSync(`/proc/${pid}/exe`)),
    workingFolder: readlinkSync(`/proc/${pid}/cwd`),
    startedAt: Date.now() / 1000 - (upSeconds - startedSeconds),
  }
}

function factsOfPs(pid: number): ProcessFacts | undefined {
  const line = execFileSync("ps", ["-p", String(pid), "-o", "lstart=", "-o", "command="], {
    encoding: "utf8",
    env: { ...process.env, LC_ALL: "C" },
  }).trim()
  const [started, command = ""] = [line.slice(0, 24), line.slice(24).trim()]
  const [program = ""] = command.split(" ")
  // There is no asking for the working folder here; the server is always started with its directory named.
  const [, folder = ""] = / -D (.+?)(?: -c |$)/.exec(command) ?? []
  return line === "" ? undefined : { program: basename(program), workingFolder: folder, startedAt: Date.parse(started) / 1000 }
}
