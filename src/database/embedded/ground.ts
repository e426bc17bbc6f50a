/** Where the server's files can lie so that whom it runs as can reach them. */
import { createHash } from "node:crypto"
import { chmodSync, mkdirSync, readlinkSync, realpathSync, statSync, symlinkSync } from "node:fs"
import { mkdtemp } from "node:fs/promises"
import { dirname, join, resolve } from "node:path"
import { Fault } from "#base/fault.ts"
import type { Account } from "#database/embedded/account.ts"

/** A folder's owner and permissions. */
export type Permissions = { readonly uid: number; readonly gid: number; readonly mode: number }

/** Whether somebody without privileges may pass through all of these folders. */
export function mayPass(folders: readonly Permissions[], who: { readonly uid: number; readonly gid: number }): boolean {
  return folders.every(({ uid, gid, mode }) => (uid === who.uid ? mode & 0o100 : gid === who.gid ? mode & 0o010 : mode & 0o001) !== 0)
}

/** Who the server is for the system's files: in a namespace still us, though without root's privileges. */
function identity(account: Account): { readonly uid: number; readonly gid: number } | undefined {
  if (account.kind === "other") return account
  return account.kind === "namespace" ? { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 } : undefined
}

/** Whether whom the server runs as can reach what is in this folder. */
export function reaches(account: Account, folder: string): boolean {
  const who = identity(account)
  return who === undefined || mayPass(above(folder), who)
}

function above(folder: string): readonly Permissions[] {
  const found = permissions(folder)
  const parent = dirname(folder)
  return [...(found ? [found] : []), ...(parent === folder ? [] : above(parent))]
}

function permissions(folder: string): Permissions | undefined {
  try {
    return statSync(folder)
  } catch {
    return undefined
  }
}

/**
 * Where the data directory is to be made: where it was asked for, or, when the server could not reach that (root's home
 * is private), a folder of its own under /var/lib, to which the place that was asked for becomes a link.
 */
export function placeData(dataDir: string, account: Account): string {
  const asked = resolve(dataDir)
  mkdirSync(dirname(asked), { recursive: true, mode: 0o700 })
  const link = linkTarget(asked)
  if (link !== undefined) return link
  if (stands(asked)) return realpathSync(asked)
  const home = realpathSync(dirname(asked))
  if (reaches(account, home)) return join(home, asked.slice(dirname(asked).length + 1))
  const ground = `/var/lib/stet-${createHash("sha256").update(asked).digest("hex").slice(0, 12)}`
  mkdirSync(ground, { recursive: true })
  chmodSync(ground, 0o711)
  if (!reaches(account, ground)) {
    throw new Fault("database_unreachable", `PostgreSQL cannot be started: the user it must run as can enter neither ${home} nor ${ground}.`, {
      remedy: `Make ${home} passable (chmod a+x), or name a running PostgreSQL in DATABASE_URL.`,
    })
  }
  const placed = join(ground, "postgres")
  symlinkSync(placed, asked)
  return placed
}

function stands(file: string): boolean {
  return permissions(file) !== undefined
}

/** Where it leads if it is a link, be there something or not yet. */
function linkTarget(file: string): string | undefined {
  try {
    return resolve(dirname(file), readlinkSync(file))
  } catch {
    return undefined
  }
}

const SOCKET_BYTES = 107
const SOCKET_NAME = "/.s.PGSQL.5432"
const SHORT = "/tmp/stet-pg-"

/** The folder for the socket: the one asked for, unless the system would cut its address (at 107 bytes) or the server could not reach it. */
export async function placeSocket(folder: string, account: Account): Promise<string> {
  const asked = resolve(folder)
  const fits = Buffer.byteLength(asked + SOCKET_NAME) <= SOCKET_BYTES
  return fits && reaches(account, dirname(asked)) ? asked : mkdtemp(SHORT)
}

/** Whether `placeSocket` made this folder, so that it goes with the server. */
export function isShort(folder: string): boolean {
  return folder.startsWith(SHORT) && !folder.slice(SHORT.length).includes("/")
}
