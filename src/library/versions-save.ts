/**
 * Saving a version.
 *
 * Everything that takes long — reading, cutting, the files it needs, the delta, putting blobs — is done before the transaction,
 * from what the notebook was then. The transaction holds the notebook's row, looks whether that is still so, and writes. When
 * somebody else was faster it is done over, so that two who save at once get two numbers and neither is lost.
 */
import { newId } from "#base/id.ts"
import { accepted, refused } from "#base/outcome.ts"
import { attempt, type Db } from "#database/index.ts"
import { claimBlobs } from "#library/keep.ts"
import { manifestOf, type Needed } from "#library/manifest-of.ts"
import { type LibraryPath, toNotebookPath } from "#library/path.ts"
import type { LibraryWorld } from "#library/ports.ts"
import { type Catalogued, noSuch } from "#library/refusal.ts"
import { notebookFor, notebookRow } from "#library/sql/find-notebook.ts"
import { spaceFor, spaceRow } from "#library/sql/find-space.ts"
import { indexVersion } from "#library/sql/index-version.ts"
import { insertNotebook } from "#library/sql/insert-notebook.ts"
import { setFileChanges } from "#library/sql/version-files.ts"
import { setLabel } from "#library/sql/version-label.ts"
import { certainVersion, type VersionRow, type VersionSource } from "#library/sql/version-row.ts"
import { type Form, heldBlobs, insertVersion, type NotebookState, notebookState } from "#library/sql/version-stored.ts"
import { baseOf } from "#library/stored.ts"
import { type Kept, keepOutputs, keepSkeleton, skeletonOf } from "#library/stored-keep.ts"
import { type About, aboutNotebook, parametersOf, SCHEMA_EDITION } from "#library/versions-about.ts"
import { toLabel, toMessage } from "#library/versions-label.ts"
import { editedMeanwhile, noSuchVersion, type Versioned } from "#library/versions-refusal.ts"
import { besideIn } from "#notebook/index.ts"
import { type Actor, audit, type NotebookId, type SpaceId } from "#people/index.ts"

export type Save = {
  /** An id or `space/path`; or else `space` and `path`, where a notebook is made when there is none. */
  readonly notebook?: string
  /** Id or name. */
  readonly space?: string
  readonly path?: string
  readonly bytes: Uint8Array
  /** The version that was edited; 0: there must be none yet. Without it nothing is compared. */
  readonly base?: number
  readonly message?: string
  readonly label?: string
  readonly source: VersionSource
  /** Of a notebook that is made: its code is shown only to those who edit it. */
  readonly codeHidden?: boolean
}

/** `created` is false when the newest version has these bytes and these files already. */
export type Saved = { readonly version: VersionRow; readonly created: boolean }

export async function saveVersion(world: LibraryWorld, actor: Actor, asked: Save): Promise<Versioned<Saved>> {
  const label = toLabel(asked.label ?? null)
  if (!label.ok) return label
  const target = await targetOf(world, actor, asked)
  if (!target.ok) return target
  const about = await aboutNotebook(asked.bytes, world)
  if (!about.ok) return about
  return saveTo(world, actor, { ...asked, target: target.value, about: about.value, label: label.value, message: toMessage(asked.message ?? "") })
}

/** A notebook that is there, or the place for a new one. */
type Target = { readonly notebook: NotebookId; readonly space: SpaceId; readonly path: LibraryPath; readonly isNew: boolean }

async function targetOf(world: LibraryWorld, actor: Actor, asked: Save): Promise<Versioned<Target>> {
  const doing = { action: "edit", verb: "version.save", words: "save versions of this notebook" } as const
  if (asked.notebook !== undefined) return existing(await notebookFor(world, actor, asked.notebook, doing))
  const path = toNotebookPath(asked.path ?? "")
  if (!path.ok) return path
  const ref = asked.space ?? ""
  const there = await spaceRow(world.db, ref)
  const stands = there && (await notebookRow(world.db, `${there.name}/${path.value}`))
  if (stands) return existing(await notebookFor(world, actor, stands.id, doing))
  const space = await spaceFor(world, actor, ref, { action: "edit", verb: "notebook.create", words: "put notebooks into this space" })
  if (!space.ok) return space
  const notebook = newId<"Notebook">(world.clock.now(), world.random) as NotebookId
  return accepted({ notebook, space: space.value.id, path: path.value, isNew: true })
}

function existing(found: Awaited<ReturnType<typeof notebookFor>>): Versioned<Target> {
  if (!found.ok) return found
  const { id, space, path } = found.value
  return accepted({ notebook: id, space: space.id, path: path as LibraryPath, isNew: false })
}

export type Saving = Omit<Save, "label" | "message"> & {
  readonly target: Target
  readonly about: About
  readonly label: string | null
  readonly message: string
}

/** As often somebody else may be faster; after that the delta keeps the base it was made for, which is right, only not the best. */
const TRIES = 8

