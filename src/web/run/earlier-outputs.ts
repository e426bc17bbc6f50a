/** Which outputs stand before one, in the order of the notebook: what is kept, and what a run under way has shown since. Pure. */
import type { LiveOutput } from "#api/live.ts"
import type { CellShown } from "#web/outputs/stage/shown.ts"
import type { LiveCellShown } from "#web/run/live.ts"
import type { OutlineCell } from "#web/run/reading/outline.ts"

export type Viewed = {
  readonly cells: readonly Pick<OutlineCell, "id">[]
  readonly live?: ReadonlyMap<string, Pick<LiveCellShown, "outputs">> | undefined
  readonly isReport?: boolean | undefined
}

/** With the cell itself; nothing where there is no such cell. */
export function earlierIn({ cells, live, isReport }: Viewed, kept: readonly CellShown[], cell: string): readonly CellShown[] {
  const at = cells.findIndex(({ id }) => id === cell)
  const shown = new Map(kept.map((each) => [each.cell, each.outputs]))
  return cells.slice(0, at + 1).flatMap(({ id }) => {
    const outputs = live?.get(id)?.outputs ?? shown.get(id) ?? []
    return outputs.length === 0 ? [] : [{ cell: id, outputs: shownOf(outputs, isReport ?? false) }]
  })
}

/** For who only wants to know what it says errors are left out, they are told otherwise. */
export function shownOf(outputs: readonly LiveOutput[], isReport: boolean): readonly LiveOutput[] {
  return isReport ? outputs.filter(({ output_type: type }) => type !== "error") : outputs
}
