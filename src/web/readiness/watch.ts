/** Looks at the draft again when somebody has paused. */
import { type DraftCell, sourceDigest } from "#draft/index.ts"
import type { Analyst, Cell, Finding, Notebook, Readiness } from "#notebook/index.ts"
import { executionOf } from "#web/notebook/live-state.ts"
import type { OpenNotebook } from "#web/notebook/open-notebook.ts"
import { whenChanged } from "#web/notebook/stale.ts"
import { type Store, storeOf } from "#web/notebook/store.ts"
import { languageIn } from "#web/notebook/structure.ts"
import type { HeldOutputs } from "#web/notebook/version-outputs.ts"
import type { Around } from "#web/readiness/around-known.ts"
import { type Look, lookOf } from "#web/readiness/look.ts"
import type { Looker } from "#web/readiness/looker.ts"

export type WatchWorld = {
  readonly after: (ms: number, act: () => void) => () => void
  readonly looker: Looker
  /** What a version holds for its cells, if it has been read. */
  readonly heldBy: (version: number) => ReadonlyMap<string, HeldOutputs> | undefined
}

export type Watch = {
  readonly look: Store<Look | null>
  readonly again: () => void
  /** What stands around the notebook from now on; null: nothing is known. */
  readonly surround: (around: Around | null) => void
  readonly close: () => void
}

/** Half a word is no mistake yet. */
const PAUSE_MS = 250
const RETRY_MS = 5000

export function watchReadiness(notebook: OpenNotebook, world: WatchWorld): Watch {
  const found = storeOf<Look | null>(null)
  const documentNow = documentsOf(notebook, world)
  let [isLooking, isAsked, isClosed] = [false, false, false]
  let around: Around | null = null
  let cancel = () => {}
  const look = async () => {
    isAsked = isLooking
    if (isLooking || notebook.structure.get().ids.length === 0) return
    isLooking = true
    const document = documentNow()
    // Its code is fetched when it is first needed, and there may be no network then.
    const known = around
    const readiness = await world.looker.look(document, { language: languageOf(notebook), around: known }).catch(() => undefined)
    isLooking = false
    if (isClosed) return
    if (readiness) found.set(lookOf(document, withoutImported(readiness, notebook), known))
    else cancel = world.after(RETRY_MS, look)
    if (isAsked) again()
  }
  const again = () => {
    cancel()
    cancel = world.after(PAUSE_MS, look)
  }
  const stop = whenChanged(notebook, again)
  again()
  return {
    look: found,
    again,
    surround: (now) => {
      if (now === around) return
      around = now
      again()
    },
    close: () => {
      isClosed = true
      cancel()
      stop()
      world.looker.close()
    },
  }
}

/** A cell that has just run in the session that lives has what it imports, wherever that comes from. */
function withoutImported(readiness: Readiness, { state, draft }: OpenNotebook): Readiness {
  const known = state.get()
  const isImported = ({ rule, cell: id }: Finding) => {
    const [execution, cell] = rule === "missing_import" ? [executionOf(known, id), draft.cell(id)] : []
    if (execution?.state !== "succeeded" || execution.session !== known.session?.id || !cell) return false
    return execution.sourceSha256 === digestOf(cell)
  }
  const findings = readiness.findings.filter((finding) => !isImported(finding))
  return findings.length === readiness.findings.length ? readiness : { ...readiness, findings }
}

/** What the notebook says it is in, or else what its kernel speaks; Python where neither says anything. */
function languageOf({ structure, state }: OpenNotebook): Analyst["language"] {
  const language = languageIn(structure.get().metadata) || (state.get().session?.language ?? "").toLowerCase() || "python"
  return language === "r" || language === "python" ? language : undefined
}

type Known = { readonly from: DraftCell; readonly held: HeldOutputs | undefined; readonly cell: Cell }

/** What the draft says, as a notebook. A cell that did not change is the same object as before. */
function documentsOf(notebook: OpenNotebook, world: WatchWorld): () => Notebook {
  let known = new Map<string, Known>()
  const read = (from: DraftCell): Known => {
    const held = from.type === "code" ? heldFor(notebook, from, world) : undefined
    const was = known.get(from.id)
    const isSame = was?.from === from && was.held?.outputs === held?.outputs && was.held?.executionCount === held?.executionCount
    return isSame ? was : { from, held, cell: cellOf(from, held) }
  }
  return () => {
    const cells = notebook.draft.cells().map(read)
    known = new Map(cells.map((each) => [each.from.id, each]))
    return {
      nbformat: 4,
      nbformat_minor: 5,
      metadata: notebook.structure.get().metadata,
      cells: cells.map(({ cell }) => cell),
    } as unknown as Notebook
  }
}

function cellOf({ id, type, text: source, metadata }: DraftCell, held: HeldOutputs | undefined): Cell {
  const shown = type === "code" ? { outputs: held?.outputs ?? NO_OUTPUTS, execution_count: held?.executionCount ?? null } : {}
  return { id, cell_type: type, metadata, source, ...shown } as unknown as Cell
}

const NO_OUTPUTS: HeldOutputs["outputs"] = []

/** Outputs of a source that has been edited since say nothing about what stands there now. */
function heldFor({ state }: OpenNotebook, cell: DraftCell, { heldBy }: WatchWorld): HeldOutputs | undefined {
  const known = state.get()
  const execution = executionOf(known, cell.id)
  if (!execution) return cell.shows.startsWith("version:") ? heldBy(Number(cell.shows.slice("version:".length)))?.get(cell.id) : undefined
  if (execution.sourceSha256 !== digestOf(cell)) return undefined
  return { outputs: known.outputs.get(execution.id)?.outputs ?? NO_OUTPUTS, executionCount: execution.executionCount }
}

const digests = new WeakMap<DraftCell, string>()

/** A cell stays the same object until it changes. */
function digestOf(cell: DraftCell): string {
  const digest = digests.get(cell) ?? sourceDigest(cell.text)
  digests.set(cell, digest)
  return digest
}
