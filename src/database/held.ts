/** A file that says which process holds a place: a data directory, a home, a worker's name. At most one does. */
import { randomUUID } from "node:crypto"
import { linkSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs"
import { hostname } from "node:os"
import { setTimeout as delay } from "node:timers/promises"
import { Fault } from "#base/fault.ts"
import { processFacts } from "#database/embedded/postmaster.ts"

/** `born` tells a living process from another one that got its number. */
type Person = { readonly pid: number; readonly host: string; readonly born: string; readonly token: string }
/** What the holder lets others on this machine know. */
type Facts = { readonly [name: string]: string }
export type Holder = Person & { readonly [fact: string]: string | number }

export type Held = {
  tell(facts: Facts): void
  /** Nothing of it is left. */
  release(): void
}

const BEAT_MS = 3000
// A holder on another machine (a container that went before us on the same disk) is known only by its beat.
const STALE_MS = 15_000

/** Takes the place and keeps it until it is released or we are dead, or says who has it. A holder that died is replaced. */
export async function hold(file: string): Promise<{ readonly held: Held } | { readonly by: Holder }> {
  const mine: Person = { pid: process.pid, host: hostname(), born: processFacts(process.pid)?.born ?? "", token: randomUUID() }
  for (let tries = 0; !create(file, mine); tries++) {
    const holder = read(file)
    if (holder && isAlive(holder, ageOf(file)) && (holder.host === mine.host || tries > STALE_MS / 100)) return { by: holder }
    if (holder ? !isAlive(holder, ageOf(file)) : ageOf(file) > STALE_MS) removeAbandoned(file, holder)
    else await delay(100)
  }
  return { held: heldBy(file, mine) }
}

function heldBy(file: string, mine: Person): Held {
  const beat = setInterval(() => touch(file), BEAT_MS)
  beat.unref()
  const isMine = () => read(file)?.token === mine.token
  return {
    tell(facts) {
      if (isMine()) replace(file, JSON.stringify({ ...facts, ...mine } satisfies Holder))
    },
    release() {
      clearInterval(beat)
      if (isMine()) rmSync(file, { force: true })
    },
  }
}

/** @throws Fault busy when another living process looks after this data directory */
export async function takeLock(file: string): Promise<Held> {
  const holding = await hold(file)
  if ("held" in holding) return holding.held
  const { pid, host } = holding.by
  throw new Fault("busy", `Another Stet (process ${pid} on ${host}) is using this database (${file}).`, {
    remedy: "Stop that one first, or give this one a STET_HOME of its own.",
  })
}

/** Who holds it now; undefined when nobody does that lives. */
export function holderOf(file: string): Holder | undefined {
  const holder = read(file)
  return holder && isAlive(holder, ageOf(file)) ? holder : undefined
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

function create(file: string, holder: Person): boolean {
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

function replace(file: string, text: string): void {
  const aside = `${file}.${randomUUID()}`
  writeFileSync(aside, text, { mode: 0o600 })
  renameSync(aside, file)
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
