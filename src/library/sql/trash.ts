import { sql } from "kysely"
import { accepted } from "#base/outcome.ts"
import { attempt, type Db } from "#database/index.ts"
import type { FileRow, NotebookRow } from "#library/notebook-row.ts"
import { type LibraryPath, numbered, toFilePath, toFolder, toNotebookPath, toPath } from "#library/path.ts"
import { type Catalogued, noSuch, type Refused } from "#library/refusal.ts"
import { holdPaths, whyTaken } from "#library/sql/claim-path.ts"
import { fileAt, filesWhere } from "#library/sql/find-file.ts"
import { notebookFor, notebooksWhere } from "#library/sql/find-notebook.ts"
import { isId, spaceFor } from "#library/sql/find-space.ts"
import { type CatalogWorld, permit } from "#library/sql/permit.ts"
import { relocateNotebooks } from "#library/sql/relocate.ts"
import { type Actor, audit, type SpaceId } from "#people/index.ts"

/** Out of sight, but its versions and results stay; its path is free for others. */
export async function trashNotebook(world: CatalogWorld, actor: Actor, ref: string): Promise<Catalogued<NotebookRow>> {
  const found = await notebookFor(world, actor, ref, { action: "edit", verb: "notebook.trash", words: "put this notebook into the trash" })
  if (!found.ok) return found
  const { id, space, path } = found.value
  const at = world.clock.now()
  return attempt(world.db, async (tx) => {
    const done = await sql`UPDATE notebook SET trashed_at = ${new Date(at)} WHERE id = ${id} AND trashed_at IS NULL`.execute(tx)
    if (done.numAffectedRows !== 1n) return noSuch("notebook", ref)
    await audit(tx, { actor, action: "notebook.trash", thing: `notebook/${id}`, space: space.id, outcome: "done", detail: { path }, at })
    return accepted({ ...found.value, trashedAt: at })
  })
}

export type FilePlace = { readonly space: string; readonly path: string }

/** The versions that it belongs to keep it. */
export async function trashFile(world: CatalogWorld, actor: Actor, { space, path }: FilePlace): Promise<Catalogued<FileRow>> {
  const found = await spaceFor(world, actor, space, { action: "edit", verb: "file.trash", words: "put files of this space into the trash" })
  if (!found.ok) return found
  const at = world.clock.now()
  return attempt(world.db, async (tx) => {
    const file = await fileAt(tx, found.value.id, path)
    if (!file) return noSuch("file", path)
    const done = await sql`UPDATE file SET trashed_at = ${new Date(at)} WHERE id = ${file.id} AND trashed_at IS NULL`.execute(tx)
    if (done.numAffectedRows !== 1n) return noSuch("file", path)
    await audit(tx, { actor, action: "file.trash", thing: `file/${file.id}`, space: file.space.id, outcome: "done", detail: { path: file.path }, at })
    return accepted({ ...file, trashedAt: at })
  })
}

export type FolderPlace = { readonly space: string; readonly folder: string }

/** Everything in it goes into the trash, each by itself. */
export async function trashFolder(
  world: CatalogWorld,
  actor: Actor,
  asked: FolderPlace,
): Promise<Catalogued<{ readonly notebooks: number; readonly files: number }>> {
  const folder = toFolder(asked.folder)
  if (!folder.ok) return folder
  const found = await spaceFor(world, actor, asked.space, { action: "edit", verb: "folder.trash", words: "put folders of this space into the trash" })
  if (!found.ok) return found
  const space = found.value.id
  const at = world.clock.now()
  const within = folder.value === "" ? sql`` : sql` AND path > ${`${folder.value}/`} AND path < ${`${folder.value}0`}`
  return attempt(world.db, async (tx) => {
    const trashed = async (table: string) => {
      const done =
        await sql`UPDATE ${sql.table(table)} SET trashed_at = ${new Date(at)} WHERE space_id = ${space} AND trashed_at IS NULL${within}`.execute(tx)
      return Number(done.numAffectedRows ?? 0)
    }
    const count = { notebooks: await trashed("notebook"), files: await trashed("file") }
    if (count.notebooks + count.files === 0) return noSuch("folder", asked.folder)
    await audit(tx, { actor, action: "folder.trash", thing: `folder/${folder.value}`, space, outcome: "done", detail: count, at })
    return accepted(count)
  })
}

