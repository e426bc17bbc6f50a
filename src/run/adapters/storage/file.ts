/**
 * Local files. A write goes to a temporary file in the same directory, is fsynced and renamed over the target, then the
 * directory is fsynced: at every instant the target is the whole old file or the whole new one.
 *
 * Decided here: a symbolic link stays, and what it points to is replaced (as a shell's `>` does); the target keeps its
 * mode and, where allowed, its owner; other hard links keep the old content; pipes and devices (/dev/stdout, a shell's
 * `>(…)`) are written directly; a missing directory is refused, not made.
 */
import { randomBytes } from "node:crypto"
import { constants, type Stats } from "node:fs"
import { access, type FileHandle, lstat, open, readFile, readlink, realpath, rename, stat, unlink } from "node:fs/promises"
import { basename, dirname, join, resolve } from "node:path"
import { fileFault, isAbsent } from "#run/adapters/storage/file-fault.ts"
import type { Sink } from "#run/storage.ts"

export async function readLocal(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path)
  } catch (error) {
    throw fileFault(error, "read", path)
  }
}

/** A pipe or device is there, but holds nothing that a write could replace. */
export async function existsLocal(path: string): Promise<boolean> {
  return (await standsLocal(path)) === "file"
}

/** What a write would meet. A directory is told apart by the write itself. */
export async function standsLocal(path: string): Promise<"nothing" | "file" | "stream"> {
  try {
    const found = await stat(path)
    return found.isFile() ? "file" : found.isDirectory() ? "nothing" : "stream"
  } catch (error) {
    if (isAbsent(error)) return "nothing"
    throw fileFault(error, "read", path)
  }
}

export async function openWriteLocal(path: string): Promise<Sink> {
  try {
    const target = await findTarget(path)
    return target.stands === "stream" ? await openDirect(target.path) : await openReplacing(target)
  } catch (error) {
    throw fileFault(error, "write", path)
  }
}

/** Makes and removes a file beside the target: the only question that quotas, ACLs and read-only mounts answer truly. */
export async function checkLocal(path: string): Promise<void> {
  try {
    const target = await findTarget(path)
    if (target.stands === "stream") return
    const temporary = temporaryBeside(target.path)
    const handle = await open(temporary, "wx", 0o600)
    await handle.close()
    await unlink(temporary)
  } catch (error) {
    throw fileFault(error, "write", path)
  }
}

/** Moves a local file over the target: a rename where both are on one file system. False when it must be copied instead. */
export async function moveLocal(file: string, path: string): Promise<boolean> {
  try {
    const target = await findTarget(path)
    if (target.stands === "stream") return false
    const handle = await open(file, "r+")
    try {
      if (!(await handle.stat()).isFile()) return false
      await takeOver(handle, target.before ?? (await freshStats(target.path)))
      await handle.sync()
    } finally {
      await handle.close()
    }
    await rename(file, target.path)
    await syncDirectory(dirname(target.path))
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EXDEV") return false
    throw fileFault(error, "write", path)
  }
}

type Target =
  /** A regular file, there (`before`) or not yet. */
  | { readonly stands: "file"; readonly path: string; readonly before: Stats | undefined }
  /** A pipe, socket or device, which a rename would remove. */
  | { readonly stands: "stream"; readonly path: string }

async function findTarget(path: string): Promise<Target> {
  const before = await stat(path).catch((error) => {
    if (isAbsent(error)) return undefined
    throw error
  })
  if (before === undefined) return { stands: "file", path: await followDangling(resolve(path)), before }
  if (before.isDirectory()) throw Object.assign(new Error("is a directory"), { code: "EISDIR" })
  await access(path, constants.W_OK)
  return before.isFile() ? { stands: "file", path: await realpath(path), before } : { stands: "stream", path }
}

/** Where a file at `path` would come to stand, when `path` is a link to nothing (yet). */
async function followDangling(path: string, links = 40): Promise<string> {
  const entry = await lstat(path).catch(() => undefined)
  if (!entry?.isSymbolicLink()) return path
  if (links === 0) throw Object.assign(new Error("too many links"), { code: "ELOOP" })
  return followDangling(resolve(dirname(path), await readlink(path)), links - 1)
}

/** Hidden, and short enough that the longest legal name still has room for the ending. */
function temporaryBeside(path: string): string {
  const name = Buffer.from(basename(path)).subarray(0, 200).toString("utf8").replaceAll("\uFFFD", "")
  return join(dirname(path), `.${name}.${randomBytes(6).toString("hex")}.tmp`)
}

async function openReplacing(target: Target & { stands: "file" }): Promise<Sink> {
  const temporary = temporaryBeside(target.path)
  // What replaces a file is nobody else's to read until it has that file's mode; a new file is left to the umask and
  // the directory's default ACL, which only the system applies rightly.
  const handle = await open(temporary, "wx", target.before ? 0o600 : 0o666)
  let over = false
  const leave = async () => {
    over = true
    await handle.close().catch(() => undefined)
    await unlink(temporary).catch(() => undefined)
  }
  return {
    async write(bytes) {
      if (over) throw new Error("written to after its end")
      await handle.writeFile(bytes).catch(rethrowAs(target.path))
    },
    async commit() {
      if (over) throw new Error("committed after its end")
      try {
        if (target.before) await takeOver(handle, target.before)
        await handle.sync()
        await handle.close()
        await rename(temporary, target.path)
        over = true
        await syncDirectory(dirname(target.path))
      } catch (error) {
        if (!over) await leave()
        throw fileFault(error, "write", target.path)
      }
    },
    async abort() {
      if (!over) await leave()
    },
  }
}

async function openDirect(path: string): Promise<Sink> {
  const handle = await open(path, "w")
  let over = false
  const leave = async () => {
    over = true
    await handle.close()
  }
  return {
    write: async (bytes) => handle.writeFile(bytes).catch(rethrowAs(path)),
    commit: async () => leave().catch(rethrowAs(path)),
    abort: async () => (over ? undefined : leave().catch(() => undefined)),
  }
}

function rethrowAs(path: string): (error: unknown) => never {
  return (error) => {
    throw fileFault(error, "write", path)
  }
}

/** Gives the new file the old one's owner and mode. Only the superuser may change owners; whoever may not keeps its own. */
async function takeOver(handle: FileHandle, before: Pick<Stats, "uid" | "gid" | "mode">): Promise<void> {
  const mine = await handle.stat()
  if (mine.uid !== before.uid || mine.gid !== before.gid) await handle.chown(before.uid, before.gid).catch(() => undefined)
  await handle.chmod(before.mode & 0o777)
}

/** What the system would give a new file here: asked of the system, as `process.umask()` knows nothing of default ACLs. */
async function freshStats(path: string): Promise<Stats> {
  const probe = temporaryBeside(path)
  const handle = await open(probe, "wx", 0o666)
  try {
    return await handle.stat()
  } finally {
    await handle.close()
    await unlink(probe)
  }
}

async function syncDirectory(path: string): Promise<void> {
  const handle = await open(path, "r").catch(() => undefined)
  // Some file systems (network ones, Windows) cannot fsync a directory; the rename stands all the same.
  await handle?.sync().catch(() => undefined)
  await handle?.close()
}
