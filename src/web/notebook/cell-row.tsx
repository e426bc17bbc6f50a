/** One cell: its gutter, its source, what it shows, and what can be done with it. */
import { type MouseEvent, memo, useEffect, useRef, useState } from "react"
import css from "#web/notebook/cell.module.css"
import { CellBar } from "#web/notebook/cell-bar.tsx"
import { OutputsOf } from "#web/notebook/cell-outputs-of.tsx"
import { CodeCell, useText } from "#web/notebook/code-cell.tsx"
import { useDesk, useMay } from "#web/notebook/desk.tsx"
import { Gutter, stateWords } from "#web/notebook/gutter.tsx"
import { InsertLine } from "#web/notebook/insert-line.tsx"
import { executionOf } from "#web/notebook/live-state.ts"
import { MarkdownCell } from "#web/notebook/markdown-cell.tsx"
import { ParametersForm } from "#web/notebook/parameters-form.tsx"
import { PeersHere } from "#web/notebook/presence.tsx"
import { at, type Selection, selectedCells } from "#web/notebook/selection.ts"
import type { CellShape } from "#web/notebook/structure.ts"
import { useStore } from "#web/notebook/use-store.ts"

type Props = { readonly id: string; readonly index: number; readonly count: number }

export const CellRow = memo(function CellRow({ id, index, count }: Props) {
  const { notebook } = useDesk()
  const cell = useStore(notebook.structure, (structure) => structure.cells.get(id))
  return cell ? <Row cell={cell} index={index} count={count} /> : null
})

function Row({ cell, index, count }: { readonly cell: CellShape; readonly index: number; readonly count: number }) {
  const { notebook, observeRow, stale } = useDesk()
  const element = useRef<HTMLElement>(null)
  const isActive = useStore(notebook.selection, (selection) => selection.active === cell.id)
  const isEditing = useStore(notebook.selection, (selection) => selection.active === cell.id && selection.mode === "edit")
  const isSelected = useStore(notebook.selection, (selection) => isChosen(selection, notebook.structure.get().ids, cell.id))
  const execution = useStore(notebook.state, (state) => executionOf(state, cell.id))
  const staleness = useStore(stale, (cells) => cells.get(cell.id) ?? "")
  const shown = useShown(cell)
  // What only the pointer or the active cell shows is made when it may be wanted: rows come by the dozen while one scrolls.
  const [wasPointedAt, setPointedAt] = useState(false)
  const hasTools = wasPointedAt || isActive
  useEffect(() => (element.current ? observeRow(element.current, cell.id) : undefined), [observeRow, cell.id])
  const kind = cell.type === "code" ? "code" : cell.type === "markdown" ? "text" : "raw text"
  const words = [`Cell ${index + 1} of ${count}`, kind, stateWords(execution, staleness), isSelected ? "selected" : ""]
  const label = words.filter((word) => word !== "").join(", ")
  return (
    // Keys reach it by the notebook's own handler.
    // biome-ignore lint/a11y/useKeyWithClickEvents: see above
    <article
      ref={element}
      className={css["cell"]}
      data-cell={cell.id}
      data-type={cell.type}
      data-active={isActive || undefined}
      data-editing={isEditing || undefined}
      data-selected={(isSelected && !isActive) || undefined}
      aria-label={label}
      aria-posinset={index + 1}
      aria-setsize={count}
      tabIndex={isActive || index === 0 ? 0 : -1}
      onPointerEnter={() => setPointedAt(true)}
      onClick={(event) => click(event, cell.id, notebook.selection)}
      onFocus={(event) => event.target === event.currentTarget && notebook.selection.change((was) => outside(was, cell.id))}
    >
      <InsertLine before={cell.id} hasTools={wasPointedAt} />
      <Gutter cell={cell} execution={execution} staleness={staleness} hasTools={hasTools} />
      <div className={css["body"]}>
        <Source cell={cell} label={label} isEditing={isEditing} hides={shown.hidesCode} />
        {cell.type === "code" && (shown.hidesOutput ? <HiddenOutput cell={cell} /> : <OutputsOf cell={cell} scrolls={shown.scrolls} />)}
      </div>
      <CellBar cell={cell} execution={execution} isActive={isActive} hasTools={hasTools} />
      <PeersHere cell={cell.id} />
    </article>
  )
}

