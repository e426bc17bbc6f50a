/** The page's side of the looker: one question at a time. */
import type { Cell, Notebook, Readiness } from "#notebook/index.ts"
import type { Around } from "#web/readiness/around-known.ts"
import type { Question, Told } from "#web/readiness/looker.worker.ts"
import lookerUrl from "#web/readiness/looker.worker.ts?worker&url"

export type Looker = {
  /** @throws Error when it could not look: its code did not come, or it ran out of memory */
  readonly look: (notebook: Notebook, meant: { readonly language: Question["language"]; readonly around: Around | null }) => Promise<Readiness>
  readonly close: () => void
}

export function openLooker(): Looker {
  let worker: Worker | undefined
  let told = new Map<string, Cell>()
  let toldAround: Around | null = null
  const close = () => {
    worker?.terminate()
    worker = undefined
    told = new Map()
    toldAround = null
  }
  return {
    look: (notebook, { language, around }) =>
      new Promise((resolve, reject) => {
        worker ??= new Worker(lookerUrl, { type: "module", name: "looker" })
        worker.onmessage = ({ data }: MessageEvent<Told>) => (data.ok ? resolve(data.readiness) : reject(new Error(data.message)))
        worker.onerror = () => {
          close()
          reject(new Error("The notebook could not be looked at."))
        }
        const changed = notebook.cells.filter((cell) => told.get(cell.id) !== cell)
        told = new Map(notebook.cells.map((cell) => [cell.id, cell]))
        const news = around === toldAround ? {} : { around }
        toldAround = around
        worker.postMessage({ order: [...told.keys()], changed, metadata: notebook.metadata, language, ...news } satisfies Question)
      }),
    close,
  }
}
