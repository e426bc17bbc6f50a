/** Bytes that are what they are called, or a fault. */
import { createHash } from "node:crypto"
import { Fault } from "#base/fault.ts"
import type { BlobContent } from "#library/ports.ts"

/** The name of a blob. Whatever else is asked for is a bug, and must never become a path or a key. */
export function checkedName(sha256: string): string {
  if (/^[0-9a-f]{64}$/.test(sha256)) return sha256
  throw new Error(`${JSON.stringify(sha256.slice(0, 80))} is no SHA-256`)
}

export function digestOf(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex")
}

export function blobMissing(sha256: string, where: string): Fault {
  return new Fault("blob_missing", `The blob ${sha256} is not in ${where}.`, {
    remedy: "Restore it from a backup; stet scrub lists all that are missing.",
  })
}

export function blobDamaged(sha256: string, where: string): Fault {
  return new Fault("blob_damaged", `The blob ${sha256} in ${where} is damaged: its bytes are no longer those it was named for.`, {
    remedy: "Restore it from a backup; stet scrub lists all that are damaged.",
  })
}

/**
 * Passes pieces on one behind: the last comes only when all were seen to be right.
 * @throws Fault blob_damaged in place of the last piece
 */
export async function* verifiedPieces(sha256: string, where: string, pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const hash = createHash("sha256")
  let behind: Uint8Array | undefined
  for await (const piece of pieces) {
    hash.update(piece)
    if (behind) yield behind
    behind = piece
  }
  if (hash.digest("hex") !== sha256) throw blobDamaged(sha256, where)
  if (behind) yield behind
}

/** What failed was the caller's content or claim, not the store: passed through the store's own explaining of errors. */
export class NotOurs extends Error {
  constructor(cause: unknown) {
    super("the caller's own failure", { cause })
  }
}

/** Content as pieces, whichever it was given as. @throws NotOurs when it cannot be had */
export async function* piecesOf(content: BlobContent): AsyncGenerator<Uint8Array> {
  if (content instanceof Uint8Array) return yield content
  const pieces = content[Symbol.asyncIterator]()
  try {
    for (let next = await theirs(pieces.next()); !next.done; next = await theirs(pieces.next())) yield next.value
  } finally {
    await pieces.return?.()
  }
}

/** @throws NotOurs */
export async function theirs<Value>(work: Promise<Value>): Promise<Value>
export async function theirs(work: Promise<void> | undefined): Promise<void>
export async function theirs<Value>(work: Promise<Value> | undefined): Promise<Value | undefined> {
  try {
    return await work
  } catch (error) {
    throw new NotOurs(error)
  }
}
