/** A dump as files in a directory. */
import { createReadStream } from "node:fs"
import { mkdir, open } from "node:fs/promises"
import { dirname, join } from "node:path"
import { Fault } from "#base/fault.ts"
import type { DumpSink, DumpSource } from "#database/copy/manifest.ts"

/** Each file is on the disk when `write` resolves. @throws Fault disk_full, storage_unwritable */
export function directorySink(folder: string): DumpSink {
  return {
    async write(name, bytes) {
      const path = join(folder, name)
      try {
        await mkdir(dirname(path), { recursive: true, mode: 0o700 })
        const file = await open(path, "w", 0o600)
        try {
          for await (const piece of bytes) await file.write(piece)
          await file.sync()
        } finally {
          await file.close()
        }
      } catch (error) {
        throw unwritable(error, path)
      }
    },
  }
}

export function directorySource(folder: string): DumpSource {
  return {
    async *read(name) {
      const path = join(folder, name)
      try {
        for await (const piece of createReadStream(path, { highWaterMark: 256 * 1024 })) yield piece as Uint8Array
      } catch (error) {
        const why = (error as NodeJS.ErrnoException).code === "ENOENT" ? "it is not there, so the backup is not whole" : (error as Error).message
        throw new Fault("storage_unreadable", `${path} cannot be read: ${why}.`, { cause: error, remedy: "Name the folder of a whole backup." })
      }
    },
  }
}

function unwritable(error: unknown, path: string): unknown {
  const { code, message } = error as NodeJS.ErrnoException
  if (code === "ENOSPC" || code === "EDQUOT") {
    return new Fault("disk_full", `${path} cannot be written: the disk is full.`, {
      cause: error,
      retry: "later",
      remedy: "Free some space, or name another folder.",
    })
  }
  if (code && /^E[A-Z]+$/.test(code)) {
    return new Fault("storage_unwritable", `${path} cannot be written: ${message}.`, { cause: error, remedy: "Name a folder that can be written." })
  }
  return error
}
