/** The Stet home as one process holds it: its directories, and the word that nobody else has it open. */
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { Fault } from "#base/fault.ts"

export type Places = {
  readonly root: string
  readonly postgres: string
  readonly spool: string
  readonly scratch: string
  readonly keys: string
  readonly logs: string
  readonly run: string
}

/** Makes what is missing. @throws Fault storage_unwritable */
export function openHome(root: string): Places {
  const inside = (name: string) => join(root, name)
  const places = {
    root,
    postgres: inside("postgres"),
    spool: inside("spool"),
    scratch: inside("scratch"),
    keys: inside("keys"),
    logs: inside("logs"),
    run: inside("run"),
  }
  try {
    mkdirSync(root, { recursive: true, mode: 0o700 })
    for (const place of [places.spool, places.keys, places.logs, places.run]) mkdirSync(place, { recursive: true, mode: 0o700 })
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    throw new Fault(code === "ENOSPC" ? "disk_full" : "storage_unwritable", `Stet's home directory ${root} cannot be made: ${message}.`, {
      cause: error,
      remedy: "Set STET_HOME to a directory that you may write.",
    })
  }
  return places
}

/** Who has the home open: enough to tell a living process from another one that got its number. */
export type Holder = { readonly pid: number; readonly startedAt: string; readonly url?: string; readonly databaseUrl?: string }

export type Held = {
  /** Lets others on this machine know where to find what runs. */
  tell(where: { readonly url: string; readonly databaseUrl: string }): void
  release(): void
}

/** Takes the home for this process, or says who has it. A holder that died is replaced. */
export function holdHome(places: Places): { readonly held: Held } | { readonly by: Holder } {
  const file = join(places.run, "start.json")
  const mine: Holder = { pid: process.pid, startedAt: startOf(process.pid) }
  for (;;) {
    if (create(file, mine)) {
      const tell: Held["tell"] = (where) => writeFileSync(file, JSON.stringify({ ...mine, ...where }), { mode: 0o600 })
      return { held: { tell, release: () => rmSync(file, { force: true }) } }
    }
    const holder = holderOf(places)
    if (holder) return { by: holder }
    rmSync(file, { force: true })
  }
}

/** Who has it open now. */
export function holderOf(places: Pick<Places, "run">): Holder | undefined {
  const holder = read(join(places.run, "start.json"))
  return holder && holder.startedAt !== "" && startOf(holder.pid) === holder.startedAt ? holder : undefined
}

/** Whole or not at all: a name is given to a file that is already written. */
function create(file: string, holder: Holder): boolean {
  const aside = `${file}.${process.pid}`
  writeFileSync(aside, JSON.stringify(holder), { mode: 0o600 })
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

/** When a process began, in the kernel's own words; "" when there is none, "alive" where the system does not say when. */
function startOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8")
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? ""
  } catch {
    if (process.platform === "linux") return ""
  }
  try {
    process.kill(pid, 0)
    return "alive"
  } catch {
    return ""
  }
}
