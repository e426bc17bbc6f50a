/** Does away with everything that a user of a kernel left on the machine. Only for users that nobody else has, as root. */
import { spawn } from "node:child_process"
import { lstatSync, readdirSync, readFileSync, rmSync } from "node:fs"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"

const SHARED_FOLDERS = ["/tmp", "/var/tmp", "/dev/shm", "/run/lock", "/dev/mqueue"]

/** Kills every process of a user, until there is none: also those that left their group and session. */
export async function killAllOf(uid: number): Promise<void> {
  for (let i = 0; i < 100; i++) {
    // One call for all, made as that user: looking for them one by one would be a race against whoever forks faster.
    await run("/bin/sh", ["-c", "kill -s KILL -- -1"], uid)
    if (!hasProcesses(uid)) return
    await sleep(20)
  }
}

/** Removes the user's files in directories that everybody may write, and its shared memory, semaphores and queues. */
export async function sweep(uid: number): Promise<void> {
  for (const folder of SHARED_FOLDERS) {
    for (const name of entries(folder)) {
      const path = join(folder, name)
      if (ownerOf(path) === uid) rmSync(path, { recursive: true, force: true })
    }
  }
  for (const [kind, flag] of [
    ["shm", "-m"],
    ["sem", "-s"],
    ["msg", "-q"],
  ] as const) {
    for (const id of ipcOf(kind, uid)) await run("ipcrm", [flag, id])
  }
}

/** Ended processes that nobody has reaped yet do not count. */
export function hasProcesses(uid: number): boolean {
  return entries("/proc").some((name) => {
    if (!/^\d+$/.test(name)) return false
    const status = read(`/proc/${name}/status`)
    return new RegExp(`^Uid:\\t${uid}\\t`, "m").test(status) && !/^State:\t[ZX]/m.test(status)
  })
}

function ipcOf(kind: "shm" | "sem" | "msg", uid: number): readonly string[] {
  const [head = "", ...lines] = read(`/proc/sysvipc/${kind}`).trim().split("\n")
  const columns = head.trim().split(/\s+/)
  const id = columns.indexOf(`${kind}id`) < 0 ? columns.indexOf(kind === "msg" ? "msqid" : "semid") : columns.indexOf(`${kind}id`)
  const owner = columns.indexOf("uid")
  return lines
    .map((line) => line.trim().split(/\s+/))
    .filter((fields) => fields[owner] === String(uid))
    .flatMap((fields) => fields[id] ?? [])
}

function run(program: string, args: readonly string[], uid?: number): Promise<void> {
  return new Promise((resolve) => {
    const child = spawn(program, args, { stdio: "ignore", cwd: "/", env: { PATH: "/usr/bin:/bin" }, ...(uid === undefined ? {} : { uid, gid: uid }) })
    child.once("error", () => resolve())
    child.once("exit", () => resolve())
  })
}

function ownerOf(path: string): number | undefined {
  try {
    return lstatSync(path).uid
  } catch {
    return undefined
  }
}

function entries(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

function read(file: string): string {
  try {
    return readFileSync(file, "utf8")
  } catch {
    return ""
  }
}
