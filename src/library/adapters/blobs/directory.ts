/**
 * Blobs as files: `ab/cd/<sha256>` below a root, written in `incoming/` on the same file system, fsynced, renamed, and the
 * directories fsynced, so that a file under its name is whole at every instant.
 *
 * Below the root no symbolic link is followed: whoever can plant one would choose what is read. The root itself may be one.
 */
import { createHash, randomBytes } from "node:crypto"
import { constants } from "node:fs"
import { type FileHandle, lstat, mkdir, open, readdir, realpath, rename, rm, unlink, utimes } from "node:fs/promises"
import { dirname, join } from "node:path"
import { directoryFault } from "#library/adapters/blobs/file-fault.ts"
import { blobDamaged, blobMissing, checkedName, digestOf, NotOurs, piecesOf, theirs, verifiedPieces } from "#library/adapters/blobs/verified.ts"
import type { Blob, BlobContent, Blobs, StoredBlob } from "#library/ports.ts"

const DAY_MS = 86_400_000
const PIECE_BYTES = 1 << 20

/**
 * Makes the root where it is missing, and removes what writers that died left in `incoming/` more than a day ago.
 * @throws Fault storage_unwritable, storage_forbidden
 */
export async function directoryBlobs(at: string): Promise<Blobs> {
  const root = await guarded("write", at, async () => {
    await mkdir(join(at, "incoming"), { recursive: true, mode: 0o700 })
    return realpath(at)
  })
  await guarded("write", root, () => removeStale(join(root, "incoming")))
  return {
    put: (content, claim) => guarded("write", root, () => put(root, content, claim)),
    get: (sha256) => guarded("read", root, () => get(root, checkedName(sha256))),
    stream: (sha256) => verifiedPieces(checkedName(sha256), root, guardedPieces(root, sha256)),
    has: (sha256) => guarded("read", root, async () => (await sizeOf(root, checkedName(sha256))) !== undefined),
    remove: (sha256) => guarded("write", root, () => remove(root, checkedName(sha256))),
    list: () => list(root),
  }
}

async function guarded<Value>(doing: "read" | "write", root: string, work: () => Promise<Value>): Promise<Value> {
  try {
    return await work()
  } catch (error) {
    throw error instanceof NotOurs ? error.cause : directoryFault(error, doing, root)
  }
}

async function removeStale(incoming: string): Promise<void> {
  for (const name of await readdir(incoming)) {
    const path = join(incoming, name)
    const found = await lstat(path).catch(() => undefined)
    if (found && found.mtimeMs < Date.now() - DAY_MS) await rm(path, { force: true })
  }
}

function pathOf(root: string, sha256: string): string {
  return join(root, sha256.slice(0, 2), sha256.slice(2, 4), sha256)
}

async function put(root: string, content: BlobContent, claim?: (blob: Blob) => Promise<void>): Promise<Blob> {
  if (content instanceof Uint8Array) {
    // Bytes that are in memory need no temporary file when they are there already.
    const blob = { sha256: digestOf(content), sizeBytes: content.length }
    await theirs(claim?.(blob))
    return (await isSound(root, blob)) && (await refresh(root, blob)) ? blob : write(root, content)
  }
  return write(root, content, claim)
}

async function write(root: string, content: BlobContent, claim?: (blob: Blob) => Promise<void>): Promise<Blob> {
  const temporary = join(root, "incoming", randomBytes(12).toString("hex"))
  const handle = await open(temporary, "wx", 0o400)
  try {
    const blob = await fill(handle, content)
    await theirs(claim?.(blob))
    await place(root, temporary, blob.sha256)
    return blob
  } catch (error) {
    await handle.close().catch(() => undefined)
    await unlink(temporary).catch(() => undefined)
    throw error
  }
}

/** Writes all of it, on disk when it returns. Closes the handle when all went well. */
async function fill(handle: FileHandle, content: BlobContent): Promise<Blob> {
  const hash = createHash("sha256")
  let sizeBytes = 0
  for await (const piece of piecesOf(content)) {
    hash.update(piece)
    sizeBytes += piece.length
    await handle.writeFile(piece)
  }
  await handle.sync()
  await handle.close()
  return { sha256: hash.digest("hex"), sizeBytes }
}

/** Renaming over what is there is harmless: the bytes are the same, or what was there is damaged. */
async function place(root: string, temporary: string, sha256: string): Promise<void> {
  const path = pathOf(root, sha256)
  const folder = dirname(path)
  await makeFolder(root, dirname(folder))
  await makeFolder(root, folder)
  await rename(temporary, path)
  await sync(folder)
}

async function makeFolder(root: string, folder: string): Promise<void> {
  await mkdir(folder, { mode: 0o700 }).then(
    () => sync(dirname(folder)),
    (error) => {
      if (error.code !== "EEXIST") throw error
    },
  )
  await refuseLink(root, folder)
}

