/** Files of Stet's own, readable by everybody (kernels run as other users), written whole or not at all. */
import { randomUUID } from "node:crypto"
import { chmod, mkdir, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises"
import { dirname } from "node:path"
import { Fault } from "#base/fault.ts"

/** @throws Fault disk_full, storage_unwritable */
export async function writeJson(file: string, value: unknown): Promise<void> {
  await writeText(file, `${JSON.stringify(value)}\n`)
}

/** @throws Fault disk_full, storage_unwritable */
export async function writeText(file: string, text: string): Promise<void> {
  const aside = `${file}.${randomUUID().slice(0, 8)}`
  await onDisk(file, async () => {
    await openFolder(dirname(file))
    try {
      await writeFile(aside, text, { mode: 0o644, flush: true })
      await chmod(aside, 0o644)
      await rename(aside, file)
    } finally {
      await rm(aside, { force: true })
    }
  })
}

/** Makes a folder that everybody may enter, whatever the umask; those that are there already stay as they are. */
export async function openFolder(folder: string): Promise<void> {
  const made = await mkdir(folder, { recursive: true, mode: 0o755 })
  if (made !== undefined) for (let at = folder; at.length >= made.length; at = dirname(at)) await chmod(at, 0o755)
}

/** What a file of JSON holds; undefined when it is not there or is no JSON. */
export async function readJson(file: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(file, "utf8"))
  } catch {
    return undefined
  }
}

/** Every file `*.json` of a folder. */
export async function readAllJson(folder: string): Promise<readonly unknown[]> {
  const names = (await readdir(folder).catch(() => [])).filter((name) => name.endsWith(".json"))
  return (await Promise.all(names.map((name) => readJson(`${folder}/${name}`)))).filter((value) => value !== undefined)
}

/** Modification time in milliseconds; -1 when it is not there. */
export function timeOf(path: string): Promise<number> {
  return stat(path).then(
    (found) => found.mtimeMs,
    () => -1,
  )
}

/** Turns what the disk says into a Fault. */
export async function onDisk<Value>(path: string, work: () => Promise<Value>): Promise<Value> {
  try {
    return await work()
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (code === undefined || error instanceof Fault) throw error
    throw diskFault(path, code === "ENOSPC" || code === "EDQUOT", { message, cause: error })
  }
}

export function diskFault(path: string, isFull: boolean, { message, cause }: { readonly message: string; readonly cause?: unknown }): Fault {
  return isFull
    ? new Fault("disk_full", `There is no space left for ${path}.`, {
        cause,
        retry: "later",
        remedy: "Free about 1 GB, or set STET_HOME to a directory on another disk.",
      })
    : new Fault("storage_unwritable", `${path} cannot be written: ${message}.`, {
        cause,
        remedy: "Set STET_HOME to a directory that may be written.",
      })
}
