/** An export as a folder of this machine. */
import { constants } from "node:fs"
import { type FileHandle, mkdir, open, readdir } from "node:fs/promises"
import { dirname, join } from "node:path"
import { Fault, toError } from "#base/fault.ts"
import type { ExportEntry } from "#library/export.ts"
import { toPath } from "#library/path.ts"

/** Writes into a folder that is new or empty, so that nothing is overwritten and no link leads out of it. @throws Fault storage_unwritable */
export async function writeFolder(root: string, entries: AsyncIterable<ExportEntry>): Promise<{ readonly files: number }> {
  await prepare(root)
  let files = 0
  for await (const { path, content } of entries) {
    // What the library gives out was let in by the same rule; a database that somebody meddled with was not.
    const isSafe = toPath(path).ok || path === "stet.yaml"
    if (!isSafe) throw unwritable(root, `${JSON.stringify(path)} is not a path that is safe to write`)
    const place = join(root, path)
    await mkdir(dirname(place), { recursive: true })
    await fill(place, content())
    files++
  }
  return { files }
}

async function prepare(root: string): Promise<void> {
  try {
    await mkdir(root, { recursive: true })
    if ((await readdir(root)).length === 0) return
  } catch (error) {
    throw unwritable(root, toError(error).message, error)
  }
  throw unwritable(root, "it is not empty: name a new one")
}

async function fill(place: string, content: AsyncIterable<Uint8Array>): Promise<void> {
  let file: FileHandle
  try {
    file = await open(place, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW, 0o644)
  } catch (error) {
    throw unwritable(place, toError(error).message, error)
  }
  try {
    for await (const bytes of content) await file.writeFile(bytes)
  } finally {
    await file.close()
  }
}

function unwritable(place: string, why: string, cause?: unknown): Fault {
  return new Fault("storage_unwritable", `${place} cannot be written: ${why}.`, { cause })
}
