/** The editors that exist at the moment, by cell, and the wish to be in one that does not exist yet. */
import type { EditorView } from "@codemirror/view"

export type Editors = {
  readonly add: (cell: string, view: EditorView) => () => void
  readonly of: (cell: string) => EditorView | undefined
  readonly all: () => Iterable<readonly [string, EditorView]>
  /** Puts the cursor into the cell's editor, as soon as there is one. */
  readonly focus: (cell: string, place?: "start" | "end" | "kept" | number) => void
  /** Whether somebody wants to be in this cell's editor. */
  readonly isWanted: (cell: string) => boolean
  readonly forgetWish: () => void
}

type Place = "start" | "end" | "kept" | number

export function editorsOf(): Editors {
  const views = new Map<string, EditorView>()
  let wish: { readonly cell: string; readonly place: Place } | null = null
  const enter = (view: EditorView, place: Place) => {
    wish = null
    view.focus()
    if (place === "kept") return
    const head = place === "start" ? 0 : place === "end" ? view.state.doc.length : Math.min(place, view.state.doc.length)
    view.dispatch({ selection: { anchor: head }, scrollIntoView: true })
  }
  return {
    add: (cell, view) => {
      views.set(cell, view)
      if (wish?.cell === cell) enter(view, wish.place)
      return () => {
        if (views.get(cell) === view) views.delete(cell)
      }
    },
    of: (cell) => views.get(cell),
    all: () => views,
    focus: (cell, place = "kept") => {
      const view = views.get(cell)
      if (view) enter(view, place)
      else wish = { cell, place }
    },
    isWanted: (cell) => wish?.cell === cell,
    forgetWish: () => {
      wish = null
    },
  }
}
