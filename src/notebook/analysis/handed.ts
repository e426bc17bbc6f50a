/**
 * What of other cells a cell's result rests on: their statements that define, import or change what it uses, and what those use in turn.
 * Where nobody can tell, every cell above it.
 */
import { type FlowCell, flowOf } from "#notebook/analysis/flow.ts"
import type { CellNames, NameLanguage, Span } from "#notebook/analysis/names.ts"
import { closureOf, type Sources } from "#notebook/analysis/sources.ts"

export type SourceCell = { readonly id: string; readonly source: string }

export type Handed = {
  /** Statements, or whole cells, in the notebook's order. */
  readonly sources: readonly string[]
  /** The paths of what lies beside the notebook and is brought by it or by those, and of what that brings in turn. */
  readonly modules: readonly string[]
}

type Reading = { readonly names: NameLanguage; readonly sources?: Sources | undefined }

/** @param cells the code cells in their order @param asked their ids */
export function handedTo(cells: readonly SourceCell[], asked: readonly string[], { names, sources }: Reading): ReadonlyMap<string, Handed> {
  const statements = cells.flatMap((cell) => statementsOf(cell, names.read(cell.source)))
  const on = new Map<string, string[]>()
  for (const { cell, on: other } of flowOf(statements, names.isBuiltin).dependencies) on.set(cell, [...(on.get(cell) ?? []), other])
  const others = (id: string): readonly Statement[] => {
    const at = statements.findIndex((one) => one.cell === id)
    const own = statements.filter((one) => one.cell === id)
    const above = statements.slice(0, Math.max(0, at))
    if (own.some(isOpen)) return above
    // What opens the notebook's names above may have brought any of those that are used.
    const opened = above.filter(isOpen).map((one) => one.id)
    const reached = closure([...own.map((one) => one.id), ...opened], on)
    return statements.filter((one) => one.cell !== id && reached.has(one.id))
  }
  const handed = (id: string): Handed => {
    const rests = others(id)
    const all = [...statements.filter((one) => one.cell === id), ...rests].map((one) => one.names)
    return { sources: rests.map(({ source }) => source), modules: sources ? closureOf(sources, all, names.read) : [] }
  }
  return new Map(asked.map((id) => [id, handed(id)]))
}

type Statement = FlowCell & { readonly cell: string; readonly source: string }

/** A cell whose statements are not known, or do not hold all that it does, is one. */
function statementsOf({ id, source }: SourceCell, names: CellNames): readonly Statement[] {
  const isWithin =
    ({ from, to }: Span) =>
    (event: Span) =>
      event.from >= from && event.to <= to
  const all = names.statements.map((span, at) => ({
    id: `${id}\n${at}`,
    cell: id,
    names: {
      ...names,
      events: names.events.filter(isWithin(span)),
      calls: names.calls.filter(isWithin(span)),
      imports: names.imports.filter(isWithin(span)),
      mentions: [],
    },
    source: source.slice(span.from, span.to),
  }))
  const isWhole = names.mentions.length > 0 || all.reduce((sum, one) => sum + one.names.events.length, 0) < names.events.length
  return isWhole || all.length === 0 ? [{ id, cell: id, names, source }] : all
}

function isOpen({ names: { events, mentions } }: Statement): boolean {
  return mentions.length > 0 || events.some((event) => event.do === "open" || (event.do === "define" && event.bodies.some(opensInside)))
}

function opensInside({ events }: { readonly events: CellNames["events"] }): boolean {
  return events.some((event) => event.do === "open")
}

function closure(from: readonly string[], on: ReadonlyMap<string, readonly string[]>): ReadonlySet<string> {
  const reached = new Set(from)
  for (const each of reached) for (const other of on.get(each) ?? []) reached.add(other)
  return reached
}