export type Restore = {
  readonly id: string
  /** Where to; default: where it was. */
  readonly path?: string
  /** What to do when something else stands there now: refuse with `path_taken` (default), or take the next free numbered name. */
  readonly onTaken?: "refuse" | "number"
}

/** Back to where it was. Refused with `path_taken` while something else stands there, unless another place is given. */
export async function restoreNotebook(world: CatalogWorld, actor: Actor, asked: Restore): Promise<Catalogued<NotebookRow>> {
  const doing = { action: "edit", verb: "notebook.restore", words: "take this notebook out of the trash", trashed: true } as const
  const found = await notebookFor(world, actor, asked.id, doing)
  if (!found.ok) return found
  const { id, space, path: was, title } = found.value
  const wanted = toNotebookPath(asked.path ?? was)
  if (!wanted.ok) return wanted
  return attempt(world.db, async (tx) => {
    if (!(await holdPaths(tx, [space.id]))) return noSuch("space", space.name)
    const path = await freePath(tx, { space: space.id, path: wanted.value, onTaken: asked.onTaken })
    if (!path.ok) return path
    const done =
      await sql`UPDATE notebook SET trashed_at = NULL, path = ${path.value} WHERE id = ${id} AND space_id = ${space.id} AND trashed_at IS NOT NULL`.execute(
        tx,
      )
    if (done.numAffectedRows !== 1n) return noSuch("notebook", asked.id)
    if (path.value !== was) await relocateNotebooks(tx, [{ from: { id, path: was, title }, path: path.value }], { space: space.id, to: space.id })
    const detail = { path: path.value }
    await audit(tx, { actor, action: "notebook.restore", thing: `notebook/${id}`, space: space.id, outcome: "done", detail, at: world.clock.now() })
    const [restored] = await notebooksWhere(tx, sql`n.id = ${id}`)
    return restored ? accepted(restored) : noSuch("notebook", asked.id)
  })
}

export async function restoreFile(world: CatalogWorld, actor: Actor, asked: Restore): Promise<Catalogued<FileRow>> {
  const hidden = noSuch("file", asked.id)
  const [file] = isId(asked.id) ? await filesWhere(world.db, sql`f.id = ${asked.id} AND f.trashed_at IS NOT NULL AND s.trashed_at IS NULL`, 1) : []
  if (!file) return hidden
  const doing = {
    action: "edit",
    verb: "file.restore",
    words: "take files of this space out of the trash",
    thing: { space: file.space.id },
    hidden,
  } as const
  const permitted = await permit(world, actor, doing)
  if (!permitted.ok) return permitted
  const wanted = toFilePath(asked.path ?? file.path)
  if (!wanted.ok) return wanted
  return attempt(world.db, async (tx) => {
    if (!(await holdPaths(tx, [file.space.id]))) return hidden
    const path = await freePath(tx, { space: file.space.id, path: wanted.value, onTaken: asked.onTaken })
    if (!path.ok) return path
    const done =
      await sql`UPDATE file SET trashed_at = NULL, path = ${path.value} WHERE id = ${file.id} AND space_id = ${file.space.id} AND trashed_at IS NOT NULL`.execute(
        tx,
      )
    if (done.numAffectedRows !== 1n) return hidden
    const entry = {
      actor,
      action: "file.restore",
      thing: `file/${file.id}`,
      space: file.space.id,
      outcome: "done",
      detail: { path: path.value },
    } as const
    await audit(tx, { ...entry, at: world.clock.now() })
    return accepted({ ...file, path: path.value, trashedAt: null })
  })
}

type Wanted = { readonly space: SpaceId; readonly path: LibraryPath; readonly onTaken: Restore["onTaken"] }

// After so many, somebody has to choose a name.
const MOST_NUMBERED = 100

/** The path, or the first numbered one that is free. Under `holdPaths`. */
async function freePath(tx: Db, { space, path, onTaken }: Wanted): Promise<Catalogued<LibraryPath>> {
  const taken: Refused | undefined = await whyTaken(tx, { space, path })
  if (!taken) return accepted(path)
  for (let count = 2; onTaken === "number" && count <= MOST_NUMBERED; count++) {
    const next = toPath(numbered(path, count))
    if (!next.ok) return next
    if (!(await whyTaken(tx, { space, path: next.value }))) return next
  }
  return taken
}
