/** Outputs against those that stood before. */
import { cellsNamed, plainTextOf } from "#case/output.ts"
import { quoted } from "#case/value.ts"
import { type Cell, isCode, type Notebook } from "#notebook/index.ts"

type Looking = { readonly result: Notebook | undefined; readonly before?: Notebook | undefined }

/** Cells are matched by their ids. */
export function snapshotProblem({ cell }: { readonly cell?: string | undefined }, { result, before }: Looking): string | undefined {
  if (!before) return "There is nothing yet that its outputs could be compared with."
  const cells = cell === undefined ? (result?.cells.filter(isCode) ?? []) : cellsNamed(result, cell)
  if (cells.length === 0 && cell !== undefined) return `There is no cell with the id or tag ${quoted(cell)}.`
  return cells.map((one) => differenceOf(one, before)).find((said) => said !== undefined)
}

function differenceOf(cell: Cell, before: Notebook): string | undefined {
  const earlier = before.cells.find(({ id }) => id === cell.id)
  if (!earlier) return `What is shown by the cell ${quoted(cell.id)} cannot be compared: it was not there before.`
  const [was, is] = [plainTextOf(earlier), plainTextOf(cell)]
  return was === is ? undefined : `The cell ${quoted(cell.id)} showed ${quoted(was)}, and shows ${quoted(is)} now.`
}
