/**
 * The drafts that this process holds: opened when somebody comes, kept under a lease, saved as a version after a while of quiet or
 * when the last editor has left, and let go when nobody was there for a minute.
 */

import { sql } from "kysely"
import * as Y from "yjs"
import { Fault } from "#base/fault.ts"
import { fillDraft } from "#draft/index.ts"
import { type HeldDraft, holdDraft, lostFault } from "#library/draft-held.ts"
import { type DraftWorld, type VersionedDraft, versionedDraft } from "#library/draft-versions.ts"
import { claimDraft, createDraft, keepDrafts, releaseDraft } from "#library/sql/draft.ts"
import { notebooksWhere } from "#library/sql/find-notebook.ts"
import { certainVersion } from "#library/sql/version-row.ts"
import { versionBytes } from "#library/stored-keep.ts"
import { read } from "#notebook/index.ts"
import type { Actor, NotebookId } from "#people/index.ts"

/** Gives what takes it back. */
export type Timers = { after(ms: number, then: () => void): () => void }

export type DraftsOptions = {
  /** Names this process. */
  readonly holder: string
  readonly timers: Timers
  readonly failed: (what: string, error: unknown) => void
  readonly times?: Partial<DraftTimes>
}

export type DraftTimes = {
  /** How long a draft belongs to a process that is not heard of. */
  readonly leaseMs: number
  readonly beatMs: number
  /** Without an edit, until what changed becomes a version. */
  readonly quietMs: number
  /** After the last editor has left, who may only have loaded the page again. */
  readonly leftMs: number
  /** Without anybody, until it is let go. */
  readonly idleMs: number
}

const USUAL: DraftTimes = { leaseMs: 4000, beatMs: 1000, quietMs: 5 * 60_000, leftMs: 15_000, idleMs: 60_000 }

export type OpenDraft = HeldDraft &
  VersionedDraft & {
    /** Says that somebody edits: theirs is what becomes a version by itself. */
    edited(actor: Actor): void
    /** Lets go of it; whoever opened it calls this once. */
    close(): void
  }

export type Drafts = {
  /** @throws Fault busy when another process has it */
  open(notebook: NotebookId): Promise<OpenDraft>
  /** How many are in memory. */
  readonly held: number
  /** Writes down what is to be written, and lets go of all. */
  close(): Promise<void>
}

type Entry = {
  readonly draft: HeldDraft & VersionedDraft
  users: number
  editor: Actor | undefined
  stopQuiet: () => void
  stopIdle: () => void
}

type Holding = DraftsOptions & {
  readonly world: DraftWorld
  readonly times: DraftTimes
  /** Those that are open or being opened, and those that are. */
  readonly entries: Map<NotebookId, Promise<Entry>>
  readonly ready: Map<NotebookId, Entry>
}

export function openDrafts(world: DraftWorld, options: DraftsOptions): Drafts {
  const all: Holding = { ...options, world, times: { ...USUAL, ...options.times }, entries: new Map(), ready: new Map() }
  let isClosed = false
  let stopBeat = () => {}
  const beatOn = () => {
    stopBeat = all.timers.after(all.times.beatMs, () => {
      beat(all)
        .catch((error: unknown) => all.failed("keeping drafts", error))
        .finally(() => isClosed || beatOn())
    })
  }
  beatOn()
  return {
    async open(notebook) {
      if (isClosed) throw lostFault()
      const entry = await entered(all, notebook)
      if (entry.draft.isLost()) throw lostFault()
      return seat(all, notebook, entry)
    },
    get held() {
      return all.ready.size
    },
    async close() {
      isClosed = true
      stopBeat()
      for (const [notebook, entry] of [...all.ready]) {
        entry.users = 0
        await letGo(all, notebook, entry).catch((error: unknown) => all.failed("letting go of a draft", error))
      }
    },
  }
}

function entered(all: Holding, notebook: NotebookId): Promise<Entry> {
  const known = all.entries.get(notebook)
  if (known) return known
  const beginning = begin(all, notebook)
  all.entries.set(notebook, beginning)
  beginning.catch(() => all.entries.get(notebook) === beginning && forget(all, notebook))
  return beginning
}

