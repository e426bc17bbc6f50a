/** What the library needs of the world. */
import type { Random } from "#base/id.ts"
import type { Clock } from "#base/time.ts"
import type { Db } from "#database/index.ts"
import type { LoadGrammars } from "#notebook/index.ts"

/** A blob by its name: the SHA-256 of its bytes, as lower-case hex. */
export type Blob = { readonly sha256: string; readonly sizeBytes: number }

/** A blob as the store lists it; `at` is when it was stored, or put again where the store can tell, in milliseconds since 1970. */
export type StoredBlob = Blob & { readonly at: number }

export type BlobContent = Uint8Array | AsyncIterable<Uint8Array>

/**
 * Bytes by their SHA-256. A blob is there whole or not at all, and is never changed.
 *
 * @throws Fault disk_full, storage_unreadable, storage_unwritable, storage_forbidden (`retry` says whether later helps)
 */
export interface Blobs {
  /**
   * Safe in the store when it resolves; putting what is there already changes nothing, but mends it where it is plainly damaged.
   * `claim` is called when the name is known and before it is decided whether the blob is there already: see keep.ts.
   */
  put(content: BlobContent, claim?: (blob: Blob) => Promise<void>): Promise<Blob>
  /** Verified. @throws Fault blob_missing, blob_damaged */
  get(sha256: string): Promise<Uint8Array>
  /** Verified as well: the last piece comes only when all of them were right. @throws Fault blob_missing, blob_damaged */
  stream(sha256: string): AsyncIterable<Uint8Array>
  has(sha256: string): Promise<boolean>
  /** No error when it is not there. */
  remove(sha256: string): Promise<void>
  /** Every blob, ordered by name. What else lies in the store is not listed. */
  list(): AsyncIterable<StoredBlob>
}

/** Makes bytes smaller, and whole again. */
export interface Packing {
  pack(bytes: Uint8Array): Promise<Uint8Array>
  /** Undefined when these bytes were never packed, or would become more than `limitBytes`. */
  unpack(packed: Uint8Array, limitBytes: number): Promise<Uint8Array | undefined>
}

/** SHA-256 as lower-case hex. */
export type Digest = (bytes: Uint8Array) => string

export type LibraryWorld = {
  readonly db: Db
  readonly blobs: Blobs
  readonly digest: Digest
  readonly packing: Packing
  readonly clock: Clock
  readonly random: Random
  /** Without them the parameters of Bash and Scala notebooks are not read. */
  readonly loadGrammars?: LoadGrammars
}
