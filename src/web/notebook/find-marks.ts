/** Marks in an editor what the search over the notebook has found in this cell. */
import { RangeSet, StateEffect, StateField } from "@codemirror/state"
import { Decoration, type DecorationSet, EditorView } from "@codemirror/view"

export type Mark = { readonly from: number; readonly to: number; readonly isCurrent: boolean }

const set = StateEffect.define<readonly Mark[]>()
const FOUND = Decoration.mark({ class: "cm-found" })
const CURRENT = Decoration.mark({ class: "cm-found cm-found-current" })

export const findMarks = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update: (marks, transaction) => {
    for (const effect of transaction.effects) if (effect.is(set)) return decorated(effect.value, transaction.state.doc.length)
    return transaction.docChanged ? marks.map(transaction.changes) : marks
  },
  provide: (field) => EditorView.decorations.from(field),
})

export function markFound(view: EditorView, marks: readonly Mark[]): void {
  if (marks.length === 0 && view.state.field(findMarks, false)?.size === 0) return
  view.dispatch({ effects: set.of(marks) })
}

function decorated(marks: readonly Mark[], length: number): DecorationSet {
  const within = marks.filter((mark) => mark.to <= length)
  return RangeSet.of(
    within.map((mark) => (mark.isCurrent ? CURRENT : FOUND).range(mark.from, mark.to)),
    true,
  )
}
