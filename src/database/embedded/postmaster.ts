/** Which process is the server of a data directory: asked before anybody is sent a signal. */
import { execFileSync } from "node:child_process"
import { readFileSync, readlinkSync, writeFileSync } from "node:fs"
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

/** A process as the system shows it. What we may not see is empty. */
export type ProcessFacts = {
  /** File name of its program. */
  readonly program: string
  readonly workingFolder: string
  /** When it began, in a form that only this process has had: counted from the start of the machine, because wall clocks are set. */
  readonly born: string
}

/** What we noted when a server was ready: two processes of one number differ in it. */
export type Note = { readonly pid: number; readonly born: string }

export function parsePidFile(text: string): PidFile | undefined {
  const [pid = "", dataDir = "", startedAt = "", , socketDir = "", , , status = ""] = text.split("\n").map((line) => line.trim())
  if (!/^\d+$/.test(pid) || !/^\d+$/.test(startedAt)) return undefined
  return { pid: Number(pid), dataDir, startedAt: Number(startedAt), socketDir, status: status as PidFile["status"] }
}

/**
 * Whether a process is the server that wrote this file: it is PostgreSQL, works in the data directory as a server does,
 * and began when ours began, if we had come to note that.
 */
export function isPostmaster(
  { pid }: PidFile,
  dataDir: string,
  { found, note }: { found: ProcessFacts | undefined; note?: Note | undefined },
): boolean {
  if (!found || !/^postgres/.test(found.program) || found.workingFolder !== dataDir) return false
  return note?.pid !== pid || note.born === found.born
}

function readPidFile(dataDir: string): PidFile | undefined {
  try {
    return parsePidFile(readFileSync(join(dataDir, "postmaster.pid"), "utf8"))
  } catch {
    return undefined
  }
}

/** The running server of a data directory; undefined when none runs that we can see. */
export function findPostmaster(dataDir: string): PidFile | undefined {
  const file = readPidFile(dataDir)
  if (!file) return undefined
  return isPostmaster(file, dataDir, { found: processFacts(file.pid), note: readNote(dataDir) }) ? file : undefined
}

/** Notes when the server began. */
export function notePostmaster(dataDir: string, { pid }: PidFile): void {
  writeFileSync(noteFile(dataDir), JSON.stringify({ pid, born: processFacts(pid)?.born ?? "" } satisfies Note), { mode: 0o600 })
}

function readNote(dataDir: string): Note | undefined {
  try {
    return JSON.parse(readFileSync(noteFile(dataDir), "utf8")) as Note
  } catch {
    return undefined
  }
}

const noteFile = (dataDir: string) => `${dataDir}.born`

// Above every pid_max, so that no process has it.
const NOBODY = 99_999_999

/**
 * Takes the lock files of a dead server out of the way when its number is another process's by now, or still its own because nobody reaped
 * it: PostgreSQL would refuse to start. Only the number is replaced: by the rest the server still finds out whether children of the dead
 * one are alive.
 */
export function disownLocks(dataDir: string, socketDir: string): void {
  for (const name of [join(dataDir, "postmaster.pid"), join(socketDir, ".s.PGSQL.5432.lock")]) {
    const text = seen(() => readFileSync(name, "utf8"))
    const [pid = "", of = ""] = text.split("\n")
    if (of === dataDir && isTaken(Number(pid))) writeFileSync(name, text.replace(/^\s*\d+/, String(NOBODY)))
  }
}

function isTaken(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM"
  }
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

/** Undefined when there is no such process, or only its remains that nobody reaped. */
export function processFacts(pid: number): ProcessFacts | undefined {
  return process.platform === "linux" ? factsOfProc(pid) : factsOfPs(pid)
}

function factsOfProc(pid: number): ProcessFacts | undefined {
  const stat = seen(() => readFileSync(`/proc/${pid}/stat`, "utf8"))
  // The second field, the program's name, may hold spaces and brackets: count from the last bracket.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ")
  if (stat === "" || fields[0] === "Z" || fields[0] === "X") return undefined
  return {
    program: basename(seen(() => readlinkSync(`/proc/${pid}/exe`))).replace(/ \(deleted\)$/, ""),
    workingFolder: seen(() => readlinkSync(`/proc/${pid}/cwd`)),
    born: `${seen(() => readFileSync("/proc/sys/kernel/random/boot_id", "utf8")).trim()} ${fields[19]}`,
  }
}

function factsOfPs(pid: number): ProcessFacts | undefined {
  const options = { encoding: "utf8", env: { ...process.env, LC_ALL: "C" } } as const
  const line = seen(() => execFileSync("ps", ["-p", String(pid), "-o", "lstart=", "-o", "command="], options)).trim()
  const [born, command = ""] = [line.slice(0, 24), line.slice(24).trim()]
  const [program = ""] = command.split(" ")
  // There is no asking for the working folder here; the server is always started with its directory named.
  const [, folder = ""] = / -D (.+?)(?: -c |$)/.exec(command) ?? []
  return line === "" ? undefined : { program: basename(program), workingFolder: folder, born }
}

function seen(look: () => string): string {
  try {
    return look()
  } catch {
    return ""
  }
}
