import { useCallback } from "react"
import { useDesk } from "#web/notebook/desk.tsx"
import { at } from "#web/notebook/selection.ts"
import type { OpenCell } from "#web/outputs/open-cell.ts"

/** From a traceback to the cell that it names by its execution count, and to the line. */
export function useOpenCell(): OpenCell {
  const { notebook, desk } = useDesk()
  return useCallback(
    ({ executionCount, line }) => {
      const execution = [...notebook.state.get().executions.values()].findLast((each) => each.executionCount === executionCount)
      if (!execution || !notebook.structure.get().cells.has(execution.cell))
        return desk.say({ text: `The cell that ran as ${executionCount} is not in the notebook any more.` })
      const { cell } = execution
      notebook.selection.set(at(cell, "edit"))
      desk.reveal(cell, "center")
      notebook.editors.focus(cell, line === undefined ? "kept" : lineStart(notebook.draft.cell(cell)?.text ?? "", line))
    },
    [notebook, desk],
  )
}

function lineStart(text: string, line: number): number {
  let offset = 0
  for (let number = 1; number < line; number++) {
    const end = text.indexOf("\n", offset)
    if (end < 0) return text.length
    offset = end + 1
  }
  return offset
}
