/** What the operating system says of a process, of ours or of somebody else's. */
import { readFileSync } from "node:fs"

/** Whether a process runs. One that has ended and that nobody reaped (in a container without an init) does not. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
  } catch (error) {
    // It is somebody else's, but it is.
    if ((error as NodeJS.ErrnoException).code !== "EPERM") return false
  }
  return processStat(pid)[0] !== "Z"
}

/** The fields of /proc/<pid>/stat from the third (its state) on; empty where there is no such file. */
export function processStat(pid: number): readonly string[] {
  try {
    // The second field, the program's name, may hold spaces and brackets: count from the last bracket.
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8")
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")
  } catch {
    return []
  }
}
