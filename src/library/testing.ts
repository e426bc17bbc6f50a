/** The test vocabulary of the library: a whole world over a database of one's own, people, spaces and notebooks in it. */
import { randomBytes } from "node:crypto"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { newId } from "#base/id.ts"
import type { Db } from "#database/index.ts"
import { type FreshDatabase, freshDatabase } from "#database/testing.ts"
import { directoryBlobs } from "#library/adapters/blobs/directory.ts"
import { brotliPacking, sha256Digest } from "#library/adapters/packing.ts"
import type { LibraryWorld } from "#library/ports.ts"
import type { Actor, NotebookId, PersonId, Role, SpaceId } from "#people/index.ts"

export const random = { bytes: (count: number): Uint8Array => randomBytes(count) }

/** A clock that goes on by a millisecond each time it is asked, and by as much as one likes. */
export function testClock(startMs = Date.UTC(2026, 0, 1)): LibraryWorld["clock"] & { forward(ms: number): void } {
  let now = startMs
  return { now: () => now++, steady: () => performance.now(), forward: (ms) => (now += ms) }
}

export type TestWorld = LibraryWorld & { readonly clock: ReturnType<typeof testClock>; readonly folder: string; close(): Promise<void> }

export async function testWorld(): Promise<TestWorld> {
  const database: FreshDatabase = await freshDatabase({ poolSize: 12 })
  const folder = mkdtempSync(join(tmpdir(), "stet-library-"))
  return {
    db: database.db,
    blobs: await directoryBlobs(join(folder, "blobs")),
    packing: brotliPacking,
    digest: sha256Digest,
    clock: testClock(),
    random,
    folder,
    async close() {
      await database.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** A person who is signed in, an ordinary one unless `isAdmin`. */
export async function person(db: Db, name: string, { isAdmin = false } = {}): Promise<Actor> {
  const id = newId<"Person">(Date.now(), random) as PersonId
  await db.insertInto("person").values({ id, kind: "person", name, is_admin: isAdmin, created_at: new Date() }).execute()
  return { id, name, isAdmin, via: { kind: "session", session: "0".repeat(64) } }
}

export async function space(db: Db, name: string): Promise<SpaceId> {
  const id = newId<"Space">(Date.now(), random) as SpaceId
  await db.insertInto("space").values({ id, name, title: name, created_at: new Date() }).execute()
  return id
}

/** A role in a space, or on one notebook of it. */
export async function grant(
  db: Db,
  who: Actor,
  { space: spaceId, notebook, role }: { space: SpaceId; notebook?: NotebookId; role: Role },
): Promise<void> {
  const id = newId<"Grant">(Date.now(), random)
  await db
    .insertInto("role_grant")
    .values({ id, space_id: spaceId, notebook_id: notebook ?? null, person_id: who.id, role, granted_at: new Date() })
    .execute()
}

/** The bytes of a notebook of code cells with these sources; "# text" is a markdown cell. */
export function ipynb(...sources: readonly string[]): Uint8Array {
  const cells = sources.map((source, i) => {
    const common = { id: `c${i}`, metadata: {}, source }
    return source.startsWith("# ") ? { ...common, cell_type: "markdown" } : { ...common, cell_type: "code", outputs: [], execution_count: null }
  })
  const metadata = { kernelspec: { name: "python3", display_name: "Python 3", language: "python" } }
  return new TextEncoder().encode(`${JSON.stringify({ cells, metadata, nbformat: 4, nbformat_minor: 5 }, undefined, 1)}\n`)
}
