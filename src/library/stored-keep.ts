/** Keeping a version's bytes, and giving them back. The form is described in stored.ts. */
import { Fault, isFault } from "#base/fault.ts"
import { applyDelta, makeDelta } from "#library/delta.ts"
import { keepBlob } from "#library/keep.ts"
import type { LibraryWorld } from "#library/ports.ts"
import { type Form, type Link, storedChain } from "#library/sql/version-stored.ts"
import { type Cut, cutOutputs, DELTA_SHARE, fillHoles, type Hole, INLINE_BYTES, MOST_BYTES, readSkeleton, writeSkeleton } from "#library/stored.ts"
import type { NotebookId } from "#people/index.ts"

type Store = Pick<LibraryWorld, "db" | "blobs" | "packing" | "digest" | "clock">

export type VersionName = { readonly notebook: NotebookId; readonly number: number }

export type Kept = { readonly skeleton: Uint8Array; readonly outputs: readonly string[] }

/** Puts the large outputs of a notebook. Those in `known` are there already, because another version of it has them. */
export async function keepOutputs(world: Store, bytes: Uint8Array, known: ReadonlySet<string>): Promise<Kept> {
  const cut = cutOutputs(bytes)
  const holes = cut.outputs.map(({ at, bytes: output }): Hole => ({ at, sha256: world.digest(output), length: output.length }))
  for (const [i, { sha256 }] of holes.entries()) if (!known.has(sha256)) await keepBlob(world, (cut.outputs[i] as Cut["outputs"][number]).bytes)
  return { skeleton: writeSkeleton(cut.text, holes), outputs: holes.map(({ sha256 }) => sha256) }
}

/** Packs a skeleton in its smaller form, and puts it where it is too large for a row. */
export async function keepSkeleton(world: Store, skeleton: Uint8Array, base: Base | undefined): Promise<Form> {
  const delta = base && (await world.packing.pack(makeDelta(base.skeleton, skeleton)))
  // So small a delta need not be compared: no notebook packs that well.
  if (base && delta && delta.length <= skeleton.length / 32) return placed(world, delta, base.number)
  const whole = await world.packing.pack(skeleton)
  return base && delta && delta.length < whole.length * DELTA_SHARE ? placed(world, delta, base.number) : placed(world, whole, null)
}

export type Base = { readonly number: number; readonly skeleton: Uint8Array }

async function placed(world: Store, packed: Uint8Array, base: number | null): Promise<Form> {
  if (packed.length <= INLINE_BYTES) return { base, stored: packed, storedSha256: null }
  const { sha256 } = await keepBlob(world, packed)
  return { base, stored: null, storedSha256: sha256 }
}

/** The skeleton of a version, made anew. @throws Fault version_damaged, blob_missing, blob_damaged */
export async function skeletonOf(world: Pick<Store, "db" | "blobs" | "packing">, name: VersionName): Promise<Uint8Array> {
  const chain = await storedChain(world.db, name.notebook, name.number)
  let skeleton: Uint8Array | undefined
  for (const link of chain) skeleton = await next(world, { name, link, before: skeleton })
  if (!skeleton || chain.at(-1)?.number !== name.number) throw damaged(name, "its record is not there")
  return skeleton
}

type Step = { readonly name: VersionName; readonly link: Link; readonly before: Uint8Array | undefined }

async function next(world: Pick<Store, "blobs" | "packing">, { name, link, before }: Step): Promise<Uint8Array> {
  if ((link.base === null) !== (before === undefined)) throw damaged(name, `version ${link.number}, which it is made from, has not its base`)
  const packed = link.stored ?? (await world.blobs.get(link.storedSha256 ?? ""))
  const bytes = await world.packing.unpack(packed, MOST_BYTES)
  const made = bytes && before ? applyDelta(before, bytes, MOST_BYTES) : bytes
  if (!made) throw damaged(name, `what is kept of version ${link.number} cannot be read`)
  return made
}

/** The bytes as they came, checked. @throws Fault version_damaged, blob_missing, blob_damaged */
export async function versionBytes(
  world: Pick<Store, "db" | "blobs" | "packing" | "digest">,
  version: VersionName & { readonly sha256: string },
): Promise<Uint8Array> {
  const skeleton = readSkeleton(await skeletonOf(world, version))
  if (!skeleton) throw damaged(version, "its skeleton cannot be read")
  const outputs = await outputsOf(world, version, skeleton.holes)
  const bytes = fillHoles(skeleton, outputs)
  if (!bytes || world.digest(bytes) !== version.sha256) throw damaged(version, "its bytes are no longer those that were saved")
  return bytes
}

const AT_ONCE = 4

async function outputsOf(world: Pick<Store, "blobs">, name: VersionName, holes: readonly Hole[]): Promise<Uint8Array[]> {
  const found = new Map<string, Uint8Array>()
  const wanted = [...new Set(holes.map(({ sha256 }) => sha256))]
  const lanes = Array.from({ length: AT_ONCE }, async (_, lane) => {
    for (let i = lane; i < wanted.length; i += AT_ONCE) found.set(wanted[i] as string, await outputOf(world, name, wanted[i] as string))
  })
  await Promise.all(lanes)
  return holes.map(({ sha256 }) => found.get(sha256) as Uint8Array)
}

async function outputOf(world: Pick<Store, "blobs">, { number, notebook }: VersionName, sha256: string): Promise<Uint8Array> {
  try {
    return await world.blobs.get(sha256)
  } catch (error) {
    if (!isFault(error) || error.retry === "later") throw error
    const message = `Version ${number} of the notebook ${notebook} cannot be read, because an output of it cannot: ${error.message}`
    throw new Fault(error.code, message, { cause: error, remedy: error.remedy })
  }
}

function damaged({ notebook, number }: VersionName, why: string): Fault {
  return new Fault("version_damaged", `Version ${number} of the notebook ${notebook} is damaged: ${why}.`, {
    remedy: "Restore it from a backup; the other versions can be read unless they say the same.",
  })
}
