import { sql } from "kysely"
import { accepted } from "#base/outcome.ts"
import { attempt, type Db } from "#database/index.ts"
import type { FileRow, NotebookRow, SpaceRow } from "#library/notebook-row.ts"
import { type LibraryPath, rebased, toFilePath, toFolder, toNotebookPath, toPath } from "#library/path.ts"
import { type Catalogued, noSuch, type Refused } from "#library/refusal.ts"
import { holdPaths, whyTaken } from "#library/sql/claim-path.ts"
import { fileAt } from "#library/sql/find-file.ts"
import { notebookFor, notebooksWhere } from "#library/sql/find-notebook.ts"
import { spaceFor } from "#library/sql/find-space.ts"
import type { CatalogWorld } from "#library/sql/permit.ts"
import { type Relocated, relocateNotebooks, type Standing } from "#library/sql/relocate.ts"
import { type Actor, audit, type SpaceId } from "#people/index.ts"

const PUT_HERE = { action: "edit", words: "put anything into this space" } as const

export type MoveNotebook = {
  /** Id or `space/path`. */
  readonly notebook: string
  readonly path: string
  /** Id or name; default: the one it is in. */
  readonly space?: string
}

/** Renames or moves it, also to another space, with the right to edit in both. */
export async function moveNotebook(world: CatalogWorld, actor: Actor, asked: MoveNotebook): Promise<Catalogued<NotebookRow>> {
  const path = toNotebookPath(asked.path)
  if (!path.ok) return path
  const found = await notebookFor(world, actor, asked.notebook, { action: "edit", verb: "notebook.move", words: "move this notebook" })
  if (!found.ok) return found
  const { id, space } = found.value
  const target = asked.space === undefined ? accepted(space) : await spaceFor(world, actor, asked.space, { ...PUT_HERE, verb: "notebook.move" })
  if (!target.ok) return target
  const to = target.value.id
  return attempt(world.db, async (tx) => {
    if (!(await holdPaths(tx, [space.id, to]))) return noSuch("space", asked.space ?? space.name)
    const held = await sql<Standing>`SELECT id, path, title FROM notebook
      WHERE id = ${id} AND space_id = ${space.id} AND trashed_at IS NULL FOR NO KEY UPDATE`.execute(tx)
    const [from] = held.rows
    if (!from) return noSuch("notebook", asked.notebook)
    if (from.path !== path.value || to !== space.id) {
      const taken = await whyTaken(tx, { space: to, path: path.value })
      if (taken) return taken
      await relocateNotebooks(tx, [{ from, path: path.value }], { space: space.id, to })
      const detail = { from: from.path, to: path.value, ...(to === space.id ? {} : { fromSpace: space.id }) }
      await audit(tx, { actor, action: "notebook.move", thing: `notebook/${id}`, space: to, outcome: "done", detail, at: world.clock.now() })
    }
    const [moved] = await notebooksWhere(tx, sql`n.id = ${id}`)
    return moved ? accepted(moved) : noSuch("notebook", asked.notebook)
  })
}

/** `space` and `path` are where it is; `toSpace` defaults to the same space. */
export type MoveFile = { readonly space: string; readonly path: string; readonly to: string; readonly toSpace?: string }

export async function moveFile(world: CatalogWorld, actor: Actor, asked: MoveFile): Promise<Catalogued<FileRow>> {
  const path = toFilePath(asked.to)
  if (!path.ok) return path
  const spaces = await bothSpaces(world, actor, { ...asked, verb: "file.move", words: "move files of this space" })
  if (!spaces.ok) return spaces
  const { from, to } = spaces.value
  return attempt(world.db, async (tx) => {
    if (!(await holdPaths(tx, [from.id, to.id]))) return noSuch("space", asked.toSpace ?? asked.space)
    const file = await fileAt(tx, from.id, asked.path)
    if (!file) return noSuch("file", asked.path)
    if (from.id === to.id && file.path === path.value) return accepted(file)
    const taken = await whyTaken(tx, { space: to.id, path: path.value })
    if (taken) return taken
    await sql`UPDATE file SET space_id = ${to.id}, path = ${path.value} WHERE id = ${file.id}`.execute(tx)
    const detail = { from: file.path, to: path.value, ...(to.id === from.id ? {} : { fromSpace: from.id }) }
    await audit(tx, { actor, action: "file.move", thing: `file/${file.id}`, space: to.id, outcome: "done", detail, at: world.clock.now() })
    const moved = await fileAt(tx, to.id, path.value)
    return moved ? accepted(moved) : noSuch("file", asked.path)
  })
}

