/** Commands that move about, show and hide, and open what the page has beside the cells. */

import { indentLess, toggleComment } from "@codemirror/commands"
import type { CellCommand } from "#web/notebook/act-cells.ts"
import { chosenIn, setShown } from "#web/notebook/act-cells.ts"
import type { KernelCommand } from "#web/notebook/act-kernel.ts"
import { clearOutputs } from "#web/notebook/act-outputs.ts"
import type { Command } from "#web/notebook/bindings.ts"
import type { Desk } from "#web/notebook/desk-type.ts"
import { completeOrIndent } from "#web/notebook/editor.ts"
import { closeTip, isTipOpen, openTip } from "#web/notebook/inspect-tip.ts"
import { at, extended, moved } from "#web/notebook/selection.ts"
import { type Dialog, type Rail, type ViewState, withLines } from "#web/notebook/view-state.ts"

export type ViewCommand = Exclude<Command, CellCommand | KernelCommand>

export function actOnView(desk: Desk, command: ViewCommand): void {
  DO[command](desk)
}

const FAR = Number.MAX_SAFE_INTEGER

const DO: Record<ViewCommand, (desk: Desk) => void> = {
  "edit.enter": enter,
  "edit.leave": leave,
  dismiss: (desk) => change(desk, (was) => ({ ...was, dialog: null, find: null })),
  "cell.above": (desk) => go(desk, -1),
  "cell.below": (desk) => go(desk, 1),
  "cell.first": (desk) => go(desk, -FAR),
  "cell.last": (desk) => go(desk, FAR),
  "select.above": (desk) => extend(desk, -1),
  "select.below": (desk) => extend(desk, 1),
  "select.first": (desk) => extend(desk, -FAR),
  "select.last": (desk) => extend(desk, FAR),
  "select.all": ({ notebook }) => {
    const { ids } = notebook.structure.get()
    if (ids.length > 0) notebook.selection.set({ anchor: ids[0]!, active: ids.at(-1)!, mode: "command" })
  },
  "page.down": (desk) => desk.scroll(0.8),
  "page.up": (desk) => desk.scroll(-0.8),
  "cell.toggleCode": (desk) => toggle(desk, "hidesCode", chosenIn(desk.notebook)),
  "cell.toggleOutput": (desk) => toggle(desk, "hidesOutput", chosenIn(desk.notebook)),
  "cell.toggleScroll": (desk) => toggle(desk, "scrolls", chosenIn(desk.notebook)),
  "all.toggleCode": (desk) => toggle(desk, "hidesCode", desk.notebook.structure.get().ids),
  "all.toggleOutput": (desk) => toggle(desk, "hidesOutput", desk.notebook.structure.get().ids),
  "outputs.clear": (desk) => clearOutputs(desk, chosenIn(desk.notebook)),
  "outputs.clearAll": (desk) => clearOutputs(desk, desk.notebook.structure.get().ids),
  "cell.lines": (desk) => change(desk, (was) => withLines(was, desk.notebook.selection.get().active)),
  "all.lines": (desk) => change(desk, (was) => ({ ...was, lines: !was.lines, otherLines: new Set() })),
  "cell.tags": (desk) => {
    const { active } = desk.notebook.selection.get()
    if (active !== "") open(desk, { open: "tags", cell: active })
  },
  complete: ({ notebook }) => {
    const editor = notebook.editors.of(notebook.selection.get().active)
    if (editor) completeOrIndent(editor)
  },
  inspect,
  comment: ({ notebook }) => {
    const editor = notebook.editors.of(notebook.selection.get().active)
    if (editor) toggleComment(editor)
  },
  save,
  saveNamed: (desk) => open(desk, { open: "saveNamed" }),
  find: (desk) => change(desk, (was) => ({ ...was, find: "find" })),
  replace: (desk) => change(desk, (was) => ({ ...was, find: "replace" })),
  keys: (desk) => open(desk, { open: "keys" }),
  palette: (desk) => open(desk, { open: "palette" }),
  print: (desk) => desk.print(),
  "rail.outline": (desk) => rail(desk, "outline"),
  "rail.variables": (desk) => rail(desk, "variables"),
  "rail.files": (desk) => rail(desk, "files"),
  "rail.environment": (desk) => rail(desk, "environment"),
  "rail.readiness": (desk) => rail(desk, "readiness"),
  "rail.comments": (desk) => change(desk, (was) => ({ ...was, comments: !was.comments })),
}

function change({ notebook }: Desk, how: (was: ViewState) => ViewState): void {
  notebook.view.change(how)
}

function open(desk: Desk, dialog: Dialog): void {
  change(desk, (was) => ({ ...was, dialog }))
}

function rail(desk: Desk, which: Rail): void {
  change(desk, (was) => ({ ...was, rail: was.rail === which ? null : which }))
}

function enter({ notebook, reveal }: Desk): void {
  const { active } = notebook.selection.get()
  const cell = notebook.structure.get().cells.get(active)
  if (!cell) return
  notebook.selection.set(at(active, "edit"))
  reveal(active)
  notebook.editors.focus(active, "kept")
}

function leave({ notebook, focusCell }: Desk): void {
  const { active } = notebook.selection.get()
  const editor = notebook.editors.of(active)
  if (editor && isTipOpen(editor)) return closeTip(editor)
  notebook.selection.change((was) => ({ ...was, mode: "command" }))
  focusCell(active)
}

function go({ notebook, reveal, focusCell }: Desk, by: number): void {
  notebook.selection.change((was) => moved(was, notebook.structure.get().ids, by))
  const { active } = notebook.selection.get()
  reveal(active)
  focusCell(active)
}

function extend({ notebook, reveal, focusCell }: Desk, by: number): void {
  notebook.selection.change((was) => extended(was, notebook.structure.get().ids, by))
  const { active } = notebook.selection.get()
  reveal(active)
  focusCell(active)
}

/** What differs among the cells becomes alike first. */
function toggle({ notebook }: Desk, what: "hidesCode" | "hidesOutput" | "scrolls", ids: readonly string[]): void {
  const { cells } = notebook.structure.get()
  const { own } = notebook.view.get()
  const code = ids.filter((id) => cells.get(id)?.type === "code" || what === "hidesCode")
  const isOn = (id: string) => own.get(id)?.[what] ?? cells.get(id)?.[what] ?? false
  setShown(notebook, code, { [what]: !code.every(isOn) })
}

async function inspect({ notebook, say }: Desk): Promise<void> {
  const editor = notebook.editors.of(notebook.selection.get().active)
  if (!editor) return
  const { main } = editor.state.selection
  const line = editor.state.doc.lineAt(main.head)
  if (!main.empty || /^\s*$/.test(editor.state.sliceDoc(line.from, main.head))) {
    indentLess(editor)
    return
  }
  const detail = isTipOpen(editor) ? 1 : 0
  const answer = await notebook.live.ask({ do: "inspect", code: editor.state.doc.toString(), cursor: main.head, detail })
  if (!answer.ok) return say({ text: `${answer.refusal.message} ${answer.refusal.remedy}`.trim(), kind: "failed" })
  openTip(
    editor,
    answer.value.found ? (answer.value.data["text/plain"] ?? "") : "The kernel knows nothing of this. Run the cells that define it first.",
  )
}

async function save({ notebook, say }: Desk): Promise<void> {
  const answer = await notebook.live.ask({ do: "save" })
  if (!answer.ok) return say({ text: `${answer.refusal.message} ${answer.refusal.remedy}`.trim(), kind: "failed" })
  say({ text: answer.value.created ? `Saved as version ${answer.value.version}.` : `Nothing has changed since version ${answer.value.version}.` })
}
