import { randomUUID } from "node:crypto"
import { link, mkdir, readFile, rename, rm, stat, utimes, writeFile } from "node:fs/promises"
import { hostname } from "node:os"
import { dirname } from "node:path"
import { setTimeout as delay } from "node:timers/promises"

/**
 * Does `work` while no other process on this file system does. A lock whose owner died is taken over: at once when the
 * owner was on this machine, else when it has not been touched for `staleMs`.
 *
 * The lock saves double work; what must be whole is made whole by building aside and renaming, because a machine that
 * slept through `staleMs` may find that its lock is another's by now.
 *
 * @template T
 * @param {string} file
 * @param {() => Promise<T>} work
 * @param {{ staleMs?: number, waiting?: () => void }} [options] `waiting` is called once if another process holds it;
 * default: says so on standard error
 * @returns {Promise<T>}
 */
export async function withLock(file, work, { staleMs = 30_000, waiting = sayWaiting } = {}) {
  const mine = JSON.stringify({ pid: process.pid, host: hostname(), token: randomUUID() })
  await mkdir(dirname(file), { recursive: true })
  for (let tries = 0; !(await take(file, mine)); tries++) {
    if (await removeAbandoned(file, staleMs)) continue
    if (tries === 0) waiting()
    await delay(100)
  }
  const beat = setInterval(() => void utimes(file, new Date(), new Date()).catch(() => {}), staleMs / 10)
  beat.unref()
  try {
    return await work()
  } finally {
    clearInterval(beat)
    if ((await textOf(file)) === mine) await rm(file, { force: true })
  }
}

function sayWaiting() {
  process.stderr.write("Another Stet is setting this up; waiting for it.\n")
}

/**
 * @param {string} file
 * @param {string} mine
 */
async function take(file, mine) {
  try {
    await writeFile(file, mine, { flag: "wx" })
    return true
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === "EEXIST") return false
    throw error
  }
}

/**
 * @param {string} file
 * @param {number} staleMs
 * @returns {Promise<boolean>} whether another try to take it makes sense now
 */
async function removeAbandoned(file, staleMs) {
  const owner = await textOf(file)
  const touched = await stat(file).then(
    (found) => found.mtimeMs,
    () => undefined,
  )
  if (owner === undefined || touched === undefined) return true
  if (Date.now() - touched < staleMs && !isDead(owner)) return false
  // Two may see the same dead owner. Whoever moves it away second has moved the first one's new lock, and puts it back.
  const aside = `${file}.${randomUUID()}`
  await rename(file, aside).catch(() => {})
  if ((await textOf(aside)) !== owner) await link(aside, file).catch(() => {})
  await rm(aside, { force: true })
  return true
}

/** @param {string} owner */
function isDead(owner) {
  try {
    const { pid, host } = JSON.parse(owner)
    if (host !== hostname()) return false
    process.kill(pid, 0)
    return false
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code === "ESRCH"
  }
}

/**
 * @param {string} file
 * @returns {Promise<string | undefined>}
 */
function textOf(file) {
  return readFile(file, "utf8").catch(() => undefined)
}
