/**
 * Users for kernels. A range of numbers that belong to nobody is divided into families; whoever runs kernels takes a
 * family for each environment, so that code of one environment that runs before a kernel is confined (a package that a
 * zygote imports) can at worst become a user of kernels that run the same code anyway.
 */
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { isAlive, processStat } from "#base/adapters/process.ts"
import { Fault } from "#base/fault.ts"

/** Below Debian's reserved numbers, above what `adduser` gives out first, and within the 65,536 of most containers. */
const FIRST = 58_000
const FAMILY = 64
const FAMILIES = 31

/** Users that no other family has. The first one is not lent: a zygote runs as it. */
export type Family = {
  readonly first: number
  readonly count: number
  /** @throws Fault isolation_unavailable when all are taken */
  lend(): number
  giveBack(uid: number): void
  release(): void
}

/** A directory that only root can enter, the same for all that run kernels on this machine. */
export function rootFolder(): string {
  const place = existsSync("/run") ? "/run" : tmpdir()
  const folder = join(place, "stet-kernels")
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  if (statSync(folder).uid !== 0)
    throw new Fault("isolation_unavailable", `${folder} belongs to somebody else than root.`, { remedy: `Remove ${folder}.` })
  return folder
}

/** Takes a family that nobody living has. @throws Fault isolation_unavailable when there is none left */
export function takeFamily(): Family {
  const folder = rootFolder()
  for (let index = 0; index < FAMILIES; index++) {
    const lock = join(folder, `users-${FIRST + index * FAMILY}`)
    if (take(lock)) return family(FIRST + index * FAMILY, lock)
  }
  throw new Fault("isolation_unavailable", `All ${FAMILIES} families of users for kernels are taken (${folder}).`, {
    retry: "later",
    remedy: "End other workers on this machine, or use fewer environments at once.",
  })
}

function family(first: number, lock: string): Family {
  const lent = new Set<number>()
  return {
    first,
    count: FAMILY,
    lend: () => {
      for (let uid = first + 1; uid < first + FAMILY; uid++) {
        if (lent.has(uid)) continue
        lent.add(uid)
        return uid
      }
      throw new Fault("isolation_unavailable", `All ${FAMILY - 1} users for kernels of one environment are taken.`, { retry: "later" })
    },
    giveBack: (uid) => void lent.delete(uid),
    release: () => rmSync(lock, { force: true }),
  }
}

function take(lock: string): boolean {
  const mine = `${process.pid} ${birthOf(process.pid)}`
  if (create(lock, mine)) return true
  const holder = read(lock)
  const [pid = "0", birth = ""] = holder.split(" ")
  if (isAlive(Number(pid)) && birthOf(Number(pid)) === birth) return false
  // Of two who find it abandoned, one gets to rename it; what was renamed may also be the other's new one.
  const aside = `${lock}.${process.pid}`
  try {
    renameSync(lock, aside)
  } catch {
    return false
  }
  const isStale = read(aside) === holder
  if (isStale) rmSync(aside, { force: true })
  else renameSync(aside, lock)
  return isStale && create(lock, mine)
}

function create(lock: string, text: string): boolean {
  try {
    writeFileSync(lock, text, { flag: "wx", mode: 0o600 })
    return true
  } catch {
    return false
  }
}

function read(lock: string): string {
  try {
    return readFileSync(lock, "utf8")
  } catch {
    return ""
  }
}

function birthOf(pid: number): string {
  return processStat(pid)[19] ?? ""
}
