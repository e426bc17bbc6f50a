import { closeSync, constants, fstatSync, openSync, readFileSync, readSync, truncateSync } from "node:fs"
import type { Ended } from "#kernel/adapters/process.ts"
import type { Exit } from "#kernel/ports.ts"

const LOOK_EVERY_MS = 1000
const TAIL_BYTES = 8192
// A kernel's own stdout and stderr are for its last words; a chatty one must not fill the disk.
const NOTE_BYTES = 128
const OUTPUT_BYTES = 1_048_576

/** Someone who looks at a process from outside once a second, to tell afterwards how it ended. */
export type Witness = {
  /** Watches this process from now on, which keeps our own running until `stop`. */
  follow(pid: number): void
  exit(ended: Ended): Exit
  stop(): void
}

/**
 * A witness who has nobody to watch yet; `outputFile` is where the process writes its own stdout and stderr, `known` the
 * counters of the control group that it is about to enter, where that is not ours.
 */
export function witness(outputFile: string, known: readonly string[] = []): Witness {
  let before = ""
  let counters = known.length > 0 ? known : counterFiles("self")
  let kills = oomKills(counters)
  let lastKills = kills
  let timer: NodeJS.Timeout | undefined
  const look = () => {
    kills = lastKills
    lastKills = oomKills(counters)
    before = cutShort(outputFile) ?? before
  }
  return {
    stop: () => clearInterval(timer),
    follow: (pid) => {
      if (known.length === 0) counters = counterFiles(pid)
      kills = lastKills = oomKills(counters)
      clearInterval(timer)
      timer = setInterval(look, LOOK_EVERY_MS)
    },
    exit: ({ code, signal }) => {
      const now = oomKills(counters)
      // Evidence, not a guess: within the last two seconds the control group counted a kill for want of memory.
      const outOfMemory = signal === "SIGKILL" && kills !== undefined && now !== undefined && now > kills
      return { code, signal, outOfMemory, stderrTail: lastWords(before, outputFile) }
    },
  }
}

/** The end of what a process wrote to its own stdout and stderr: at most 8 KB, whole lines. */
export function outputTail(outputFile: string): string {
  return lastWords("", outputFile)
}

/**
 * The msg_id that a kernel noted in a file of its own (python/launcher.py); undefined where it notes none. The kernel may
 * have put anything in that place: no link is followed, nobody waits for a pipe, and what is read is only compared.
 */
export function notedRequest(file: string): string | undefined {
  try {
    const handle = openSync(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
    try {
      const bytes = Buffer.alloc(NOTE_BYTES)
      return bytes.toString("latin1", 0, readSync(handle, bytes, 0, NOTE_BYTES, 0)).trimEnd() || undefined
    } finally {
      closeSync(handle)
    }
  } catch {
    return undefined
  }
}

function lastWords(before: string, outputFile: string): string {
  const text = (before + readEnd(outputFile)).slice(-TAIL_BYTES)
  return text.length < TAIL_BYTES ? text : text.slice(text.indexOf("\n") + 1)
}

function readEnd(file: string): string {
  try {
    const handle = openSync(file, "r")
    try {
      const { size } = fstatSync(handle)
      const bytes = Buffer.alloc(Math.min(size, TAIL_BYTES))
      const count = readSync(handle, bytes, 0, bytes.length, size - bytes.length)
      return bytes.toString("utf8", 0, count)
    } finally {
      closeSync(handle)
    }
  } catch {
    return ""
  }
}

function cutShort(file: string): string | undefined {
  try {
    const handle = openSync(file, "r")
    const { size } = fstatSync(handle)
    closeSync(handle)
    if (size <= OUTPUT_BYTES) return undefined
    const end = readEnd(file)
    truncateSync(file)
    return end
  } catch {
    return undefined
  }
}

/** How many processes of a control group were ever killed for want of memory; undefined where that cannot be read. */
function oomKills(counters: readonly string[]): number | undefined {
  for (const file of counters) {
    const count = /^oom_kill (\d+)$/m.exec(readText(file))?.[1]
    if (count !== undefined) return Number(count)
  }
  return undefined
}

// Inside a container the group's path is often told as the host sees it, while its files are mounted at the root.
function counterFiles(pid: number | "self"): readonly string[] {
  const groups = readText(`/proc/${pid}/cgroup`)
  const v1 = /^\d+:(?:[^:]*,)?memory(?:,[^:]*)?:(.*)$/m.exec(groups)?.[1]
  const v2 = /^0::(.*)$/m.exec(groups)?.[1]
  return [
    ...(v2 === undefined ? [] : [`/sys/fs/cgroup${v2}/memory.events`, "/sys/fs/cgroup/memory.events"]),
    ...(v1 === undefined ? [] : [`/sys/fs/cgroup/memory${v1}/memory.oom_control`, "/sys/fs/cgroup/memory/memory.oom_control"]),
  ]
}

function readText(file: string): string {
  try {
    return readFileSync(file, "utf8")
  } catch {
    return ""
  }
}