async function begin(all: Holding, notebook: NotebookId): Promise<Entry> {
  const { world, holder, times, failed, ready } = all
  const draft = holdDraft(world, await claimed(world, { notebook, holder, leaseMs: times.leaseMs }), (error) => failed("a draft", error))
  const entry: Entry = { draft: { ...draft, ...versionedDraft(world, draft) }, users: 0, editor: undefined, stopQuiet() {}, stopIdle() {} }
  ready.set(notebook, entry)
  draft.listen(({ told }) => told === "lost" && ready.get(notebook) === entry && forget(all, notebook))
  await entry.draft.follow(await latestOf(world, notebook))
  return entry
}

function forget({ ready, entries }: Holding, notebook: NotebookId): void {
  const entry = ready.get(notebook)
  entry?.stopQuiet()
  entry?.stopIdle()
  ready.delete(notebook)
  entries.delete(notebook)
}

function seat(all: Holding, notebook: NotebookId, entry: Entry): OpenDraft {
  entry.users++
  entry.stopIdle()
  let isOpen = true
  return {
    ...entry.draft,
    edited(actor) {
      entry.editor = actor
      saveSoon(all, entry, all.times.quietMs)
    },
    close() {
      if (isOpen) left(all, notebook, entry)
      isOpen = false
    },
  }
}

function left(all: Holding, notebook: NotebookId, entry: Entry): void {
  if (--entry.users > 0 || entry.draft.isLost()) return
  if (entry.editor) saveSoon(all, entry, all.times.leftMs)
  entry.stopIdle = all.timers.after(all.times.idleMs, () => {
    letGo(all, notebook, entry).catch((error: unknown) => all.failed("letting go of a draft", error))
  })
}

function saveSoon({ timers, failed }: Holding, entry: Entry, ms: number): void {
  entry.stopQuiet()
  entry.stopQuiet = timers.after(ms, () => void saveQuietly(entry).catch((error: unknown) => failed("saving a draft", error)))
}

async function saveQuietly(entry: Entry): Promise<void> {
  const { draft, editor } = entry
  if (!editor || draft.isLost()) return
  // What is edited while this is saved is for the next time.
  entry.editor = undefined
  let isSaved = false
  try {
    isSaved = (await draft.save(editor, {})).ok
  } finally {
    // Who may not save any more has left edits that others go on with.
    if (!isSaved) entry.editor ??= editor
  }
}

async function letGo(all: Holding, notebook: NotebookId, entry: Entry): Promise<void> {
  if (entry.users > 0 || entry.draft.isLost()) return
  await saveQuietly(entry)
  await entry.draft.kept()
  await entry.draft.compact()
  if (entry.users > 0) return
  forget(all, notebook)
  entry.draft.lose()
  await releaseDraft(all.world.db, entry.draft.held)
}

async function beat({ world, holder, times, ready }: Holding): Promise<void> {
  // One that is claimed while this is asked is not in the answer.
  const held = [...ready]
  if (held.length === 0) return
  const kept = new Map((await keepDrafts(world.db, { holder, leaseMs: times.leaseMs })).map((each) => [each.notebook, each]))
  for (const [notebook, { draft }] of held) {
    const found = kept.get(notebook)
    if (found === undefined || found.fence > draft.held.fence) draft.lose()
    else await draft.follow(found.latest)
  }
}

async function claimed(world: DraftWorld, claim: { readonly notebook: NotebookId; readonly holder: string; readonly leaseMs: number }) {
  for (;;) {
    const found = await claimDraft(world.db, claim)
    if (found === "held")
      throw new Fault("busy", "The draft is open in another process of the server.", { retry: "later", remedy: "Try again in a moment." })
    if (found !== "none") return found
    await createDraft(world.db, claim.notebook, await firstState(world, claim.notebook))
  }
}

/** A new draft says what the newest version says. */
async function firstState(world: DraftWorld, notebook: NotebookId): Promise<Uint8Array> {
  const version = await certainVersion(world.db, notebook, await latestOf(world, notebook))
  const reading = read(await versionBytes(world, version))
  if (!reading.ok) throw new Error(`version ${version.number} of ${notebook} was read when it was saved: ${reading.refusal.message}`)
  const doc = new Y.Doc()
  fillDraft(doc, reading.value.notebook, version.number)
  return Y.encodeStateAsUpdate(doc)
}

async function latestOf(world: DraftWorld, notebook: NotebookId): Promise<number> {
  const [row] = await notebooksWhere(world.db, sql`n.id = ${notebook}`)
  if (!row) throw new Error(`the notebook ${notebook} was here a moment ago`)
  return row.latest
}
