/** Versions and the draft: what is saved from it, restored into it, and merged into it when somebody saved elsewhere. */

import type * as Y from "yjs"
import type { JsonObject } from "#base/json.ts"
import { accepted } from "#base/outcome.ts"
import { turns } from "#base/turns.ts"
import { applyNotebook, authoredText, type DraftCell, mergeNotebook, SERVER, type Shown, shownIn, toNotebook } from "#draft/index.ts"
import type { HeldDraft } from "#library/draft-held.ts"
import type { LibraryWorld } from "#library/ports.ts"
import { certainVersion, type VersionRow } from "#library/sql/version-row.ts"
import { versionBytes } from "#library/stored-keep.ts"
import { labelVersion, resolveVersion } from "#library/versions.ts"
import type { Versioned } from "#library/versions-refusal.ts"
import { type Saved, saveVersion } from "#library/versions-save.ts"
import { type Cell, type Notebook, type Output, read, write } from "#notebook/index.ts"
import type { Actor, NotebookId } from "#people/index.ts"

/** What ended executions of cells showed, by the id of the execution. */
export type ShownByExecutions = (ids: readonly string[]) => Promise<ReadonlyMap<string, Shown>>

/** What the widgets of a notebook's cells were like last: the value of `metadata.widgets`. */
export type SavedWidgets = (notebook: NotebookId) => Promise<JsonObject | undefined>

export type DraftWorld = LibraryWorld & { readonly shownByExecutions: ShownByExecutions; readonly savedWidgets: SavedWidgets }

export type VersionedDraft = {
  /** The draft with what its cells show. */
  notebook(): Promise<Notebook>
  /** A version, if its source is another than that of the version it is based on. A label alone goes to that one. */
  save(actor: Actor, asked: SaveDraft): Promise<Versioned<Saved>>
  restore(actor: Actor, version: number): Promise<Versioned<Restored>>
  /** Another version is the newest now. */
  follow(latest: number): Promise<void>
  /** Whether its source is another than that of the version it is based on. */
  isChanged(): Promise<boolean>
  /** Whether its source is that of a version: to restore that one would change nothing. */
  says(version: number): Promise<boolean>
  /** The version it is based on. */
  base(): Promise<VersionRow>
}

/** `version`: what the draft says now; `before`: what it said until then. */
export type Restored = { readonly version: VersionRow; readonly before: VersionRow }

export type SaveDraft = { readonly message?: string; readonly label?: string }

export function versionedDraft(world: DraftWorld, { doc, draft, change, kept, held }: HeldDraft): VersionedDraft {
  const { notebook: id } = held
  const documents = documentsOf(world, id)
  // One after the other: each looks at what the one before has made the newest.
  const inTurn = turns()
  const whole = async () => {
    const cells = draft.cells()
    const shown = await shownOf(world, { cells, documents })
    // A cell that was run while these were fetched shows what it showed before.
    const showed = new Map(cells.map(({ id, shows }) => [id, shows]))
    const notebook = toNotebook(doc, (cell) => shown.get(showed.get(cell.id) ?? cell.shows)?.(cell))
    // Outputs of a session name widgets of that session; those of a version have theirs in its metadata already.
    const widgets = cells.some(({ shows }) => shows.startsWith("execution:")) ? await world.savedWidgets(id) : undefined
    return widgets === undefined ? notebook : { ...notebook, metadata: { ...notebook.metadata, widgets } }
  }
  let known = { version: 0, text: "" }
  const isChanged = async () => {
    const version = draft.base()
    if (known.version !== version) known = { version, text: authoredText(await documents(version)) }
    return authoredText(toNotebook(doc, () => undefined)) !== known.text
  }
  const follow = async (latest: number) => {
    if (latest <= draft.base()) return
    const [base, theirs] = [await documents(draft.base()), await documents(latest)]
    await change((into) => mergeNotebook(into, { base, theirs, version: latest }))
  }
  const save = async (actor: Actor, asked: SaveDraft): Promise<Versioned<Saved>> => {
    await kept()
    for (;;) {
      const base = draft.base()
      if (!(await isChanged())) return unchanged(world, actor, { notebook: id, base, label: asked.label })
      const saved = await saveVersion(world, actor, { ...asked, notebook: id, bytes: bytesOf(await whole()), base, source: "editor" })
      if (saved.ok) {
        await change((into) => void into.getMap("meta").set("base", saved.value.version.number))
        return saved
      }
      if (saved.refusal.refused !== "edited_meanwhile") return saved
      await follow(saved.refusal.theirs.number)
    }
  }
  return {
    notebook: whole,
    isChanged,
    says: async (version) => authoredText(await documents(version)) === authoredText(toNotebook(doc, () => undefined)),
    follow: (latest) => inTurn(() => follow(latest)),
    save: (actor, asked) => inTurn(() => save(actor, asked)),
    base: () => certainVersion(world.db, id, draft.base()),
    restore: (actor, version) =>
      inTurn(async () => {
        const found = await resolveVersion(world, actor, "edit", { notebook: id, version })
        if (!found.ok) return found
        // What is there now stays a version of its own.
        const saved = await save(actor, {})
        if (!saved.ok) return saved
        const document = await documents(version)
        await change((into) => restoreInto(into, document, version))
        return accepted({ version: found.value, before: saved.value.version })
      }),
  }
}

