import { statfsSync } from "node:fs"
import { homedir } from "node:os"
import { dirname, join, resolve } from "node:path"

/** Types in statfs(2) of file systems that hold what the system tells of itself: proc, sysfs, control groups. */
const NO_PLACE = new Set([0x9fa0, 0x62656572, 0x27e0eb, 0x63677270])

/**
 * The directory that is Stet's own on this machine: tools, the managed Python environment, caches.
 *
 * @param {Readonly<Record<string, string | undefined>>} env
 * @returns {string} an absolute path; nothing is made
 */
export function stetHome(env = process.env) {
  return resolve(env.STET_HOME || join(homedir(), ".stet"))
}

/**
 * Why no home can be made there, or undefined. Asked before anything is: below /proc Node's recursive mkdir never ends,
 * because every attempt says that the parent is missing (seen with 20.19 and 24.21).
 *
 * @param {string} home an absolute path
 * @returns {string | undefined} one sentence
 */
export function refusedHome(home) {
  for (let at = home; ; at = dirname(at)) {
    try {
      return NO_PLACE.has(statfsSync(at).type) ? `Stet's home directory ${home} cannot be made: ${at} is no place for files.` : undefined
    } catch {
      if (dirname(at) === at) return undefined
    }
  }
}

export const HOME_REMEDY = "Set STET_HOME to a directory that you may write."
