/**
 * A folder of this machine, as it is offered for import. Links are never followed, not the one at the end of a path either, so
 * that what is read is what stands inside.
 */
import { constants, type Dirent } from "node:fs"
import { type FileHandle, lstat, open, readdir } from "node:fs/promises"
import { join } from "node:path"
import { Fault, toError } from "#base/fault.ts"
import { type Offered, type Offering, Unreadable } from "#library/offered.ts"

const MOST_PIECES = 10_000

/** Everything below the folder, by path. @throws Fault storage_unreadable */
export async function readFolder(root: string, { most = MOST_PIECES }: { readonly most?: number } = {}): Promise<Offering> {
  const pieces: Offered[] = []
  const waiting = [""]
  for (let folder = waiting.shift(); folder !== undefined; folder = waiting.shift()) {
    for (const entry of await entriesOf(join(root, folder))) {
      const path = folder === "" ? entry.name : `${folder}/${entry.name}`
      if (entry.isDirectory()) waiting.push(path)
      else pieces.push(await offer(root, path, entry))
      if (pieces.length + waiting.length > most) throw unreadable(root, `it holds more than ${most} files`, "Import its folders one by one.")
    }
  }
  pieces.sort((a, b) => (a.path < b.path ? -1 : 1))
  return { pieces, close: async () => {} }
}

async function entriesOf(folder: string): Promise<readonly Dirent[]> {
  try {
    return await readdir(folder, { withFileTypes: true })
  } catch (error) {
    throw unreadable(folder, toError(error).message, "Check that it is there and may be read.", error)
  }
}

async function offer(root: string, path: string, entry: Dirent): Promise<Offered> {
  const place = join(root, path)
  const facts = await lstat(place).catch(() => undefined)
  // Node gives a name that is not UTF-8 with this character where it is not, and under that name there is nothing.
  const unusable = path.includes("\ufffd") ? "its name is not UTF-8" : facts === undefined ? "it is gone" : undefined
  return {
    path,
    kind: entry.isFile() ? "file" : entry.isSymbolicLink() ? "link" : "device",
    sizeBytes: facts?.size ?? 0,
    ...(unusable === undefined ? {} : { unusable }),
    content: () => contentOf(place),
  }
}

async function* contentOf(place: string): AsyncGenerator<Uint8Array> {
  let file: FileHandle
  try {
    // A pipe that took the file's place meanwhile must not make us wait for somebody to write into it.
    file = await open(place, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  } catch (error) {
    throw new Unreadable(`it cannot be read: ${toError(error).message}`, { cause: error })
  }
  try {
    if (!(await file.stat()).isFile()) throw new Unreadable("it is no longer a file")
    yield* file.createReadStream({ autoClose: false })
  } finally {
    await file.close()
  }
}

function unreadable(folder: string, why: string, remedy: string, cause?: unknown): Fault {
  return new Fault("storage_unreadable", `The folder ${folder} cannot be imported: ${why}.`, { remedy, cause })
}
