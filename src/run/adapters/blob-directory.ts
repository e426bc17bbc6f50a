/** Blobs as files named by their SHA-256: `<root>/ab/cdef…`. Written aside, synced, then renamed: a name is never half a blob. */
import { createHash, randomUUID } from "node:crypto"
import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from "node:fs"
import { join } from "node:path"
import { Fault, toError } from "#base/fault.ts"
import type { Blobs } from "#run/ports.ts"

export function blobDirectory(root: string): Blobs {
  return {
    put: async (bytes) => {
      const aside = join(root, `.${randomUUID()}`)
      try {
        mkdirSync(root, { recursive: true, mode: 0o700 })
        const { sha256, sizeBytes } = writeAside(aside, bytes)
        const folder = join(root, sha256.slice(0, 2))
        const path = join(folder, sha256.slice(2))
        mkdirSync(folder, { recursive: true, mode: 0o700 })
        if (existsSync(path)) rmSync(aside)
        else renameSync(aside, path)
        return { sha256, sizeBytes, path }
      } catch (error) {
        rmSync(aside, { force: true })
        throw unwritable(root, error)
      }
    },
  }
}

function writeAside(path: string, bytes: Iterable<Uint8Array>): { sha256: string; sizeBytes: number } {
  const hash = createHash("sha256")
  const file = openSync(path, "wx", 0o600)
  let sizeBytes = 0
  try {
    for (const chunk of bytes) {
      hash.update(chunk)
      for (let done = 0; done < chunk.length; ) done += writeSync(file, chunk, done)
      sizeBytes += chunk.length
    }
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
  return { sha256: hash.digest("hex"), sizeBytes }
}

function unwritable(root: string, error: unknown): Fault {
  const code = (error as NodeJS.ErrnoException).code
  if (code === "ENOSPC" || code === "EDQUOT")
    return new Fault("disk_full", `The disk is full: output could not be kept in ${root}.`, {
      cause: error,
      remedy: "Free some space, or set STET_HOME to a place with more.",
    })
  return new Fault("storage_unwritable", `Output could not be kept in ${root}: ${toError(error).message}.`, {
    cause: error,
    remedy: "Set STET_HOME to a writable directory.",
  })
}
