/** Versions of a notebook: finding, listing, labelling and comparing them. Saving one is versions-save.ts. */
import { accepted } from "#base/outcome.ts"
import { fromCursor, LARGE, toCursor } from "#library/cursor.ts"
import type { NotebookRow, Page } from "#library/notebook-row.ts"
import type { LibraryPath } from "#library/path.ts"
import type { LibraryWorld } from "#library/ports.ts"
import { type Deed, notebookFor } from "#library/sql/find-notebook.ts"
import { filesMayDiffer } from "#library/sql/version-files.ts"
import { setLabel } from "#library/sql/version-label.ts"
import { certainVersion, type VersionRow, versionByDigest, versionByNumber, versionsBefore } from "#library/sql/version-row.ts"
import { versionBytes } from "#library/stored-keep.ts"
import { aboutNotebook } from "#library/versions-about.ts"
import { toLabel } from "#library/versions-label.ts"
import { noSuchVersion, type Versioned } from "#library/versions-refusal.ts"
import { type Saved, saveTo } from "#library/versions-save.ts"
import { diff, type Notebook, type NotebookDiff, read } from "#notebook/index.ts"
import type { Actor } from "#people/index.ts"

/** A number, the newest, or the newest with these bytes. */
export type Which = number | "latest" | `sha256:${string}`

export type VersionAsked = {
  /** Id or `space/path`. */
  readonly notebook: string
  /** Default "latest". */
  readonly version?: Which
  /** Also when its notebook is in the trash: what was promoted runs on. */
  readonly evenTrashed?: boolean | undefined
}

const WORDS: Record<Deed, string> = {
  read: "read this notebook",
  comment: "comment on this notebook",
  run: "run this notebook",
  edit: "change this notebook",
  administer: "administer this notebook",
  read_code: "see the code of this notebook, which is shown to those who edit it",
  read_hidden_code: "see the code of this notebook",
}

/** The version, if the actor may do this with its notebook. */
export async function resolveVersion(world: LibraryWorld, actor: Actor, action: Deed, asked: VersionAsked): Promise<Versioned<VersionRow>> {
  const found = await notebookFor(world, actor, asked.notebook, {
    action,
    verb: `version.${action}`,
    words: WORDS[action],
    trashed: asked.evenTrashed ? "either" : false,
  })
  return found.ok ? versionOf(world, found.value, asked.version ?? "latest") : found
}

async function versionOf({ db }: LibraryWorld, { id, latest }: NotebookRow, which: Which): Promise<Versioned<VersionRow>> {
  if (typeof which === "string" && which.startsWith("sha256:")) {
    const sha256 = which.slice("sha256:".length)
    const found = /^[0-9a-f]{64}$/.test(sha256) ? await versionByDigest(db, id, sha256) : undefined
    return found ? accepted(found) : noSuchVersion(which)
  }
  const number = which === "latest" ? latest : Number(which)
  // Beyond what a column holds there is none.
  const found = Number.isInteger(number) && number > 0 && number < 2 ** 31 ? await versionByNumber(db, id, number) : undefined
  return found ? accepted(found) : noSuchVersion(which)
}

export type ListVersions = {
  readonly notebook: string
  /** 1 to 1,000, default 100. */
  readonly limit?: number
  readonly cursor?: string
}

/** The newest first. */
export async function listVersions(world: LibraryWorld, actor: Actor, asked: ListVersions): Promise<Versioned<Page<VersionRow>>> {
  const found = await notebookFor(world, actor, asked.notebook, { action: "read", verb: "version.list", words: WORDS.read })
  if (!found.ok) return found
  const cursor = asked.cursor === undefined ? accepted([String(2 ** 31 - 1)]) : fromCursor(asked.cursor, "versions", [LARGE])
  if (!cursor.ok) return cursor
  const before = Number(cursor.value[0])
  const limit = Math.min(Math.max(asked.limit ?? 100, 1), 1000)
  const rows = await versionsBefore(world.db, found.value.id, { before: before >= 0 && before < 2 ** 31 ? Math.floor(before) : 0, limit: limit + 1 })
  const items = rows.slice(0, limit)
  const last = items.at(-1)
  return accepted(rows.length > limit && last ? { items, next: toCursor("versions", String(last.number)) } : { items })
}

