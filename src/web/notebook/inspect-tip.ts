/** What the kernel says about the thing at the cursor, in a sheet above it. */
import { StateEffect, StateField } from "@codemirror/state"
import { type EditorView, showTooltip, type Tooltip } from "@codemirror/view"

const show = StateEffect.define<Tooltip | null>()

export const inspectTip = StateField.define<Tooltip | null>({
  create: () => null,
  update: (shown, transaction) => {
    for (const effect of transaction.effects) if (effect.is(show)) return effect.value
    return transaction.docChanged || transaction.selection ? null : shown
  },
  provide: (field) => showTooltip.from(field),
})

export function isTipOpen(view: EditorView): boolean {
  return view.state.field(inspectTip, false) != null
}

export function closeTip(view: EditorView): void {
  view.dispatch({ effects: show.of(null) })
}

export function openTip(view: EditorView, text: string): void {
  const pos = view.state.selection.main.head
  view.dispatch({ effects: show.of({ pos, above: true, strictSide: false, arrow: false, create: () => ({ dom: sheet(text) }) }) })
}

function sheet(text: string): HTMLElement {
  const dom = document.createElement("div")
  dom.className = "cm-inspect"
  dom.setAttribute("role", "tooltip")
  dom.tabIndex = 0
  const pre = document.createElement("pre")
  pre.textContent = withoutAnsi(text)
  dom.append(pre)
  return dom
}

export function withoutAnsi(text: string): string {
  return text.replace(/\u001b\[[0-9;?]*[ -/]*[@-~]/g, "")
}