/** The row itself has the focus: keys are commands, also for who came out of its editor by Shift+Tab. */
function outside(was: Selection, cell: string): Selection {
  if (was.active !== cell) return at(cell)
  return was.mode === "command" ? was : { ...was, mode: "command" }
}

function isChosen(
  selection: { readonly active: string; readonly anchor: string; readonly mode: "command" | "edit" },
  ids: readonly string[],
  cell: string,
): boolean {
  if (selection.active === cell) return true
  return selection.active !== selection.anchor && selectedCells(selection, ids).includes(cell)
}

/** A click anywhere in the row chooses the cell; with Shift, everything from the cell that was active to it. */
function click(event: MouseEvent, cell: string, selection: ReturnType<typeof useDesk>["notebook"]["selection"]): void {
  const target = event.target as HTMLElement
  const isOutput = target.closest("[data-stet-outputs]") !== null
  // What is pressed in an output is in that cell; what is pressed beside its source does something of its own.
  if (!isOutput && target.closest(".cm-editor, button, input, a, select, textarea, [role=menu]")) return
  if (event.shiftKey) {
    globalThis.getSelection()?.removeAllRanges()
    return selection.change((was) => ({ ...was, active: cell, mode: "command" }))
  }
  // Text that was just marked in an output stays marked.
  if (globalThis.getSelection()?.isCollapsed === false) return
  selection.change((was) => (was.active === cell && was.mode === "command" && was.anchor === cell ? was : at(cell)))
  if (!isOutput) (event.currentTarget as HTMLElement).focus({ preventScroll: true })
}

function useShown(cell: CellShape): { readonly hidesCode: boolean; readonly hidesOutput: boolean; readonly scrolls: boolean } {
  const { notebook } = useDesk()
  const own = useStore(notebook.view, (view) => view.own.get(cell.id))
  return { hidesCode: own?.hidesCode ?? cell.hidesCode, hidesOutput: own?.hidesOutput ?? cell.hidesOutput, scrolls: own?.scrolls ?? cell.scrolls }
}

type SourceProps = { readonly cell: CellShape; readonly label: string; readonly isEditing: boolean; readonly hides: boolean }

function Source({ cell, label, isEditing, hides }: SourceProps) {
  const may = useMay()
  if (hides && !isEditing) return <HiddenCode cell={cell} />
  if (cell.type === "markdown") return <MarkdownCell cell={cell} label={`Source of ${label}`} isEditing={isEditing} />
  return (
    <>
      {cell.tags.includes("parameters") && may.edit && <ParametersForm cell={cell} />}
      <CodeCell cell={cell} label={`Source of ${label}`} isEditing={isEditing} />
    </>
  )
}

function HiddenCode({ cell }: { readonly cell: CellShape }) {
  const { act, notebook } = useDesk()
  const first = useText(cell, (text) => text.split("\n").find((line) => line.trim() !== "") ?? "")
  const show = () => {
    notebook.selection.set(at(cell.id))
    act("cell.toggleCode")
  }
  return (
    <button type="button" className={css["hidden"]} onClick={show} title="Show the code (Shift+C)">
      <code>{first || "empty"}</code>
      <span aria-hidden="true">⋯</span>
    </button>
  )
}

function HiddenOutput({ cell }: { readonly cell: CellShape }) {
  const { act, notebook } = useDesk()
  const has = useStore(notebook.state, (state) => cell.shows !== "" || state.newest.has(cell.id))
  if (!has) return null
  const show = () => {
    notebook.selection.set(at(cell.id))
    act("cell.toggleOutput")
  }
  return (
    <button type="button" className={css["hidden"]} onClick={show} title="Show the output (O)">
      Output is hidden
      <span aria-hidden="true">⋯</span>
    </button>
  )
}