/** Without asking who may. */
export async function saveTo(world: LibraryWorld, actor: Actor, saving: Saving): Promise<Versioned<Saved>> {
  const sha256 = world.digest(saving.bytes)
  const { target } = saving
  const known = target.isNew ? new Set<string>() : await heldBlobs(world.db, target.notebook)
  const kept = await keepOutputs(world, saving.bytes, known)
  for (let tries = 1; ; tries++) {
    const was = target.isNew ? fresh(target) : await notebookState(world.db, target.notebook)
    if (!was) return noSuch("notebook", target.notebook)
    const refusal = conflictOf(was, saving, sha256)
    if (refusal) return refusal
    const needed = await manifestOf(world, { document: saving.about.document, space: was.space, path: was.path, opened: was.opened })
    if (was.sha256 === sha256 && was.manifestSha256 === needed.sha256) {
      await setFileChanges(world.db, target.notebook, needed.fileChanges)
      return unchanged(world, actor, { saving, number: was.latest })
    }
    const form = await formOf(world, { notebook: target.notebook, number: was.latest + 1, kept })
    await claimBlobs(world.db, needed.blobs, world.clock.now())
    const plan: Plan = { was, needed, form, kept, sha256, isLast: tries >= TRIES }
    const outcome = await attempt(world.db, (tx) => write(world, tx, { actor, saving, plan }))
    if (!outcome.ok && outcome.refusal.refused === "path_taken" && outcome.refusal.by === "notebook" && outcome.refusal.path === target.path) {
      // Somebody made a notebook there in this moment: then this is another version of that one.
      const { notebook: _, ...asked } = saving
      return saveVersion(world, actor, { ...asked, label: saving.label ?? "", space: target.space, path: target.path })
    }
    if (!outcome.ok) return outcome
    if (outcome.value !== undefined) return accepted({ version: await certainVersion(world.db, target.notebook, outcome.value), created: true })
  }
}

function fresh({ space, path }: Target): NotebookState {
  return { space, path, latest: 0, opened: [], sha256: null, manifestSha256: null, author: null, at: null }
}

/** Why this must not be saved over what is there. */
function conflictOf(was: NotebookState, { base }: Saving, sha256: string): Versioned<never> | undefined {
  if (base === undefined || base === was.latest || sha256 === was.sha256) return undefined
  if (base < 0 || base > was.latest) return noSuchVersion(base)
  return refused(editedMeanwhile({ number: was.latest, sha256: was.sha256 ?? "", author: was.author, at: was.at ?? 0 }, { base, sha256 }))
}

type Unchanged = { readonly saving: Saving; readonly number: number }

async function unchanged(world: LibraryWorld, actor: Actor, { saving, number }: Unchanged): Promise<Versioned<Saved>> {
  const { notebook } = saving.target
  const version = await certainVersion(world.db, notebook, number)
  if (saving.label === null || saving.label === version.label) return accepted({ version, created: false })
  await world.db.transaction().execute((tx) => setLabel(tx, actor, { version, label: saving.label, at: world.clock.now() }))
  return accepted({ version: { ...version, label: saving.label }, created: false })
}

async function formOf(world: LibraryWorld, { notebook, number, kept }: { notebook: NotebookId; number: number; kept: Kept }): Promise<Form> {
  const base = baseOf(number)
  const before = base === undefined ? undefined : { number: base, skeleton: await skeletonOf(world, { notebook, number: base }) }
  return keepSkeleton(world, kept.skeleton, before)
}

type Plan = {
  /** What the notebook was when all this was made. */
  readonly was: NotebookState
  readonly needed: Needed
  readonly form: Form
  readonly kept: Kept
  readonly sha256: string
  readonly isLast: boolean
}

type Writing = { readonly actor: Actor; readonly saving: Saving; readonly plan: Plan }

/** The version's number; undefined when the notebook is no longer what it was, and the plan is to be made anew. */
async function write(world: LibraryWorld, tx: Db, { actor, saving, plan }: Writing): Promise<Catalogued<number | undefined>> {
  const { target, about } = saving
  const at = world.clock.now()
  if (target.isNew) {
    const made = await insertNotebook(tx, {
      id: target.notebook,
      space: target.space,
      path: target.path,
      owner: actor.id,
      at,
      codeHidden: saving.codeHidden === true,
    })
    if (!made.ok) return made
  }
  const now = await notebookState(tx, target.notebook, true)
  if (!now) return noSuch("notebook", target.notebook)
  const moved = now.space !== plan.was.space || now.path !== plan.was.path
  if (moved || (now.latest !== plan.was.latest && (!plan.isLast || conflictOf(now, saving, plan.sha256)))) return accepted(undefined)
  const number = now.latest + 1
  const { manifest, sha256: manifestSha256, blobs, fileChanges } = plan.needed
  await insertVersion(tx, {
    ...plan.form,
    ...about.facts,
    parameters: parametersOf(about, besideIn(now.path, manifest)),
    schemaEdition: SCHEMA_EDITION,
    notebook: target.notebook,
    number,
    space: now.space,
    sha256: plan.sha256,
    sizeBytes: saving.bytes.length,
    author: actor.id,
    at,
    message: saving.message,
    label: saving.label,
    parent: now.latest === 0 ? null : (saving.base ?? now.latest),
    source: saving.source,
    manifest,
    manifestSha256,
    needs: [...plan.kept.outputs, ...blobs.map((blob) => blob.sha256)],
  })
  await setFileChanges(tx, target.notebook, fileChanges)
  await indexVersion(tx, { notebook: target.notebook, document: about.document, hasParameters: about.hasParameters })
  const detail = { number, sha256: plan.sha256, source: saving.source }
  await audit(tx, { actor, action: "version.save", thing: `notebook/${target.notebook}`, space: now.space, outcome: "done", detail, at })
  return accepted(number)
}
