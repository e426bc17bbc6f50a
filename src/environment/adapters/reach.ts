/** Whether other users of this machine can get at a file. */
import { realpath, stat } from "node:fs/promises"
import { dirname } from "node:path"

const nobody = 65_534

/** True when every directory on the way can be entered by everybody, and the file itself be read. */
export async function isReachableByAll(path: string): Promise<boolean> {
  try {
    let at = await realpath(path)
    if (((await stat(at)).mode & 0o004) === 0) return false
    while (dirname(at) !== at) {
      at = dirname(at)
      if (((await stat(at)).mode & 0o001) === 0) return false
    }
    return true
  } catch {
    return false
  }
}

/** The user that code of packages may run as here: nobody when we are root and nobody can get there, else undefined. */
export async function unprivilegedUser(...paths: readonly string[]): Promise<number | undefined> {
  if (process.getuid?.() !== 0) return undefined
  const reachable = await Promise.all(paths.map(isReachableByAll))
  return reachable.every(Boolean) ? nobody : undefined
}

/** Whether code run by us now would run as root. */
export function isRoot(): boolean {
  return process.getuid?.() === 0
}
