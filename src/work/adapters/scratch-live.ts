/**
 * Files that are put into a working directory while code runs in it. The code may swap a folder for a link at any moment, so the
 * way to a file is gone part by part with the folder held open: what is opened below it is below it, wherever it has been moved.
 */
import {
  closeSync,
  constants,
  existsSync,
  fchmodSync,
  fchownSync,
  fstatSync,
  lstatSync,
  mkdirSync,
  openSync,
  renameSync,
  type Stats,
  unlinkSync,
  writeSync,
} from "node:fs"
import { join } from "node:path"

export type Owner = number | undefined

const FOLDER = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW
const NEW_FILE = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW
/** Where there is no such way (macOS), kernels run as the worker's own user, and there is nothing to be tricked into. */
const HOLDS = existsSync("/proc/self/fd")

/** Says when a file is another one; a write changes it though its time was put back. */
export function markOf({ ino, size, ctimeMs }: Stats): string {
  return `${ino} ${size} ${ctimeMs}`
}

export type Putting = {
  readonly root: string
  /** Its parts are no `.` or `..`. */
  readonly path: string
  readonly owner: Owner
  readonly bytes: AsyncIterable<Uint8Array>
  /** What the file that is there must still be; undefined: there must be none. */
  readonly over: string | undefined
}

/** Gives the mark of what is there now; undefined when something else is there, which is left as it is. @throws as node:fs */
export async function putLive({ root, path, owner, bytes, over }: Putting): Promise<string | undefined> {
  const parts = path.split("/")
  const name = parts.pop() ?? ""
  const folder = enter(root, parts, owner)
  try {
    if (nowAt(folder.at(name)) !== over) return undefined
    const aside = folder.at(`.stet-put-${process.pid}-${++count}`)
    const mark = await write(aside, owner, bytes)
    // Meanwhile a cell may have written it.
    if (nowAt(folder.at(name)) === over) {
      renameSync(aside, folder.at(name))
      return nowAt(folder.at(name)) ?? mark
    }
    unlinkSync(aside)
    return undefined
  } finally {
    folder.close()
  }
}

let count = 0

async function write(path: string, owner: Owner, bytes: AsyncIterable<Uint8Array>): Promise<string> {
  const fd = openSync(path, NEW_FILE, 0o600)
  try {
    for await (const piece of bytes) for (let done = 0; done < piece.length; ) done += writeSync(fd, piece, done)
    if (owner !== undefined) fchownSync(fd, owner, owner)
    fchmodSync(fd, 0o644)
    return markOf(fstatSync(fd))
  } catch (error) {
    unlinkSync(path)
    throw error
  } finally {
    closeSync(fd)
  }
}

function nowAt(path: string): string | undefined {
  const stat = lstatSync(path, { throwIfNoEntry: false })
  return stat && (stat.isFile() ? markOf(stat) : "none of ours")
}

type Held = { readonly at: (name: string) => string; readonly close: () => void }

function enter(root: string, parts: readonly string[], owner: Owner): Held {
  let held = hold(root)
  for (const part of parts) {
    const next = held.at(part)
    try {
      if (!lstatSync(next, { throwIfNoEntry: false })) make(next, owner)
      const inner = hold(next)
      held.close()
      held = inner
    } catch (error) {
      held.close()
      throw error
    }
  }
  return held
}

function make(path: string, owner: Owner): void {
  mkdirSync(path, { mode: 0o700 })
  if (owner === undefined) return
  const fd = openSync(path, FOLDER)
  fchownSync(fd, owner, owner)
  closeSync(fd)
}

function hold(path: string): Held {
  const fd = openSync(path, FOLDER)
  return { at: (name) => (HOLDS ? `/proc/self/fd/${fd}/${name}` : join(path, name)), close: () => closeSync(fd) }
}