async function sync(folder: string): Promise<void> {
  const handle = await open(folder, constants.O_RDONLY)
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** @throws ELOOP, as the system would for a file */
async function refuseLink(root: string, folder: string): Promise<void> {
  if ((await lstat(folder)).isDirectory()) return
  throw Object.assign(new Error(`${folder.slice(root.length + 1)} is not a directory`), { code: "ELOOP" })
}

/** The same bytes are there. Reading them costs less than writing them anew, and finds those that have gone bad. */
async function isSound(root: string, { sha256, sizeBytes }: Blob): Promise<boolean> {
  if ((await sizeOf(root, sha256)) !== sizeBytes) return false
  const hash = createHash("sha256")
  try {
    for await (const piece of pieces(root, sha256)) hash.update(piece)
    return hash.digest("hex") === sha256
  } catch (error) {
    if (isAbsent(error) || (error as NodeJS.ErrnoException).code === "EIO") return false
    throw error
  }
}

/** `at` of what was put again is now, so that no sweep takes it for old. False when it has gone. */
async function refresh(root: string, blob: Blob): Promise<boolean> {
  const now = new Date()
  try {
    await utimes(pathOf(root, blob.sha256), now, now)
    return true
  } catch (error) {
    if (isAbsent(error)) return false
    throw error
  }
}

function isAbsent(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === "ENOENT"
}

/** Undefined when it is not there. */
async function sizeOf(root: string, sha256: string): Promise<number | undefined> {
  const path = pathOf(root, sha256)
  try {
    await refuseLink(root, dirname(dirname(path)))
    await refuseLink(root, dirname(path))
    const found = await lstat(path)
    return found.isFile() ? found.size : undefined
  } catch (error) {
    if (isAbsent(error)) return undefined
    throw error
  }
}

async function openBlob(root: string, sha256: string): Promise<FileHandle> {
  const path = pathOf(root, sha256)
  await refuseLink(root, dirname(dirname(path)))
  await refuseLink(root, dirname(path))
  return open(path, constants.O_RDONLY | constants.O_NOFOLLOW)
}

async function get(root: string, sha256: string): Promise<Uint8Array> {
  const handle = await openBlob(root, sha256).catch((error) => {
    throw isAbsent(error) ? blobMissing(sha256, root) : error
  })
  try {
    const bytes = await handle.readFile()
    if (digestOf(bytes) !== sha256) throw blobDamaged(sha256, root)
    return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length)
  } finally {
    await handle.close()
  }
}

async function* pieces(root: string, sha256: string): AsyncGenerator<Uint8Array> {
  const handle = await openBlob(root, sha256)
  try {
    for (;;) {
      const piece = new Uint8Array(PIECE_BYTES)
      const { bytesRead } = await handle.read(piece, 0, PIECE_BYTES)
      if (bytesRead === 0) return
      yield piece.subarray(0, bytesRead)
    }
  } finally {
    await handle.close()
  }
}

async function* guardedPieces(root: string, sha256: string): AsyncGenerator<Uint8Array> {
  try {
    yield* pieces(root, sha256)
  } catch (error) {
    throw isAbsent(error) ? blobMissing(sha256, root) : directoryFault(error, "read", root)
  }
}

/** The folders stay: removing one would race with a writer that has just made sure of it. */
async function remove(root: string, sha256: string): Promise<void> {
  if ((await sizeOf(root, sha256)) === undefined) return
  const path = pathOf(root, sha256)
  await rm(path, { force: true })
  await sync(dirname(path))
}

async function* list(root: string): AsyncGenerator<StoredBlob> {
  for (const first of await foldersIn(root, root)) {
    for (const second of await foldersIn(root, first)) yield* listFolder(root, second)
  }
}

async function foldersIn(root: string, folder: string): Promise<string[]> {
  const entries = await guarded("read", root, () => readdir(folder, { withFileTypes: true }))
  const folders = entries.filter((entry) => entry.isDirectory() && /^[0-9a-f]{2}$/.test(entry.name))
  return folders.map(({ name }) => join(folder, name)).sort()
}

async function* listFolder(root: string, folder: string): AsyncGenerator<StoredBlob> {
  const entries = await guarded("read", root, () => readdir(folder, { withFileTypes: true }))
  const files = entries.filter((entry) => entry.isFile() && /^[0-9a-f]{64}$/.test(entry.name))
  for (const sha256 of files.map(({ name }) => name).sort()) {
    const path = join(folder, sha256)
    // Where its own name would not find it, it is no blob.
    if (path !== pathOf(root, sha256)) continue
    const found = await guarded("read", root, () => lstat(path).catch(() => undefined))
    if (found) yield { sha256, sizeBytes: found.size, at: found.mtimeMs }
  }
}
