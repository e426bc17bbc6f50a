/** What a directory and all below it takes of the disk. No link is followed. */
import { lstat, readdir } from "node:fs/promises"
import { join } from "node:path"

/** An empty file is none, but a million of them fill a disk's table as well as its blocks. */
const LEAST_BYTES = 4096
const BLOCK_BYTES = 512

/**
 * Bytes, counted until they are more than `enough`. Files that go while one looks are not there; folders that may not be entered
 * count as what they are themselves.
 */
export async function takenBelow(root: string, enough: number): Promise<number> {
  let taken = 0
  const folders = [root]
  for (let folder = folders.pop(); folder !== undefined && taken <= enough; folder = folders.pop()) {
    const entries = await readdir(folder, { withFileTypes: true }).catch(() => [])
    for (const entry of entries) {
      const path = join(folder, entry.name)
      if (entry.isDirectory()) folders.push(path)
      const stat = await lstat(path).catch(() => undefined)
      if (stat) taken += Math.max(LEAST_BYTES, stat.blocks * BLOCK_BYTES)
      if (taken > enough) return taken
    }
  }
  return taken
}
