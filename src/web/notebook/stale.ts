/** Which cells show what is not so any more, and why: in words, by cell. */
import { sourceDigest } from "#draft/index.ts"
import type { Analyst, Executed, Stale } from "#notebook/index.ts"
import { executionOf, type LiveState } from "#web/notebook/live-state.ts"
import type { OpenNotebook } from "#web/notebook/open-notebook.ts"
import { type Store, storeOf } from "#web/notebook/store.ts"
import { languageIn } from "#web/notebook/structure.ts"

export type Source = { readonly id: string; readonly text: string }
export type Words = ReadonlyMap<string, string>

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

/** What ran in this session, in the order in which it did: what ran in another has left nothing that anything could depend on. */
export function executedIn(state: LiveState): ReadonlyMap<string, Executed> {
  const session = state.session?.id
  const ran = [...state.newest.values()]
    .map((id) => state.executions.get(id))
    .filter((execution) => execution !== undefined && execution.session === session && execution.startedAt !== null)
    .sort((a, b) => ((a?.startedAt ?? "") < (b?.startedAt ?? "") ? -1 : (a?.startedAt ?? "") > (b?.startedAt ?? "") ? 1 : 0))
  return new Map(ran.map((execution, order) => [execution!.cell, { sourceSha256: execution!.sourceSha256, order }]))
}

export function staleWords(edited: ReadonlySet<string>, found: ReadonlyMap<string, Stale>): Words {
  const words = new Map([...edited].map((id) => [id, EDITED]))
  for (const [id, stale] of found) words.set(id, stale.why === "edited" ? EDITED : `Uses ${stale.name}, which has changed since it ran`)
  return words
}

const EDITED = "Edited since it ran"

/** How long is read at a stretch, so that a key that is pressed meanwhile is not kept waiting. */
const STRETCH_MS = 6

type World = { readonly now: () => number; readonly later: (act: () => void) => () => void }

export function watchStale(notebook: OpenNotebook, world: World): { readonly stale: Store<Words>; readonly close: () => void } {
  const stale = storeOf<Words>(new Map())
  const digest = remembering()
  let analyst: Promise<Analyst> | undefined
  let round = 0
  let cancel = () => {}
  const set = (next: Words) => {
    if (!alike(stale.get(), next)) stale.set(next)
  }
  const look = async () => {
    const mine = ++round
    cancel()
    const state = notebook.state.get()
    if (state.newest.size === 0) return
    const ran = [...state.newest.keys()].map((id) => notebook.draft.cell(id)).filter((cell) => cell !== undefined)
    const edited = editedSince(ran, state, digest)
    // What is known at once is said at once.
    set(new Map([...stale.get(), ...[...edited].map((id) => [id, EDITED] as const)].filter(([id, word]) => word !== EDITED || edited.has(id))))
    analyst ??= open(notebook)
    const reader = await analyst
    if (mine !== round || !reader.isRead) return void (mine === round && set(staleWords(edited, new Map())))
    const code = notebook.draft.cells().filter((cell) => cell.type === "code")
    const finish = () => {
      const cells = code.map((cell) => ({ id: cell.id, source: cell.text, sourceSha256: digest(cell) }))
      set(staleWords(edited, reader.stale(cells, executedIn(state))))
    }
    cancel = inStretches(code, (cell) => reader.names(cell.text), { world, finish })
  }
  const stop = whenChanged(notebook, look)
  return {
    stale,
    close: () => {
      round++
      cancel()
      stop()
    },
  }
}

async function open(notebook: OpenNotebook): Promise<Analyst> {
  const { openAnalyst } = await import("#notebook/index.ts")
  const language = notebook.state.get().session?.language || languageIn(notebook.structure.get().metadata)
  return openAnalyst(language === "r" ? "r" : language === "python" ? "python" : undefined)
}

export function whenChanged(notebook: OpenNotebook, look: () => void): () => void {
  let { executions } = notebook.state.get()
  let timer: ReturnType<typeof setTimeout> | undefined
  let { ids } = notebook.structure.get()
  const stopTexts = notebook.texts.watchAll(look)
  const stopState = notebook.state.subscribe(() => {
    const now = notebook.state.get()
    if (now.executions === executions) return
    executions = now.executions
    // Running a whole notebook changes it many times a second.
    timer ??= setTimeout(() => {
      timer = undefined
      look()
    }, 150)
  })
  const stopOrder = notebook.structure.subscribe(() => {
    if (notebook.structure.get().ids === ids) return
    ids = notebook.structure.get().ids
    look()
  })
  return () => {
    clearTimeout(timer)
    stopTexts()
    stopState()
    stopOrder()
  }
}

type Reading = { readonly world: World; readonly finish: () => void }

function inStretches<Each>(all: readonly Each[], read: (each: Each) => void, { world, finish }: Reading): () => void {
  let place = 0
  let cancel = () => {}
  const stretch = () => {
    const until = world.now() + STRETCH_MS
    while (place < all.length && world.now() < until) read(all[place++]!)
    if (place < all.length) cancel = world.later(stretch)
    else finish()
  }
  cancel = world.later(stretch)
  return () => cancel()
}

function remembering(): (cell: Source) => string {
  const known = new Map<string, { readonly text: string; readonly digest: string }>()
  return ({ id, text }) => {
    const was = known.get(id)
    if (was?.text === text) return was.digest
    const digest = sourceDigest(text)
    known.set(id, { text, digest })
    return digest
  }
}

function alike(a: Words, b: Words): boolean {
  return a.size === b.size && [...a].every(([id, word]) => b.get(id) === word)
}
