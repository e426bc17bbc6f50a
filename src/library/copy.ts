/** A second notebook that begins as another one is now. */
import { accepted } from "#base/outcome.ts"
import type { NotebookRow } from "#library/notebook-row.ts"
import { numbered, toNotebookPath } from "#library/path.ts"
import type { LibraryWorld } from "#library/ports.ts"
import { setTags } from "#library/sql/describe.ts"
import { getNotebook, notebookFor } from "#library/sql/find-notebook.ts"
import { versionByNumber } from "#library/sql/version-row.ts"
import { versionBytes } from "#library/stored-keep.ts"
import { noSuchVersion, type Versioned } from "#library/versions-refusal.ts"
import { type Saved, saveVersion } from "#library/versions-save.ts"
import type { Actor } from "#people/index.ts"

export type CopyNotebook = {
  /** Id or `space/path`. */
  readonly notebook: string
  /** Id or name; default: the same. */
  readonly space?: string
  /** Default: the same with the next free number, as `sales (2).ipynb`. */
  readonly path?: string
  /** Default: the newest. */
  readonly version?: number
}

const MOST_NUMBERED = 100

/**
 * One version and the tags; its owner is who copies. Files beside it stay where they are: in another space the copy
 * finds those that stand there. Refuses what saveVersion refuses; path_taken when a given path is.
 */
export async function copyNotebook(world: LibraryWorld, actor: Actor, asked: CopyNotebook): Promise<Versioned<NotebookRow>> {
  const found = await notebookFor(world, actor, asked.notebook, { action: "read_code", verb: "notebook.copy", words: "copy this notebook" })
  if (!found.ok) return found
  const { id, latest, path: was, space, tags } = found.value
  const number = asked.version ?? latest
  const version = await versionByNumber(world.db, id, number)
  if (!version) return noSuchVersion(number)
  const bytes = await versionBytes(world, version)
  return copyBytes(world, actor, {
    from: { space: space.id, path: was },
    ...asked,
    bytes,
    tags,
    message: `Copy of ${space.name}/${was}, version ${number}`,
  })
}

export type CopyBytes = {
  /** Beside what the copy stands, where no other place is asked for. */
  readonly from: { readonly space: string; readonly path: string }
  readonly space?: string
  readonly path?: string
  readonly bytes: Uint8Array
  readonly tags: readonly string[]
  readonly message: string
  readonly codeHidden?: boolean
}

/** A notebook of its own that begins with these bytes, which the actor was found to be allowed to read. */
export async function copyBytes(world: LibraryWorld, actor: Actor, asked: CopyBytes): Promise<Versioned<NotebookRow>> {
  const { from, bytes, tags, message, codeHidden = false } = asked
  const path = toNotebookPath(asked.path ?? from.path)
  if (!path.ok) return path
  const save = { space: asked.space ?? from.space, bytes, base: 0, source: "api", message, codeHidden } as const
  const saved =
    asked.path === undefined
      ? await saveNumbered(world, actor, { ...save, path: path.value })
      : await saveNew(world, actor, { ...save, path: path.value })
  if (!saved.ok) return saved
  if (tags.length > 0) await setTags(world, actor, { notebook: saved.value.version.notebook, tags })
  const copy = await getNotebook(world.db, actor, saved.value.version.notebook)
  return copy.ok ? accepted(copy.value) : copy
}

type New = Parameters<typeof saveVersion>[2] & { readonly path: string }

/** Only where there is none yet, not with these bytes either. */
async function saveNew(world: LibraryWorld, actor: Actor, save: New): Promise<Versioned<Saved>> {
  const saved = await saveVersion(world, actor, save)
  const isThere = saved.ok ? !saved.value.created || saved.value.version.number > 1 : saved.refusal.refused === "edited_meanwhile"
  if (!isThere) return saved
  const message = `There is a notebook at ${JSON.stringify(save.path)} already: choose another path.`
  return { ok: false, refusal: { refused: "path_taken", path: save.path, by: "notebook", message } }
}

async function saveNumbered(world: LibraryWorld, actor: Actor, save: New): Promise<Versioned<Saved>> {
  for (let count = 1; ; count++) {
    const saved = await saveNew(world, actor, { ...save, path: count === 1 ? save.path : numbered(save.path, count) })
    if (saved.ok || saved.refusal.refused !== "path_taken" || count > MOST_NUMBERED) return saved
  }
}
