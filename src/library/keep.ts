/**
 * Putting blobs so that none is swept before it is needed, and sweeping so that none that is needed goes.
 *
 * A blob has a row in the table `blob`, and whatever names it refers to that row. The row is written (or its `claimed_at`
 * renewed) and committed before the blob is put: see `claim` of the port. A sweep takes rows that nothing refers to and that
 * nobody claimed for a day; it deletes row and blob in one transaction, holding the row, so that a claim waits for its end and
 * then finds the blob gone and puts it anew. So a row may be without its blob for a moment, but never one that is referred to.
 */
import { sql } from "kysely"
import type { Db } from "#database/index.ts"
import type { Blob, BlobContent, LibraryWorld } from "#library/ports.ts"

/** Puts a blob that something in the database is going to refer to, within a day. */
export function keepBlob({ db, blobs, clock }: Pick<LibraryWorld, "db" | "blobs" | "clock">, content: BlobContent): Promise<Blob> {
  return blobs.put(content, (blob) => claimBlobs(db, [blob], clock.now()))
}

const AT_ONCE = 1000

/** Says that these blobs are needed. Not within a longer transaction: others who claim the same ones wait for its end. */
export async function claimBlobs(db: Db, blobs: readonly Blob[], at: number): Promise<void> {
  // In the order of their names, so that two who claim the same ones do not wait for each other.
  const distinct = [...new Map(blobs.map((blob) => [blob.sha256, blob])).values()].sort((a, b) => (a.sha256 < b.sha256 ? -1 : 1))
  for (let from = 0; from < distinct.length; from += AT_ONCE) {
    const some = distinct.slice(from, from + AT_ONCE)
    await sql`
      INSERT INTO blob (sha256, size_bytes, created_at, claimed_at)
      SELECT sha256, size_bytes, ${new Date(at)}, ${new Date(at)}
      FROM unnest(${some.map(({ sha256 }) => sha256)}::text[], ${some.map(({ sizeBytes }) => sizeBytes)}::bigint[]) AS b(sha256, size_bytes)
      ON CONFLICT (sha256) DO UPDATE SET claimed_at = greatest(blob.claimed_at, excluded.claimed_at)`.execute(db)
  }
}
