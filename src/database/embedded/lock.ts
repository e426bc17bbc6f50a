/** One Stet at a time looks after a data directory. */
import { randomUUID } from "node:crypto"
import { linkSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs"
import { hostname } from "node:os"
import { setTimeout as delay } from "node:timers/promises"
import { Fault } from "#base/fault.ts"
import { processFacts } from "#database/embedded/postmaster.ts"

type Holder = { readonly pid: number; readonly host: string; readonly born: string; readonly token: string }

const BEAT_MS = 3000
// A holder on another machine (a container that went before us on the same disk) is known only by its beat.
const STALE_MS = 15_000

/**
 * Takes the lock and keeps it until released or dead.
 *
 * @throws Fault busy when another living process has it
 */
export async function takeLock(file: string): Promise<{ release(): void }> {
  const mine: Holder = { pid: process.pid, host: hostname(), born: processFacts(process.pid)?.born ?? "", token: randomUUID() }
  for (let tries = 0; !create(file, mine); tries++) {
    const holder = read(file)
    if (holder && isAlive(holder, ageOf(file)) && (holder.host === mine.host || tries > STALE_MS / 100)) throw busy(file, holder)
    if (holder ? !isAlive(holder, ageOf(file)) : ageOf(file) > STALE_MS) removeAbandoned(file, holder)
    else await delay(100)
  }
  const beat = setInterval(() => touch(file), BEAT_MS)
  beat.unref()
  return {
    release() {
      clearInterval(beat)
      if (read(file)?.token === mine.token) rmSync(file, { force: true })
    },
  }
}

function busy(file: string, holder: Holder): Fault {
  return new Fault("busy", `Another Stet (process ${holder.pid} on ${holder.host}) is using this database (${file}).`, {
    remedy: "Stop that one first, or give this one a STET_HOME of its own.",
  })
}

function isAlive(holder: Holder, ageMs: number): boolean {
  if (holder.host !== hostname()) return ageMs < STALE_MS
  return processFacts(holder.pid)?.born === holder.born
}

/** Removes a dead holder's file; behind a lock of its own, so that two who see the same dead one do not remove each other's. */
function removeAbandoned(file: string, seen: Holder | undefined): void {
  const guard = `${file}.taking-over`
  if (!write(guard, "")) {
    if (ageOf(guard) > STALE_MS) rmSync(guard, { force: true })
    return
  }
  try {
    if (read(file)?.token === seen?.token) rmSync(file, { force: true })
  } finally {
    rmSync(guard, { force: true })
  }
}

function create(file: string, holder: Holder): boolean {
  return write(file, JSON.stringify(holder))
}

/** Whole or not at all: the name is given to a file that is already written. */
function write(file: string, text: string): boolean {
  const aside = `${file}.${randomUUID()}`
  writeFileSync(aside, text, { mode: 0o600 })
  try {
    linkSync(aside, file)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false
    throw error
  } finally {
    rmSync(aside, { force: true })
  }
}

function read(file: string): Holder | undefined {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as Holder
  } catch {
    return undefined
  }
}

function touch(file: string): void {
  try {
    utimesSync(file, new Date(), new Date())
  } catch {
    // Removed by hand: nothing to keep fresh.
  }
}

function ageOf(file: string): number {
  try {
    return Date.now() - statSync(file).mtimeMs
  } catch {
    return 0
  }
}
