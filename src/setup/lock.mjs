import { randomUUID } from "node:crypto"
import { mkdir, readFile, rm, stat, utimes, writeFile } from "node:fs/promises"
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
 * Removes a lock whose owner is dead. One process at a time does this, behind a lock of its own: a dead owner's file
 * changes no more, so what was read there still stands when it is removed.
 *
 * @param {string} file
 * @param {number} staleMs
 * @returns {Promise<boolean>} whether another try to take it makes sense now
 */
async function removeAbandoned(file, staleMs) {
  const seen = await ownerOf(file)
  if (!seen) return true
  if (!isAbandoned(seen, staleMs)) return false
  const guard = `${file}.taking-over`
  if (!(await take(guard, ""))) {
    const other = await ownerOf(guard)
    if (other && Date.now() - other.touched > staleMs) await rm(guard, { force: true })
    return false
  }
  try {
    const now = await ownerOf(file)
    if (now && now.text === seen.text && isAbandoned(now, staleMs)) await rm(file, { force: true })
  } finally {
    await rm(guard, { force: true })
  }
  return true
}

/** @typedef {{ text: string, touched: number }} Owner */

/**
 * @param {string} file
 * @returns {Promise<Owner | undefined>} undefined when nobody holds it
 */
async function ownerOf(file) {
  const text = await textOf(file)
  const touched = await stat(file).then(
    (found) => found.mtimeMs,
    () => undefined,
  )
  return text === undefined || touched === undefined ? undefined : { text, touched }
}

/**
 * @param {Owner} owner
 * @param {number} staleMs
 */
function isAbandoned({ text, touched }, staleMs) {
  return Date.now() - touched >= staleMs || isDead(text)
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
