/** The cells: those near the screen as rows, the rest as blank space of their height. */
import { useQueryClient } from "@tanstack/react-query"
import { type DragEvent, useMemo, useRef, useState } from "react"
import { moveCells } from "#draft/index.ts"
import { chosenIn } from "#web/notebook/act-cells.ts"
import css from "#web/notebook/cell.module.css"
import { CellRow } from "#web/notebook/cell-row.tsx"
import { useDesk } from "#web/notebook/desk.tsx"
import { CELL_DRAG, type Drop, dropAt } from "#web/notebook/drag.ts"
import { earlierOutputs } from "#web/notebook/earlier-outputs.ts"
import { useSessionComm } from "#web/notebook/session-comm.ts"
import { useStore } from "#web/notebook/use-store.ts"
import type { RowWindow } from "#web/notebook/use-window.ts"
import { piecesIn } from "#web/notebook/windowing.ts"
import { drawnWith } from "#web/outputs/drawn-with.ts"
import { OutputStage } from "#web/outputs/stage/output-stage.tsx"

export function CellList({ rows }: { readonly rows: RowWindow }) {
  const { notebook } = useDesk()
  const ids = useStore(notebook.structure, (structure) => structure.ids)
  const pinned = useStore(notebook.selection, (selection) => ids.indexOf(selection.active))
  const drag = useDrag()
  const comm = useSessionComm()
  const session = useStore(notebook.state, (state) => state.session)
  const metadata = useStore(notebook.structure, (structure) => structure.metadata)
  const { kernel, environment: named, widgetState } = useMemo(() => drawnWith(metadata), [metadata])
  const queries = useQueryClient()
  const earlier = useMemo(() => earlierOutputs(notebook, queries), [notebook, queries])
  const isPrinting = useStore(notebook.view, (view) => view.isPrinting)
  // Without a kernel, that of the one which the notebook asks for.
  const environment = session?.environment || named
  return (
    <OutputStage
      sessionComm={comm}
      widgetState={widgetState}
      kernel={session?.kernelName ?? kernel}
      environment={environment}
      notebook={notebook.id}
      earlier={earlier}
      isWhole={isPrinting}
    >
      <div ref={drag.list} className={css["cells"]} data-cells="" role="feed" aria-label="Cells" {...drag.handlers}>
        {piecesIn({ span: rows.span, count: ids.length, pinned, heightAt: rows.heightAt }).map((piece) =>
          piece.is === "space" ? (
            <div key={piece.key} style={{ height: piece.height }} aria-hidden="true" />
          ) : (
            <CellRow key={ids[piece.index]} id={ids[piece.index]!} index={piece.index} count={ids.length} />
          ),
        )}
        {drag.line !== null && <div className={css["drop"]} style={{ top: drag.line }} aria-hidden="true" />}
      </div>
    </OutputStage>
  )
}

function useDrag() {
  const { notebook } = useDesk()
  const list = useRef<HTMLDivElement>(null)
  const [line, setLine] = useState<number | null>(null)
  const isCell = (event: DragEvent) => event.dataTransfer.types.includes(CELL_DRAG)
  const target = (event: DragEvent): Drop | undefined => dropAt(rowsIn(list.current), event.clientY)
  const handlers = {
    onDragOver: (event: DragEvent) => {
      if (!isCell(event)) return
      event.preventDefault()
      setLine(lineOf(list.current, target(event)))
    },
    onDragLeave: (event: DragEvent) => {
      if (!list.current?.contains(event.relatedTarget as Node | null)) setLine(null)
    },
    onDrop: (event: DragEvent) => {
      if (!isCell(event)) return
      event.preventDefault()
      setLine(null)
      const dragged = event.dataTransfer.getData(CELL_DRAG)
      const drop = target(event)
      const chosen = chosenIn(notebook)
      const moving = chosen.includes(dragged) ? chosen : [dragged]
      const beside = drop && ("before" in drop ? drop.before : drop.after)
      if (!drop || beside === undefined || moving.includes(beside) || !notebook.structure.get().cells.has(dragged)) return
      notebook.undo.stopCapturing()
      moveCells(notebook.doc, moving, drop)
      notebook.undo.stopCapturing()
    },
  }
  return { list, line, handlers }
}

function rowsIn(list: HTMLElement | null) {
  return [...(list?.querySelectorAll<HTMLElement>(":scope > [data-cell]") ?? [])].map((row) => {
    const { top, bottom } = row.getBoundingClientRect()
    return { cell: row.dataset["cell"] ?? "", top, bottom }
  })
}

function lineOf(list: HTMLElement | null, drop: Drop | undefined): number | null {
  const beside = drop && ("before" in drop ? drop.before : drop.after)
  const row = rowsIn(list).find((each) => each.cell === beside)
  if (!list || !row || !drop) return null
  return ("before" in drop ? row.top : row.bottom) - list.getBoundingClientRect().top
}
