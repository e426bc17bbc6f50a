import { sql } from "kysely"
import { newId } from "#base/id.ts"
import { accepted } from "#base/outcome.ts"
import { attempt, type Db } from "#database/index.ts"
import { keepBlob } from "#library/keep.ts"
import type { FileRow } from "#library/notebook-row.ts"
import { type LibraryPath, toFilePath } from "#library/path.ts"
import type { Blob, BlobContent, LibraryWorld } from "#library/ports.ts"
import { type Catalogued, type FileChanged, noSuch, type Refused } from "#library/refusal.ts"
import { holdPaths, whyTaken } from "#library/sql/claim-path.ts"
import { fileAt } from "#library/sql/find-file.ts"
import { spaceFor } from "#library/sql/find-space.ts"
import { type Actor, audit, type SpaceId } from "#people/index.ts"

export type FileWorld = Pick<LibraryWorld, "db" | "blobs" | "clock" | "random">

export type PutFile = {
  /** Id or name. */
  readonly space: string
  readonly path: string
  readonly content: BlobContent
  /** SHA-256 of the file that was changed, null for none: refuses when another is there by now. Undefined: whatever is there is replaced. */
  readonly base?: string | null | undefined
  /** Default 1 GB. */
  readonly limitBytes?: number
}

/** `changed` is false when the file was there with these bytes. */
export type PutResult = { readonly file: FileRow; readonly created: boolean; readonly changed: boolean }

const LIMIT_BYTES = 1024 ** 3

/**
 * A file beside notebooks, put in or replaced. Versions that it belonged to before keep the bytes they had.
 *
 * Refuses bad_path, no_such_space, not_allowed, path_taken, file_changed, too_large.
 */
export async function putFile(world: FileWorld, actor: Actor, asked: PutFile): Promise<Catalogued<PutResult>> {
  const path = toFilePath(asked.path)
  if (!path.ok) return path
  const space = await spaceFor(world, actor, asked.space, { action: "edit", verb: "file.put", words: "put files into this space" })
  if (!space.ok) return space
  const blob = await kept(world, asked.content, asked.limitBytes ?? LIMIT_BYTES)
  if (!blob.ok) return blob
  const at = world.clock.now()
  return attempt(world.db, async (tx) => {
    const id = newId<"File">(at, world.random)
    const put = await putRow(tx, { space: space.value.id, path: path.value, blob: blob.value, base: asked.base, id, at, by: actor })
    if (!put.ok || !put.value.changed) return put
    const detail = { path: path.value, sha256: blob.value.sha256 }
    await audit(tx, { actor, action: "file.put", thing: `file/${put.value.file.id}`, space: space.value.id, outcome: "done", detail, at })
    return put
  })
}

type Row = Pick<PutFile, "base"> & {
  readonly space: SpaceId
  readonly path: LibraryPath
  readonly blob: Blob
  readonly id: string
  readonly at: number
  readonly by: Actor
}

async function putRow(tx: Db, { space, path, blob, base, id, at, by }: Row): Promise<Catalogued<PutResult>> {
  if (!(await holdPaths(tx, [space]))) return noSuch("space", space)
  const there = await fileAt(tx, space, path)
  if (there?.sha256 === blob.sha256) return accepted({ file: there, created: false, changed: false })
  if (base !== undefined && base !== (there?.sha256 ?? null)) return fileChanged(path, there, { base, sha256: blob.sha256 })
  if (there) {
    await sql`UPDATE file SET sha256 = ${blob.sha256}, size_bytes = ${blob.sizeBytes}, updated_at = ${new Date(at)}, updated_by = ${by.id}
      WHERE id = ${there.id}`.execute(tx)
  } else {
    const taken = await whyTaken(tx, { space, path })
    if (taken) return taken
    await sql`INSERT INTO file (id, space_id, path, sha256, size_bytes, owner_id, created_at, updated_at, updated_by)
      VALUES (${id}, ${space}, ${path}, ${blob.sha256}, ${blob.sizeBytes}, ${by.id}, ${new Date(at)}, ${new Date(at)}, ${by.id})`.execute(tx)
  }
  const file = await fileAt(tx, space, path)
  if (!file) throw new Error(`the file ${path} was put a moment ago`)
  return accepted({ file, created: !there, changed: true })
}

function fileChanged(path: string, there: FileRow | undefined, yours: FileChanged["yours"]): Refused {
  const what = !there ? "is not there any more" : yours.base === null ? "is there already" : "was put by somebody since you took it"
  const theirs = there ? { sha256: there.sha256, sizeBytes: there.sizeBytes, author: there.updatedBy, at: there.updatedAt } : null
  const message = `The file ${JSON.stringify(path)} ${what}: look at what is there now, then put yours on top of it.`
  return { ok: false, refusal: { refused: "file_changed", message, theirs, yours } }
}

/** Thrown into the store to make it give up what it was taking in; seen by nobody else. */
class TooLarge extends Error {}

async function kept(world: FileWorld, content: BlobContent, limitBytes: number): Promise<Catalogued<Blob>> {
  try {
    if (content instanceof Uint8Array && content.length > limitBytes) return tooLarge(limitBytes)
    return accepted(await keepBlob(world, content instanceof Uint8Array ? content : limited(content, limitBytes)))
  } catch (error) {
    if (error instanceof TooLarge || (error instanceof Error && error.cause instanceof TooLarge)) return tooLarge(limitBytes)
    throw error
  }
}

async function* limited(content: AsyncIterable<Uint8Array>, limitBytes: number): AsyncGenerator<Uint8Array> {
  let size = 0
  for await (const bytes of content) {
    size += bytes.length
    if (size > limitBytes) throw new TooLarge()
    yield bytes
  }
}

function tooLarge(limitBytes: number): Refused {
  const limit = limitBytes >= 1024 ** 2 ? `${Math.floor(limitBytes / 1024 ** 2)} MB` : `${limitBytes} bytes`
  return {
    ok: false,
    refusal: {
      refused: "too_large",
      limitBytes,
      message: `The file is larger than the ${limit} that a file may have: keep it elsewhere and read it from there.`,
    },
  }
}
