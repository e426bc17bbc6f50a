/** Looks at a notebook away from the page, however large it is: cells are told once, and again when they change. */
import { type Analyst, type Cell, type Circumstances, type Notebook, openAnalyst, type Readiness } from "#notebook/index.ts"
import { type Around, circumstancesIn } from "#web/readiness/around-known.ts"

export type Question = {
  /** Ids in order; cells that are not among them are forgotten. */
  readonly order: readonly string[]
  /** Those that the looker has not been told, or that are other than it was told. */
  readonly changed: readonly Cell[]
  readonly metadata: Notebook["metadata"]
  readonly language: Analyst["language"]
  /** What stands around it; null: nothing is known. Left out when it is what was told before. */
  readonly around?: Around | null
}

export type Told = { readonly ok: true; readonly readiness: Readiness } | { readonly ok: false; readonly message: string }

const cells = new Map<string, Cell>()
let analyst: Analyst | undefined
let around: Around | null = null
let circumstances: Circumstances = {}

async function look({ order, changed, metadata, language, around: told }: Question): Promise<Readiness> {
  for (const cell of changed) cells.set(cell.id, cell)
  const there = new Set(order)
  for (const id of cells.keys()) if (!there.has(id)) cells.delete(id)
  const isOther = analyst?.language !== language
  if (!analyst || isOther) analyst = await openAnalyst(language)
  if (told !== undefined) around = told
  if (told !== undefined || isOther) circumstances = around ? circumstancesIn(around, language) : {}
  const held = order.map((id) => cells.get(id)).filter((cell) => cell !== undefined)
  return analyst.readiness({ nbformat: 4, nbformat_minor: 5, metadata, cells: held } as unknown as Notebook, circumstances)
}

// The page's own type library has the window's `self`, not a worker's.
const port = self as unknown as { onmessage: (message: MessageEvent<Question>) => void; postMessage: (told: Told) => void }

port.onmessage = ({ data }) => {
  look(data).then(
    (readiness) => port.postMessage({ ok: true, readiness }),
    (error) => port.postMessage({ ok: false, message: error instanceof Error ? error.message : String(error) }),
  )
}
