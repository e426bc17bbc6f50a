/** To the place in the source that a finding is about. */
import type { Desk } from "#web/notebook/desk-type.ts"
import { at } from "#web/notebook/selection.ts"

type Where = { readonly cell: string; readonly span?: { readonly from: number; readonly to: number } | undefined }

/** Frames until an editor that is not drawn yet is there. */
const MOST_FRAMES = 60

export function show({ notebook, reveal, focusCell }: Desk, { cell, span }: Where): void {
  if (!notebook.structure.get().cells.has(cell)) return
  notebook.selection.set(at(cell, span ? "edit" : "command"))
  reveal(cell, "center")
  if (!span) return focusCell(cell)
  notebook.editors.focus(cell, span.from)
  const select = (left: number) => {
    const view = notebook.editors.of(cell)
    if (!view) return left > 0 ? void requestAnimationFrame(() => select(left - 1)) : undefined
    const { length } = view.state.doc
    view.dispatch({ selection: { anchor: Math.min(span.from, length), head: Math.min(span.to, length) }, scrollIntoView: true })
  }
  select(MOST_FRAMES)
}