type Both = { readonly space: string; readonly toSpace?: string; readonly verb: string; readonly words: string }

async function bothSpaces(world: CatalogWorld, actor: Actor, asked: Both): Promise<Catalogued<{ readonly from: SpaceRow; readonly to: SpaceRow }>> {
  const from = await spaceFor(world, actor, asked.space, { action: "edit", verb: asked.verb, words: asked.words })
  if (!from.ok) return from
  if (asked.toSpace === undefined) return accepted({ from: from.value, to: from.value })
  const to = await spaceFor(world, actor, asked.toSpace, { ...PUT_HERE, verb: asked.verb })
  return to.ok ? accepted({ from: from.value, to: to.value }) : to
}

export type MoveFolder = { readonly space: string; readonly folder: string; readonly to: string; readonly toSpace?: string }
export type MovedFolder = { readonly notebooks: number; readonly files: number }

/** A folder with everything in it becomes the folder `to`, which must not be there yet. */
export async function moveFolder(world: CatalogWorld, actor: Actor, asked: MoveFolder): Promise<Catalogued<MovedFolder>> {
  const folder = toFolder(asked.folder)
  const path = toPath(asked.to.replace(/(?<=[^/])\/$/, ""))
  if (!folder.ok) return folder
  if (!path.ok) return path
  if (folder.value === "") return badFolder(asked.folder, "a space is renamed, not moved")
  const spaces = await bothSpaces(world, actor, { ...asked, verb: "folder.move", words: "move folders of this space" })
  if (!spaces.ok) return spaces
  const where = { space: spaces.value.from.id, to: spaces.value.to.id, folder: folder.value, path: path.value }
  if (where.space === where.to && path.value.startsWith(`${folder.value}/`)) return badFolder(asked.to, "a folder cannot be moved into itself")
  return attempt(world.db, async (tx) => {
    if (!(await holdPaths(tx, [where.space, where.to]))) return noSuch("space", asked.toSpace ?? asked.space)
    const moved = await moveContents(tx, where)
    if (!moved.ok || (moved.value.notebooks === 0 && moved.value.files === 0)) return moved
    const detail = { from: folder.value, to: path.value, ...moved.value, ...(where.to === where.space ? {} : { fromSpace: where.space }) }
    const thing = `folder/${path.value}`
    await audit(tx, { actor, action: "folder.move", thing, space: where.to, outcome: "done", detail, at: world.clock.now() })
    return moved
  })
}

type FolderMove = { readonly space: SpaceId; readonly to: SpaceId; readonly folder: LibraryPath; readonly path: LibraryPath }

async function moveContents(tx: Db, { space, to, folder, path }: FolderMove): Promise<Catalogued<MovedFolder>> {
  const within = sql`space_id = ${space} AND trashed_at IS NULL AND path > ${`${folder}/`} AND path < ${`${folder}0`}`
  const notebooks = (await sql<Standing>`SELECT id, path, title FROM notebook WHERE ${within} FOR NO KEY UPDATE`.execute(tx)).rows
  const files = (await sql<{ id: string; path: string }>`SELECT id, path FROM file WHERE ${within} FOR NO KEY UPDATE`.execute(tx)).rows
  if (notebooks.length + files.length === 0) return noSuch("folder", folder)
  if (space === to && folder === path) return accepted({ notebooks: 0, files: 0 })
  const taken = await whyTaken(tx, { space: to, path })
  if (taken) return taken
  const moves: Relocated[] = []
  for (const from of notebooks) {
    const there = toNotebookPath(rebased(from.path, folder, path))
    if (!there.ok) return there
    moves.push({ from, path: there.value })
  }
  for (const file of files) {
    const there = toFilePath(rebased(file.path, folder, path))
    if (!there.ok) return there
  }
  await relocateNotebooks(tx, moves, { space, to })
  await sql`UPDATE file SET space_id = ${to}, path = ${`${path}/`} || substr(path, char_length(${`${folder}/`}) + 1) WHERE ${within}`.execute(tx)
  return accepted({ notebooks: notebooks.length, files: files.length })
}

function badFolder(path: string, why: string): Refused {
  return { ok: false, refusal: { refused: "bad_path", path, message: `${JSON.stringify(path)} cannot be where this goes: ${why}.` } }
}
