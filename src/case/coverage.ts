/** Which cells of a notebook its test cases run. */
import { type Cell, isCode, type Notebook, tagsOf } from "#notebook/index.ts"

/** Ids of the cells that ran in one case, and of those that gave way to others. */
export type CaseCells = { readonly ran: ReadonlySet<string>; readonly mocked: ReadonlySet<string> }

export type CellCoverage = {
  readonly id: string
  /** Among all cells, from 1. */
  readonly number: number
  readonly tags: readonly string[]
  /** Its first line that says something. */
  readonly line: string
  /** In how many cases it ran as it is. */
  readonly cases: number
  /** In how many it was replaced. */
  readonly mocked: number
}

/** One for each cell that could run. */
export function coverageOf(notebook: Notebook, cases: readonly CaseCells[]): readonly CellCoverage[] {
  return notebook.cells.flatMap((cell, at) => {
    if (!mayRun(cell)) return []
    const { id } = cell
    const mocked = cases.filter((one) => one.mocked.has(id)).length
    const ran = cases.filter((one) => one.ran.has(id) && !one.mocked.has(id)).length
    return [{ id, number: at + 1, tags: tagsOf(cell), line: firstLine(cell), cases: ran, mocked }]
  })
}

export function shareOf(cells: readonly CellCoverage[]): { readonly covered: number; readonly total: number } {
  return { covered: cells.filter(({ cases }) => cases > 0).length, total: cells.length }
}

function mayRun(cell: Cell): boolean {
  return isCode(cell) && cell.source.trim() !== "" && !tagsOf(cell).includes("skip-execution")
}

function firstLine({ source }: Cell): string {
  const lines = source.split("\n").map((line) => line.trim())
  return lines.find((line) => line !== "" && !/^(?:#|\/\/|--|%%)/u.test(line)) ?? lines.find((line) => line !== "") ?? ""
}
