/** Which environments stand built on this disk, when each was last used, and how one is taken away. */
import { readdir, readlink, rm, stat, unlink, utimes } from "node:fs/promises"
import { basename, join } from "node:path"
import { linkOf, lockOf, MARKER } from "#environment/adapters/build.ts"
import { onDisk } from "#environment/adapters/disk.ts"
import type { BuiltHere } from "#environment/ports.ts"
import { withLock } from "#setup/door.mjs"

const DIGEST = /^[0-9a-f]{64}$/

/** The marker's own time is the note: it is in the environment, goes with it, and is not part of what is sealed. */
export async function noteUse(home: string, sha256: string): Promise<void> {
  const now = new Date()
  await utimes(join(linkOf(home, sha256), MARKER), now, now).catch(() => undefined)
}

export async function builtOn(home: string): Promise<readonly BuiltHere[]> {
  const names = (await readdir(join(home, "environments")).catch(() => [])).filter((name) => DIGEST.test(name))
  const found = await Promise.all(names.map(async (sha256) => ({ sha256, usedAt: await usedAt(home, sha256) })))
  return found.flatMap((each) => (each.usedAt === undefined ? [] : [{ sha256: each.sha256, usedAt: each.usedAt }]))
}

/** First the link, so that nobody finds half of it. */
export function removeBuilt(home: string, sha256: string, unusedSince: number): Promise<boolean> {
  return onDisk(home, () =>
    withLock(lockOf(home, sha256), async () => {
      const used = await usedAt(home, sha256)
      if (used === undefined || used > unusedSince) return false
      const link = linkOf(home, sha256)
      const folder = basename(await readlink(link))
      await unlink(link)
      await rm(join(home, "environments", folder), { recursive: true, force: true })
      return true
    }),
  )
}

async function usedAt(home: string, sha256: string): Promise<number | undefined> {
  return (await stat(join(linkOf(home, sha256), MARKER)).catch(() => undefined))?.mtimeMs
}
