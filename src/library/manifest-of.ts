/**
 * The manifest of a version that is about to be saved.
 *
 * A manifest belongs to its version from the moment that is saved and never changes, so that "version 647" is that document and
 * those files for ever, whether it has run or not. What a run is seen to open beyond its manifest is kept with the notebook
 * (`notebook.opened`) and goes into the manifest of its next version; and a next version, of the same bytes, is made by
 * `refreshVersion` when the files have changed. So runs teach what comes after them, never what was before.
 */
import { isFault } from "#base/fault.ts"
import type { Db } from "#database/index.ts"
import { keepBlob } from "#library/keep.ts"
import { filesNeeded } from "#library/manifest.ts"
import { type Manifest, manifestDigest } from "#library/manifest-list.ts"
import { pathsOf } from "#library/manifest-resolve.ts"
import { toPath } from "#library/path.ts"
import type { Blob, LibraryWorld } from "#library/ports.ts"
import { addOpened, fileChangesOf, type Neighbour, neighboursIn } from "#library/sql/version-files.ts"
import { versionByNumber } from "#library/sql/version-row.ts"
import { type VersionName, versionBytes } from "#library/stored-keep.ts"
import { type Notebook, read } from "#notebook/index.ts"
import type { SpaceId } from "#people/index.ts"

/** `fileChanges`: as of so many changes of the space's files. */
export type Needed = { readonly manifest: Manifest; readonly sha256: string; readonly blobs: readonly Blob[]; readonly fileChanges: number }

export type Standing = { readonly document: Notebook; readonly space: SpaceId; readonly path: string; readonly opened: readonly string[] }

/** Larger files are data, not source. */
const LARGEST_SOURCE = 1024 * 1024

/** What a notebook that stands there needs now. Its blobs are in the store. */
export async function manifestOf(world: LibraryWorld, { document, space, path, opened }: Standing): Promise<Needed> {
  const fileChanges = await fileChangesOf(world.db, space)
  const neighbours = new Map((await neighboursIn(world.db, space)).map((one) => [one.path, one]))
  const paths = pathsOf(neighbours.keys())
  const found = await filesNeeded(document, path, { paths, read: (one) => contentOf(world, neighbours.get(one)) })
  const wanted = [...new Set([...found, ...opened])].flatMap((one) => (one === path ? [] : (neighbours.get(one) ?? [])))
  const files = await Promise.all(wanted.map((one) => asBlob(world, one)))
  const manifest = Object.fromEntries(wanted.map((one, i) => [one.path, (files[i] as Blob).sha256]))
  return { manifest, sha256: manifestDigest(manifest, world.digest), blobs: files, fileChanges }
}

async function contentOf(world: LibraryWorld, neighbour: Neighbour | undefined): Promise<string | Notebook | undefined> {
  if (!neighbour || neighbour.sizeBytes > LARGEST_SOURCE * (neighbour.notebook ? 16 : 1)) return undefined
  try {
    const bytes = await bytesOf(world, neighbour)
    if (neighbour.notebook === null) return new TextDecoder().decode(bytes)
    const reading = read(bytes)
    return reading.ok ? reading.value.notebook : undefined
  } catch (error) {
    // That a neighbour is damaged is found by whoever reads it, and must not keep anybody from saving.
    if (isFault(error) && error.retry === "never") return undefined
    throw error
  }
}

function bytesOf(world: LibraryWorld, { sha256, notebook, number }: Neighbour): Promise<Uint8Array> {
  return notebook !== null && number !== null ? versionBytes(world, { notebook, number, sha256 }) : world.blobs.get(sha256)
}

/** Notebooks are not kept as one blob unless another one needs them so. */
async function asBlob(world: LibraryWorld, neighbour: Neighbour): Promise<Blob> {
  const { sha256, sizeBytes } = neighbour
  return neighbour.notebook === null ? { sha256, sizeBytes } : keepBlob(world, await bytesOf(world, neighbour))
}

/**
 * Tells what a run of a version was seen to open, or to look for: paths within its space. What is not in the version's manifest
 * is kept for the notebook's next version; the version itself stays as it is. Gives what was new.
 */
export async function completeManifest(tx: Db, version: VersionName, opened: readonly string[]): Promise<readonly string[]> {
  const row = await versionByNumber(tx, version.notebook, version.number)
  if (!row) return []
  const paths = [...new Set(opened)].flatMap((path) => {
    const good = toPath(path)
    return good.ok ? [good.value as string] : []
  })
  const fresh = paths.filter((path) => !Object.hasOwn(row.manifest, path))
  if (fresh.length > 0) await addOpened(tx, version.notebook, fresh)
  return fresh
}
