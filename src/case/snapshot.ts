/** Outputs against those that stood before, by the comparison of notebook/compare: what is of the moment (addresses, times) is no difference. */
import { cellsNamed } from "#case/output.ts"
import { isAdded } from "#case/rig.ts"
import { quoted } from "#case/value.ts"
import { compareNotebooks, type Notebook, passes } from "#notebook/index.ts"

type Looking = { readonly result: Notebook | undefined; readonly before?: Notebook | undefined }

export function snapshotProblem({ cell }: { readonly cell?: string | undefined }, { result, before }: Looking): string | undefined {
  if (!before || !result) return "There is nothing yet that its outputs could be compared with."
  const named = cell === undefined ? undefined : new Set(cellsNamed(result, cell).map(({ id }) => id))
  if (named?.size === 0) return `There is no cell with the id or tag ${quoted(cell ?? "")}.`
  const { cells } = compareNotebooks(before, { ...result, cells: result.cells.filter((one) => !isAdded(one)) })
  const compared = cells.filter((one) => named === undefined || named.has(one.cell))
  const wrong = compared.find((one) => one.is !== "unknown" && !passes(one))
  if (wrong) return `Cell ${wrong.number} does not show what it showed: ${wrong.why}`
  const unknown = compared.find(({ is }) => is === "unknown")
  const isAny = compared.some(({ is }) => is !== "unknown")
  return unknown && (named !== undefined || !isAny) ? `What cell ${unknown.number} shows cannot be compared: ${unknown.why}` : undefined
}
