/** The editors that exist at the moment, by cell, and the wish to be in one that does not exist yet. */
import type { EditorView } from "@codemirror/view"

export type Editors = {
  readonly add: (cell: string, view: EditorView) => () => void
  readonly of: (cell: string) => EditorView | undefined
  readonly all: () => Iterable<readonly [string, EditorView]>
  /** Puts the cursor into the cell's editor, as soon as there is one. */
  readonly focus: (cell: string, place?: Place) => void
  /** Whether somebody wants to be in this cell's editor. */
  readonly isWanted: (cell: string) => boolean
  readonly forgetWish: () => void
}

/** A text with an offset: where that text stands in the cell. */
type Place = "start" | "end" | "kept" | number | { readonly text: string; readonly offset: number }

export function editorsOf(): Editors {
  const views = new Map<string, EditorView>()
  let wish: { readonly cell: string; readonly place: Place } | null = null
  const enter = (view: EditorView, place: Place) => {
    wish = null
    view.focus()
    if (place === "kept") return
    const go = () => view.dispatch({ selection: { anchor: headOf(view.state.doc.toString(), place) }, scrollIntoView: true })
    // An editor has what the document says only once everybody who listens to the document was told.
    if (typeof place === "object") queueMicrotask(go)
    else go()
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

function headOf(text: string, place: Exclude<Place, "kept">): number {
  if (place === "start") return 0
  if (place === "end") return text.length
  if (typeof place === "number") return Math.min(place, text.length)
  const start = text.lastIndexOf(place.text)
  return start < 0 ? text.length : start + place.offset
}
