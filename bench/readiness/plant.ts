/** Notebooks that rerun clean, broken in the two ways in which people break them: a cell deleted, and a cell moved. */
import { isCode, type Notebook } from "#notebook/index.ts"

export type Planted = { readonly notebook: Notebook; readonly what: string }

/** Always the same ones for a notebook: `many` of each kind where there are so many cells. */
export function planted(notebook: Notebook, many: number): readonly Planted[] {
  const code = notebook.cells.flatMap((cell, at) => (isCode(cell) && cell.source.trim() !== "" ? [at] : []))
  const spread = (at: number) => code[Math.floor(((at + 0.5) * code.length) / many)]
  const picks = [...new Set(Array.from({ length: many }, (_, at) => spread(at)).filter((at) => at !== undefined))]
  return picks.flatMap((at) => [
    { notebook: with_(notebook, (cells) => cells.filter((_, i) => i !== at)), what: `cell ${at + 1} deleted` },
    {
      notebook: with_(notebook, (cells) => [...cells.slice(0, at), ...cells.slice(at + 1), ...cells.slice(at, at + 1)]),
      what: `cell ${at + 1} moved to the end`,
    },
  ])
}

/** Stored outputs are of the notebook as it was. */
function with_(notebook: Notebook, change: (cells: Notebook["cells"]) => Notebook["cells"]): Notebook {
  const cells = change(notebook.cells).map((cell) => (isCode(cell) ? { ...cell, outputs: [], execution_count: null } : cell))
  return { ...notebook, cells } as Notebook
}
