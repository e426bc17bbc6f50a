/** The blobs of a backup: copied, named in a list beside them, and read through against it. */
import { readFile, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { Fault, isFault } from "#base/fault.ts"
import type { Tell } from "#cli/platform.ts"
import { directoryBlobs } from "#library/adapters/blobs/directory.ts"
import type { Blobs } from "#library/index.ts"

export type Copied = { readonly blobs: number; readonly sizeBytes: number }

const LIST = "blobs.txt"

export type Copying = {
  /** Copies those of these names that were not copied before and are there. */
  more(names: readonly string[], tell?: Tell): Promise<void>
  /** Writes down which were copied. */
  done(): Promise<Copied>
}

/** Each is verified on its way. One that is not there yet, or was swept in the meantime, is left for the next time. */
export async function copyingBlobs(from: Blobs, folder: string): Promise<Copying> {
  const into = await directoryBlobs(join(folder, "blobs"))
  const copied = new Set<string>()
  let sizeBytes = 0
  return {
    async more(names, tell) {
      for (const [index, sha256] of names.entries()) {
        if (!copied.has(sha256) && (await from.has(sha256))) {
          sizeBytes += (await into.put(from.stream(sha256))).sizeBytes
          copied.add(sha256)
        }
        if ((index + 1) % 500 === 0) tell?.(`${index + 1} of ${names.length} blobs`)
      }
    },
    async done() {
      await writeFile(
        join(folder, LIST),
        [...copied]
          .sort()
          .map((sha256) => `${sha256}\n`)
          .join(""),
        { mode: 0o600 },
      )
      return { blobs: copied.size, sizeBytes }
    },
  }
}

/** Reads every blob of a backup. @throws Fault backup_damaged when one is not what it was, or is not there */
export async function verifyBlobs(folder: string, tell: Tell): Promise<Copied> {
  const store = await directoryBlobs(join(folder, "blobs"))
  const awaited = await listed(folder)
  let [blobs, sizeBytes] = [0, 0]
  for await (const { sha256, sizeBytes: size } of store.list()) {
    await readThrough(store, sha256)
    awaited.delete(sha256)
    blobs++
    sizeBytes += size
    if (blobs % 500 === 0) tell(`${blobs} blobs verified`)
  }
  const [lacking] = awaited
  if (lacking !== undefined) throw damaged(`of its blobs ${awaited.size === 1 ? `one is` : `${awaited.size} are`} not there, such as ${lacking}`)
  return { blobs, sizeBytes }
}

async function readThrough(store: Blobs, sha256: string): Promise<void> {
  try {
    for await (const _ of store.stream(sha256));
  } catch (error) {
    if (isFault(error) && error.code === "blob_damaged") throw damaged(`the blob ${sha256} is no longer what it was named for`, error)
    throw error
  }
}

/** A backup that was written before there was a list has none: of that only what is there can be verified. */
async function listed(folder: string): Promise<Set<string>> {
  const text = await readFile(join(folder, LIST), "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return ""
    throw error
  })
  return new Set(text.split("\n").filter((line) => line !== ""))
}

function damaged(what: string, cause?: Error): Fault {
  return new Fault("backup_damaged", `The backup is damaged: ${what}.`, { cause, remedy: "Use another backup; this one cannot be trusted." })
}
