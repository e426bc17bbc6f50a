/** Looks at a notebook away from the page, however large it is: cells are told once, and again when they change. */
import { type Analyst, type Cell, type Notebook, openAnalyst, type Readiness } from "#notebook/index.ts"

export type Question = {
  /** Ids in order; cells that are not among them are forgotten. */
  readonly order: readonly string[]
  /** Those that the looker has not been told, or that are other than it was told. */
  readonly changed: readonly Cell[]
  readonly metadata: Notebook["metadata"]
  readonly language: Analyst["language"]
}

export type Told = { readonly ok: true; readonly readiness: Readiness } | { readonly ok: false; readonly message: string }

const cells = new Map<string, Cell>()
let analyst: Analyst | undefined

async function look({ order, changed, metadata, language }: Question): Promise<Readiness> {
  for (const cell of changed) cells.set(cell.id, cell)
  const there = new Set(order)
  for (const id of cells.keys()) if (!there.has(id)) cells.delete(id)
  if (!analyst || analyst.language !== language) analyst = await openAnalyst(language)
  const held = order.map((id) => cells.get(id)).filter((cell) => cell !== undefined)
  return analyst.readiness({ nbformat: 4, nbformat_minor: 5, metadata, cells: held } as unknown as Notebook)
}

// The page's own type library has the window's `self`, not a worker's.
const port = self as unknown as { onmessage: (message: MessageEvent<Question>) => void; postMessage: (told: Told) => void }

port.onmessage = ({ data }) => {
  look(data).then(
    (readiness) => port.postMessage({ ok: true, readiness }),
    (error) => port.postMessage({ ok: false, message: error instanceof Error ? error.message : String(error) }),
  )
}
