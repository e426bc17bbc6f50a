/** The source of a cell: coloured text until there is time for an editor, or until somebody wants to type. */
import type { EditorView } from "@codemirror/view"
import { type PointerEvent, useCallback, useEffect, useLayoutEffect, useRef, useState, useSyncExternalStore } from "react"
import { flushSync } from "react-dom"
import { actOnCells } from "#web/notebook/act-cells.ts"
import css from "#web/notebook/cell.module.css"
import { useDesk, useMay } from "#web/notebook/desk.tsx"
import { createEditor, setAccess, setLanguage, setLines } from "#web/notebook/editor.ts"
import { drawCode } from "#web/notebook/highlight.ts"
import { languageNamed, languageOfCell, languages } from "#web/notebook/languages.ts"
import { pasteIntoCell } from "#web/notebook/paste.ts"
import { at } from "#web/notebook/selection.ts"
import { type CellShape, languageIn } from "#web/notebook/structure.ts"
import { useStore } from "#web/notebook/use-store.ts"
import { showsLines } from "#web/notebook/view-state.ts"
import { readinessMarks } from "#web/readiness/marks.ts"
import { useReadiness } from "#web/readiness/readiness.tsx"

type Props = { readonly cell: CellShape; readonly label: string; readonly isEditing: boolean }

export function CodeCell({ cell, label, isEditing }: Props) {
  const { notebook, hydration } = useDesk()
  const [isLive, setLive] = useState(() => isEditing || notebook.editors.isWanted(cell.id))
  const shows = useStore(notebook.view, (view) => showsLines(view, cell.id))
  useEffect(() => (isLive ? undefined : hydration.request(() => setLive(true))), [isLive, hydration])
  useEffect(() => {
    if (isEditing) setLive(true)
  }, [isEditing])
  const awaken = (event: PointerEvent) => {
    if (isLive || event.button !== 0) return
    const { clientX: x, clientY: y } = event
    flushSync(() => setLive(true))
    const view = notebook.editors.of(cell.id)
    if (!view) return
    event.preventDefault()
    notebook.editors.focus(cell.id, view.posAtCoords({ x, y }) ?? "end")
  }
  return (
    <div className={css["source"]} onPointerDown={awaken}>
      {isLive ? <Editor cell={cell} label={label} shows={shows} /> : <StillCode cell={cell} shows={shows} />}
    </div>
  )
}

function useLanguage(cell: CellShape) {
  const { notebook } = useDesk()
  const own = useStore(notebook.structure, (structure) => languageIn(structure.metadata))
  const session = useStore(notebook.state, (state) => state.session?.language ?? "")
  const name = useText(cell, (text) => languageOfCell(cell.type, text, own || session || "python"))
  return useStore(languages, () => languageNamed(name))
}

/** Something that is read from the text of the cell; drawn anew only when that is another. */
export function useText<Part extends string | number | boolean>(cell: CellShape, read: (text: string) => Part): Part {
  const { notebook } = useDesk()
  const subscribe = useCallback((listener: () => void) => notebook.texts.watch(cell.id, listener), [notebook, cell.id])
  return useSyncExternalStore(subscribe, () => read(cell.source.toString()))
}

function StillCode({ cell, shows }: { readonly cell: CellShape; readonly shows: boolean }) {
  const place = useRef<HTMLDivElement>(null)
  const language = useLanguage(cell)
  const { notebook } = useDesk()
  useLayoutEffect(() => {
    const draw = () => place.current && drawCode(place.current, cell.source.toString(), language)
    draw()
    return notebook.texts.watch(cell.id, draw)
  }, [notebook, cell.id, cell.source, language])
  const wraps = cell.type === "code" ? "" : css["wrapped"]
  return (
    <div className={`${css["still"]} ${shows ? css["still-lines"] : ""}`}>
      <div ref={place} className={`${css["still-content"]} ${wraps}`} />
    </div>
  )
}

function Editor({ cell, label, shows }: { readonly cell: CellShape; readonly label: string; readonly shows: boolean }) {
  const context = useDesk()
  const { look } = useReadiness()
  const place = useRef<HTMLDivElement>(null)
  const view = useRef<EditorView | null>(null)
  const language = useLanguage(cell)
  const may = useMay()
  const now = useRef({ context, language, shows, may: may.edit, label })
  now.current = { context, language, shows, may: may.edit, label }
  // biome-ignore lint/correctness/useExhaustiveDependencies: the text and the type make the editor; everything else is set in it
  useLayoutEffect(() => {
    const { notebook, desk, onKey, complete } = context
    const editor = createEditor({
      notebook,
      cell,
      parent: place.current!,
      label: now.current.label,
      language: now.current.language,
      showsLines: now.current.shows,
      mayEdit: now.current.may,
      complete,
      marks: readinessMarks(look, cell.id),
      onKey,
      onLeave: (by) => leave(context, cell.id, by),
      onFocus: () => notebook.selection.change((was) => (was.active === cell.id && was.mode === "edit" ? was : at(cell.id, "edit"))),
      onUndo: (what) => actOnCells(desk, what),
      onPaste: (event) => pasteIntoCell(desk, cell.id, event),
    })
    view.current = editor
    const forget = notebook.editors.add(cell.id, editor)
    return () => {
      forget()
      view.current = null
      editor.destroy()
    }
  }, [context, look, cell.id, cell.source, cell.type])
  useEffect(() => {
    if (view.current) setLanguage(view.current, language)
  }, [language])
  useEffect(() => {
    if (view.current) setLines(view.current, shows)
  }, [shows])
  useEffect(() => {
    if (view.current) setAccess(view.current, may.edit)
  }, [may.edit])
  return <div ref={place} className={css["editor"]} />
}

/** With the arrows, from the last line of a cell into the next. */
function leave({ notebook, desk }: ReturnType<typeof useDesk>, cell: string, by: 1 | -1): boolean {
  const { ids, cells } = notebook.structure.get()
  const next = ids[ids.indexOf(cell) + by]
  if (next === undefined) return false
  const isProse = cells.get(next)?.type === "markdown"
  notebook.selection.set(at(next, isProse ? "command" : "edit"))
  desk.reveal(next)
  if (isProse) desk.focusCell(next)
  else notebook.editors.focus(next, by > 0 ? "start" : "end")
  return true
}
