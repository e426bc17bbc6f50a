/** Where something is best put into a notebook. */
import type { Subject } from "#notebook/analysis/findings.ts"
import type { Import } from "#notebook/analysis/names.ts"

function begins({ inFunction, guarded, manner }: Import): boolean {
  return !inFunction && !guarded && manner !== "used"
}

/** The beginning of the first cell that imports, after any magics at its top; undefined when no cell does. */
export function firstPlaceFor({ cells }: Subject): { readonly cell: string; readonly at: number } | undefined {
  const cell = cells.find(({ names }) => names.imports.some(begins) && !names.magics.some(({ name }) => name.startsWith("%")))
  const first = cell?.names.imports.find((one) => begins(one) && !one.module.startsWith("__future__"))
  if (!cell || !first) return undefined
  // An import inside a block is no place for another one.
  const start = cell.cell.source.lastIndexOf("\n", first.from - 1) + 1
  return start === first.from ? { cell: cell.id, at: first.from } : undefined
}
