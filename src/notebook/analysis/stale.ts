/** Which cells show what their source no longer says. */
import { type FlowCell, flowOf } from "#notebook/analysis/flow.ts"

/** What ran last of a cell in this session. */
export type Executed = {
  /** SHA-256 of the source that ran. */
  readonly sourceSha256: string
  /** Its place among all executions of the session: a larger number ran later. */
  readonly order: number
}

/** A cell as it is now. */
export type StaleCell = FlowCell & { readonly sourceSha256: string }

export type Stale =
  /** Its source was changed after it ran. */
  | { readonly why: "edited" }
  /** It used `name` of the cell `on`, which has changed, ran again later, or has not run at all. */
  | { readonly why: "depends"; readonly on: string; readonly name: string }

/** The stale cells among those that have run, by id. */
export function staleCells(
  cells: readonly StaleCell[],
  executed: ReadonlyMap<string, Executed>,
  isBuiltin: (name: string) => boolean,
): ReadonlyMap<string, Stale> {
  const ran = cells.filter(({ id }) => executed.has(id))
  const inOrder = ran.toSorted((a, b) => (executed.get(a.id)?.order ?? 0) - (executed.get(b.id)?.order ?? 0))
  const stale = new Map<string, Stale>()
  for (const { id, sourceSha256 } of ran) if (executed.get(id)?.sourceSha256 !== sourceSha256) stale.set(id, { why: "edited" })
  const asWritten = flowOf(cells, isBuiltin).dependencies
  const asRun = flowOf(inOrder, isBuiltin).dependencies
  for (const { cell, on, name } of asWritten) {
    const its = executed.get(cell)
    const provider = executed.get(on)
    if (its && !stale.has(cell) && (provider === undefined || provider.order > its.order)) stale.set(cell, { why: "depends", on, name })
  }
  spread(stale, executed, [...asWritten, ...asRun])
  return stale
}

/** What depends on a stale cell is stale, until nothing more is. */
function spread(
  stale: Map<string, Stale>,
  executed: ReadonlyMap<string, Executed>,
  dependencies: readonly { cell: string; on: string; name: string }[],
): void {
  const users = Map.groupBy(dependencies, ({ on }) => on)
  const left = [...stale.keys()]
  for (let on = left.pop(); on !== undefined; on = left.pop()) {
    for (const { cell, name } of users.get(on) ?? []) {
      if (stale.has(cell) || !executed.has(cell)) continue
      stale.set(cell, { why: "depends", on, name })
      left.push(cell)
    }
  }
}
