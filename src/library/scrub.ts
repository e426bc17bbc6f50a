/** Looking whether everything that is kept is still what it was, and sweeping what nobody needs. See keep.ts. */
import { isFault } from "#base/fault.ts"
import type { LibraryWorld, StoredBlob } from "#library/ports.ts"
import { blobReferences, isReferred, orphanRows, type Reference, takeOrphan, takeUnknown } from "#library/sql/version-orphans.ts"
import { everyBlobRow, everyVersion } from "#library/sql/version-walk.ts"
import { type VersionName, versionBytes } from "#library/stored-keep.ts"

export type Scrubbed = {
  readonly looked: number
  readonly sizeBytes: number
  /** Whose bytes are no longer those they are named for, or cannot be read at all. */
  readonly damaged: readonly string[]
  /** Referred to by the database and not in the store. A claim whose put failed is none. */
  readonly missing: readonly string[]
  /** In the store and unknown to the database: to be swept, when they are old enough. */
  readonly unknown: readonly string[]
}

/** Told now and then how far it is. */
export type Progress = (looked: number, sizeBytes: number) => void

/**
 * Reads every blob and compares it with its name.
 * @throws Fault when the store or the database is away: then nothing can be said
 */
export async function scrubBlobs(world: Pick<LibraryWorld, "db" | "blobs">, progress: Progress = () => undefined): Promise<Scrubbed> {
  const references = await blobReferences(world.db)
  const found = { looked: 0, sizeBytes: 0, damaged: [] as string[], missing: [] as string[], unknown: [] as string[] }
  for await (const { stored, isKnown, sha256 } of besideRows(world)) {
    if (!stored) {
      // It may have come since the store was listed.
      if (!(await world.blobs.has(sha256)) && (await isReferred(world.db, references, sha256))) found.missing.push(sha256)
      continue
    }
    if (!isKnown) found.unknown.push(sha256)
    const said = await verify(world, sha256)
    if (said === "damaged") found.damaged.push(sha256)
    found.looked++
    found.sizeBytes += stored.sizeBytes
    if (found.looked % 100 === 0) progress(found.looked, found.sizeBytes)
  }
  return found
}

async function verify({ blobs }: Pick<LibraryWorld, "blobs">, sha256: string): Promise<"good" | "damaged" | "gone"> {
  try {
    for await (const _ of blobs.stream(sha256));
    return "good"
  } catch (error) {
    if (!isFault(error) || error.retry === "later") throw error
    // Swept in this moment, by somebody else.
    return error.code === "blob_missing" ? "gone" : "damaged"
  }
}

type Beside = { readonly sha256: string; readonly stored: StoredBlob | undefined; readonly isKnown: boolean }

/** What the store lists and what the database knows, both in order, side by side. */
async function* besideRows({ db, blobs }: Pick<LibraryWorld, "db" | "blobs">): AsyncGenerator<Beside> {
  const rows = everyBlobRow(db)
  let row = await rows.next()
  for await (const stored of blobs.list()) {
    for (; !row.done && row.value < stored.sha256; row = await rows.next()) yield { sha256: row.value, stored: undefined, isKnown: true }
    const isKnown = !row.done && row.value === stored.sha256
    yield { sha256: stored.sha256, stored, isKnown }
    if (isKnown) row = await rows.next()
  }
  for (; !row.done; row = await rows.next()) yield { sha256: row.value, stored: undefined, isKnown: true }
}

export type BrokenVersions = { readonly looked: number; readonly broken: readonly (VersionName & { readonly why: string })[] }

/** Makes every version anew and compares it with its digest. */
export async function brokenVersions(
  world: Pick<LibraryWorld, "db" | "blobs" | "packing" | "digest">,
  progress: (looked: number) => void = () => undefined,
): Promise<BrokenVersions> {
  const broken: (VersionName & { why: string })[] = []
  let looked = 0
  for await (const version of everyVersion(world.db)) {
    const why = await whyBroken(world, version)
    if (why !== undefined) broken.push({ notebook: version.notebook, number: version.number, why })
    looked++
    if (looked % 100 === 0) progress(looked)
  }
  return { looked, broken }
}

async function whyBroken(
  world: Pick<LibraryWorld, "db" | "blobs" | "packing" | "digest">,
  version: VersionName & { readonly sha256: string },
): Promise<string | undefined> {
  try {
    await versionBytes(world, version)
    return undefined
  } catch (error) {
    if (!isFault(error) || error.retry === "later") throw error
    return error.message
  }
}

const DAY_MS = 86_400_000
const AT_ONCE = 500

export type Sweeping = {
  /** How long nobody may have claimed or put them. Default a day. */
  readonly guardMs?: number
  /**
   * Also what the database has never heard of. Only when somebody asks for it: such blobs come from no failure of ours, and a
   * database that was restored from an old backup, or is the wrong one, would have everything thrown away.
   */
  readonly unknown?: boolean
}

/**
 * Removes blobs that nothing refers to. Safe while others put: whoever claims a blob that is being swept waits, and then puts it
 * anew. Gives how many went.
 */
export async function sweepOrphans(
  world: Pick<LibraryWorld, "db" | "blobs" | "clock">,
  { guardMs = DAY_MS, unknown = false }: Sweeping = {},
): Promise<number> {
  const references = await blobReferences(world.db)
  const before = world.clock.now() - guardMs
  return (await sweepKnown(world, references, before)) + (unknown ? await sweepUnknown(world, before) : 0)
}

async function sweepKnown({ db, blobs }: Pick<LibraryWorld, "db" | "blobs">, references: readonly Reference[], before: number): Promise<number> {
  let swept = 0
  for (let after = ""; ; ) {
    const orphans = await orphanRows(db, references, { before, after, limit: AT_ONCE })
    for (const sha256 of orphans) {
      const isGone = await db.transaction().execute(async (tx) => {
        const isMine = await takeOrphan(tx, references, { sha256, before })
        if (isMine) await blobs.remove(sha256)
        return isMine
      })
      if (isGone) swept++
    }
    const last = orphans.at(-1)
    if (last === undefined) return swept
    after = last
  }
}

/** What has no row. */
async function sweepUnknown(world: Pick<LibraryWorld, "db" | "blobs">, before: number): Promise<number> {
  let swept = 0
  for await (const { sha256, stored, isKnown } of besideRows(world)) {
    if (!stored || isKnown || stored.at >= before) continue
    const isGone = await world.db.transaction().execute(async (tx) => {
      const isMine = await takeUnknown(tx, sha256)
      if (isMine) await world.blobs.remove(sha256)
      return isMine
    })
    if (isGone) swept++
  }
  return swept
}
