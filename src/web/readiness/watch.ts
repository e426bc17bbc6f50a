/** Looks at the draft again when somebody has paused, while nothing else is to be done. */
import { type DraftCell, type Shown, sourceDigest, toNotebook } from "#draft/index.ts"
import type { Analyst, Output } from "#notebook/index.ts"
import { executionOf } from "#web/notebook/live-state.ts"
import type { OpenNotebook } from "#web/notebook/open-notebook.ts"
import { inStretches, openReader, whenChanged } from "#web/notebook/stale.ts"
import { type Store, storeOf } from "#web/notebook/store.ts"
import type { HeldOutputs } from "#web/notebook/version-outputs.ts"
import { type Look, lookOf } from "#web/readiness/look.ts"

export type WatchWorld = {
  readonly now: () => number
  /** Calls when nothing else is to be done; gives what takes it back. */
  readonly later: (act: () => void) => () => void
  readonly after: (ms: number, act: () => void) => () => void
  /** What a version holds for its cells, if it has been read. */
  readonly heldBy: (version: number) => ReadonlyMap<string, HeldOutputs> | undefined
}

export type Watch = { readonly look: Store<Look | null>; readonly again: () => void; readonly close: () => void }

/** Half a word is no mistake yet. */
const PAUSE_MS = 250
const RETRY_MS = 5000

export function watchReadiness(notebook: OpenNotebook, world: WatchWorld): Watch {
  const found = storeOf<Look | null>(null)
  let analyst: { readonly of: string; readonly opened: Promise<Analyst> } | undefined
  let [round, lastMs] = [0, 0]
  let cancel = () => {}
  const finish = (reader: Analyst) => {
    const from = world.now()
    const document = toNotebook(notebook.doc, (cell) => shownBy(notebook, cell, world))
    found.set(lookOf(document, reader.readiness(document)))
    lastMs = world.now() - from
  }
  const begin = async (mine: number) => {
    const of = JSON.stringify([notebook.structure.get().metadata["kernelspec"], notebook.state.get().session?.language])
    if (analyst?.of !== of) analyst = { of, opened: openReader(notebook) }
    const reader = await analyst.opened.catch(() => undefined)
    if (mine !== round || notebook.structure.get().ids.length === 0) return
    if (!reader) {
      // Its code is fetched when it is first needed, and there may be no network then.
      analyst = undefined
      cancel = world.after(RETRY_MS, again)
      return
    }
    const code = notebook.draft.cells().filter((cell) => cell.type === "code")
    cancel = inStretches(code, (cell) => reader.names(cell.text), { world, finish: () => finish(reader) })
  }
  const again = () => {
    const mine = ++round
    cancel()
    // What takes long is done less often.
    cancel = world.after(Math.max(PAUSE_MS, 8 * lastMs), () => void begin(mine))
  }
  const stop = whenChanged(notebook, again)
  again()
  return {
    look: found,
    again,
    close: () => {
      round++
      cancel()
      stop()
    },
  }
}

/** Outputs of a source that has been edited since say nothing about what stands there now. */
function shownBy({ state }: OpenNotebook, cell: DraftCell, { heldBy }: WatchWorld): Shown | undefined {
  const known = state.get()
  const execution = executionOf(known, cell.id)
  if (execution) {
    if (execution.sourceSha256 !== sourceDigest(cell.text)) return undefined
    return shown({ outputs: known.outputs.get(execution.id)?.outputs ?? [], executionCount: execution.executionCount })
  }
  const held = cell.shows.startsWith("version:") ? heldBy(Number(cell.shows.slice("version:".length)))?.get(cell.id) : undefined
  return held && shown(held)
}

function shown({ outputs, executionCount }: HeldOutputs): Shown {
  return { outputs: outputs as unknown as readonly Output[], executionCount }
}
