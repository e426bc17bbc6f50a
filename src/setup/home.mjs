import { homedir } from "node:os"
import { join, resolve } from "node:path"

/**
 * The directory that is Stet's own on this machine: tools, the managed Python environment, caches.
 *
 * @param {Readonly<Record<string, string | undefined>>} env
 * @returns {string} an absolute path; nothing is made
 */
export function stetHome(env = process.env) {
  return resolve(env.STET_HOME || join(homedir(), ".stet"))
}
