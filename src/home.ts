/** The Stet home as one process holds it: its directories, and the word that nobody else has it open. */
import { mkdirSync } from "node:fs"
import { join } from "node:path"
import { Fault } from "#base/fault.ts"
import { hold, holderOf } from "#database/index.ts"

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

export type Held = {
  /** Lets others on this machine know where to find what runs. */
  tell(where: Where): void
  release(): void
}

export type Where = { readonly url: string; readonly databaseUrl: string }
/** Who has the home open; where what runs is found, once it runs. */
export type Holder = { readonly pid: number } & Partial<Where>

/** Takes the home for this process, or says who has it. A holder that died is replaced. */
export async function holdHome(places: Places): Promise<{ readonly held: Held } | { readonly by: Holder }> {
  return hold(fileOf(places))
}

/** Who has it open now. */
export function holderOfHome(places: Pick<Places, "run">): Holder | undefined {
  return holderOf(fileOf(places))
}

function fileOf({ run }: Pick<Places, "run">): string {
  return join(run, "start.json")
}
