/** A fix made: the notebook with its edits. */
import type { FixEdit } from "#notebook/analysis/findings.ts"
import { type Cell, type Notebook, tagsOf } from "#notebook/document.ts"

/** Edits that no longer fit (their cell is gone) are left out. */
export function fixed(notebook: Notebook, edits: readonly FixEdit[]): Notebook {
  return { ...notebook, cells: edits.reduce(edited, notebook.cells) } as Notebook
}

function edited(cells: readonly Cell[], edit: FixEdit): readonly Cell[] {
  switch (edit.kind) {
    case "move_cell": {
      const moved = cells.find(({ id }) => id === edit.cell)
      return moved === undefined || edit.before === edit.cell
        ? cells
        : inserted(
            cells.filter((cell) => cell !== moved),
            moved,
            edit.before,
          )
    }
    case "delete_cell":
      return cells.filter(({ id }) => id !== edit.cell)
    case "insert_cell":
      return cells.some(({ id }) => id === edit.id) ? cells : inserted(cells, codeCell(edit), edit.before)
    case "replace":
      return changed(
        cells,
        edit.cell,
        (cell) => ({ ...cell, source: cell.source.slice(0, edit.from) + edit.text + cell.source.slice(edit.to) }) as Cell,
      )
    case "tag_cell":
      return changed(
        cells,
        edit.cell,
        (cell) => ({ ...cell, metadata: { ...cell.metadata, tags: [...new Set([...tagsOf(cell), edit.tag])] } }) as Cell,
      )
    case "clear_outputs":
      return changed(cells, edit.cell, (cell) => ({ ...cell, outputs: [], execution_count: null }) as Cell)
  }
}

function changed(cells: readonly Cell[], id: string, change: (cell: Cell) => Cell): readonly Cell[] {
  return cells.map((cell) => (cell.id === id ? change(cell) : cell))
}

function inserted(cells: readonly Cell[], cell: Cell, before: string): readonly Cell[] {
  const at = cells.findIndex(({ id }) => id === before)
  return at < 0 ? [...cells, cell] : [...cells.slice(0, at), cell, ...cells.slice(at)]
}

function codeCell({ id, source, tags }: Extract<FixEdit, { kind: "insert_cell" }>): Cell {
  return { id, cell_type: "code", metadata: tags.length === 0 ? {} : { tags }, source, outputs: [], execution_count: null } as unknown as Cell
}