export type LabelVersion = VersionAsked & { readonly label: string | null }

/** Names a version; that is all of it that ever changes. */
export async function labelVersion(world: LibraryWorld, actor: Actor, asked: LabelVersion): Promise<Versioned<VersionRow>> {
  const label = toLabel(asked.label)
  if (!label.ok) return label
  const found = await resolveVersion(world, actor, "edit", asked)
  if (!found.ok || found.value.label === label.value) return found
  await world.db.transaction().execute((tx) => setLabel(tx, actor, { version: found.value, label: label.value, at: world.clock.now() }))
  return accepted(await certainVersion(world.db, found.value.notebook, found.value.number))
}

export type DiffVersions = { readonly notebook: string; readonly from: Which; readonly to: Which }

export type VersionDiff = { readonly from: VersionRow; readonly to: VersionRow; readonly diff: NotebookDiff; readonly files: readonly FileChange[] }

/** A file that one of the two needs and the other does not, or not with these bytes. */
export type FileChange = { readonly path: string; readonly before: string | null; readonly after: string | null }

export async function diffVersions(world: LibraryWorld, actor: Actor, asked: DiffVersions): Promise<Versioned<VersionDiff>> {
  const from = await resolveVersion(world, actor, "read_code", { notebook: asked.notebook, version: asked.from })
  if (!from.ok) return from
  const to = await resolveVersion(world, actor, "read_code", { notebook: asked.notebook, version: asked.to })
  if (!to.ok) return to
  const [before, after] = await Promise.all([documentOf(world, from.value), documentOf(world, to.value)])
  return accepted({ from: from.value, to: to.value, diff: diff(before, after), files: fileChanges(from.value, to.value) })
}

async function documentOf(world: LibraryWorld, version: VersionRow): Promise<Notebook> {
  const reading = read(await versionBytes(world, version))
  if (!reading.ok) throw new Error(`version ${version.number} of ${version.notebook} was read when it was saved: ${reading.refusal.message}`)
  return reading.value.notebook
}

function fileChanges({ manifest: before }: VersionRow, { manifest: after }: VersionRow): FileChange[] {
  const paths = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort()
  return paths.flatMap((path) => (before[path] === after[path] ? [] : [{ path, before: before[path] ?? null, after: after[path] ?? null }]))
}

/**
 * The newest version with the files as they are now: the newest one itself when its files have not changed, else a new one of
 * the same bytes. For those who may run the notebook, because that is what they mean by running it: what it brings together was
 * all put there by those who may edit.
 */
export async function refreshVersion(world: LibraryWorld, actor: Actor, notebook: string): Promise<Versioned<Saved>> {
  const found = await notebookFor(world, actor, notebook, { action: "run", verb: "version.refresh", words: WORDS.run })
  if (!found.ok) return found
  const { id, space, path, latest } = found.value
  const [version, mayDiffer] = await Promise.all([versionOf(world, found.value, "latest"), filesMayDiffer(world.db, id)])
  if (!version.ok) return version
  if (!mayDiffer) return accepted({ version: version.value, created: false })
  const bytes = await versionBytes(world, version.value)
  const about = await aboutNotebook(bytes, world)
  if (!about.ok) throw new Error(`version ${latest} of ${id} was read when it was saved: ${about.refusal.message}`)
  const target = { notebook: id, space: space.id, path: path as LibraryPath, isNew: false }
  // When somebody saves in this moment, theirs is the newest, with the files of that moment.
  const saved = await saveTo(world, actor, {
    bytes,
    base: latest,
    message: "Its files have changed.",
    label: null,
    source: "api",
    target,
    about: about.value,
  })
  return saved.ok || saved.refusal.refused !== "edited_meanwhile" ? saved : refreshVersion(world, actor, notebook)
}
