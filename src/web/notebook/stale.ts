/** Which cells show what their source does not say any more. Pure, but for the digests that it remembers. */
import { sourceDigest } from "#draft/index.ts"
import { executionOf, type LiveState } from "#web/notebook/live-state.ts"
import type { OpenNotebook } from "#web/notebook/open-notebook.ts"
import { type Store, storeOf } from "#web/notebook/store.ts"

export type Source = { readonly id: string; readonly text: string }

/** Edited since they ran: their source is another than the one that was executed. `digest` may remember. */
export function editedSince(cells: readonly Source[], state: LiveState, digest: (cell: Source) => string): ReadonlySet<string> {
  const edited = new Set<string>()
  for (const cell of cells) {
    const execution = executionOf(state, cell.id)
    if (!execution || execution.startedAt === null) continue
    if (execution.sourceSha256 !== digest(cell)) edited.add(cell.id)
  }
  return edited
}

export function watchStale(notebook: OpenNotebook): { readonly stale: Store<ReadonlySet<string>>; readonly close: () => void } {
  const stale = storeOf<ReadonlySet<string>>(new Set())
  const known = new Map<string, { readonly text: string; readonly digest: string }>()
  const digest = ({ id, text }: Source) => {
    const was = known.get(id)
    if (was?.text === text) return was.digest
    const now = { text, digest: sourceDigest(text) }
    known.set(id, now)
    return now.digest
  }
  const look = () => {
    const state = notebook.state.get()
    if (state.newest.size === 0) return
    const ran = [...state.newest.keys()].map((id) => notebook.draft.cell(id)).filter((cell) => cell !== undefined)
    const next = editedSince(ran, state, digest)
    if (!alike(stale.get(), next)) stale.set(next)
  }
  let { newest } = notebook.state.get()
  const stopTexts = notebook.texts.watchAll(look)
  const stopState = notebook.state.subscribe(() => {
    const now = notebook.state.get().newest
    if (now === newest) return
    newest = now
    look()
  })
  return {
    stale,
    close: () => {
      stopTexts()
      stopState()
    },
  }
}

function alike(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  return a.size === b.size && [...a].every((each) => b.has(each))
}
