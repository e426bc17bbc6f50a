import { readFile, rm, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { reasonOf, SetupFailed } from "./failure.mjs"
import { withLock } from "./lock.mjs"
import { digestOf, npm } from "./node.mjs"

/** @typedef {{ version?: string, integrity?: string, optional?: boolean, dev?: boolean, devOptional?: boolean, link?: boolean }} Entry */
/** @typedef {{ packages?: Record<string, Entry> }} Lock */

/**
 * Installs the npm packages of the lock file into `root` unless they are there. `development` also brings the tools
 * that only tests and checks need.
 *
 * @param {{ root: string, home: string, development: boolean, step: import("./step.mjs").Step }} options
 * @throws SetupFailed
 */
export async function ensurePackages({ root, home, development, step }) {
  const lockText = await readFile(join(root, "package-lock.json"), "utf8")
  const stamp = join(root, "node_modules", ".stet-packages.json")
  const there = () => areThere({ root, stamp, lockText, development })
  if (await there()) return
  await withLock(join(home, "locks", `packages-${digestOf(root).slice(0, 16)}`), async () => {
    if (await there()) return
    await rm(stamp, { force: true })
    await step("Installing Stet's packages from package-lock.json", () => install(root, development))
    await writeFile(stamp, stampFor(lockText, development))
  })
}

/**
 * @param {string} root
 * @param {boolean} development
 */
async function install(root, development) {
  const ended = await npm(["ci", development ? "--include=dev" : "--omit=dev"], root)
  if (ended.code === 0) return
  const { why, remedy } = reasonOf(ended.output)
  throw new SetupFailed(`The packages could not be installed: ${why}.`, `Please ${remedy}.`)
}

/** @param {{ root: string, stamp: string, lockText: string, development: boolean }} options */
async function areThere({ root, stamp, lockText, development }) {
  const found = await readFile(stamp, "utf8").catch(() => "")
  if (found === stampFor(lockText, true) || (!development && found === stampFor(lockText, false))) return true
  if (found !== "") return false
  // No stamp: perhaps somebody ran npm by hand. npm writes this file last, so what it lists is there.
  const listed = await readFile(join(root, "node_modules", ".package-lock.json"), "utf8").catch(() => "")
  return listed !== "" && holdsAll(JSON.parse(listed), JSON.parse(lockText), development)
}

/**
 * @param {string} lockText
 * @param {boolean} development
 */
function stampFor(lockText, development) {
  return `${JSON.stringify({ lock: digestOf(lockText), for: `${process.platform}-${process.arch}`, development })}\n`
}

/**
 * Whether everything a lock file asks for on this kind of machine was installed in the version it asks for.
 *
 * @param {Lock} installed
 * @param {Lock} asked
 * @param {boolean} development
 */
export function holdsAll(installed, asked, development) {
  return Object.entries(asked.packages ?? {}).every(([path, entry]) => {
    if (path === "" || entry.link) return true
    const found = installed.packages?.[path]
    if (!found) return Boolean(entry.optional || entry.devOptional || (entry.dev && !development))
    return found.version === entry.version
  })
}