function restoreInto(doc: Y.Doc, document: Notebook, version: number): void {
  applyNotebook(doc, document, SERVER)
  for (const cell of document.cells) showIn(doc, cell.id, shownIn(cell, version))
}

/** Within a transaction of the server. */
export function showIn(doc: Y.Doc, cell: string, shows: string): void {
  const map = doc.getMap("cells").get(cell) as Y.Map<unknown> | undefined
  if (map && (map.get("shows") ?? "") !== shows) map.set("shows", shows)
}

function bytesOf(notebook: Notebook): Uint8Array {
  return new TextEncoder().encode(write(notebook))
}

type Unchanged = { readonly notebook: NotebookId; readonly base: number; readonly label: string | undefined }

async function unchanged(world: LibraryWorld, actor: Actor, { notebook, base, label }: Unchanged): Promise<Versioned<Saved>> {
  const found =
    label === undefined
      ? await resolveVersion(world, actor, "edit", { notebook, version: base })
      : await labelVersion(world, actor, { notebook, version: base, label })
  return found.ok ? accepted({ version: found.value, created: false }) : found
}

type Documents = (version: number) => Promise<Notebook>

const KEPT = 3

/** Versions as documents; the last few stay in memory. */
function documentsOf(world: LibraryWorld, notebook: NotebookId): Documents {
  const known = new Map<number, Promise<Notebook>>()
  const fetched = async (number: number): Promise<Notebook> => {
    const reading = read(await versionBytes(world, await certainVersion(world.db, notebook, number)))
    if (!reading.ok) throw new Error(`version ${number} of ${notebook} was read when it was saved: ${reading.refusal.message}`)
    return reading.value.notebook
  }
  return (number) => {
    const found = known.get(number) ?? fetched(number)
    known.delete(number)
    known.set(number, found)
    found.catch(() => known.delete(number))
    for (const oldest of known.keys()) if (known.size > KEPT) known.delete(oldest)
    return found
  }
}

type Showing = { readonly cells: readonly DraftCell[]; readonly documents: Documents }

/** For every value of `shows`: what a cell of it shows. */
async function shownOf(world: DraftWorld, { cells, documents }: Showing): Promise<ReadonlyMap<string, (cell: DraftCell) => Shown | undefined>> {
  const shows = new Set(cells.filter(({ type }) => type === "code").map((cell) => cell.shows))
  const found = new Map<string, (cell: DraftCell) => Shown | undefined>()
  const executions = [...shows].flatMap((each) => /^execution:(.+)$/.exec(each)?.[1] ?? [])
  const shown = executions.length > 0 ? await world.shownByExecutions(executions) : new Map<string, Shown>()
  for (const id of executions) found.set(`execution:${id}`, () => shown.get(id))
  for (const each of shows) {
    const number = Number(/^version:(\d+)$/.exec(each)?.[1] ?? 0)
    if (number === 0) continue
    const byId = new Map((await documents(number)).cells.map((cell) => [cell.id, cell]))
    found.set(each, ({ id }) => shownBy(byId.get(id)))
  }
  return found
}

function shownBy(cell: Cell | undefined): Shown | undefined {
  return cell && { outputs: (cell.outputs ?? []) as readonly Output[], executionCount: cell.execution_count ?? null }
}
