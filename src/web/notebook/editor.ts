/** One cell's editor: CodeMirror, bound to the cell's text in the document. */
import { acceptCompletion, closeBrackets, closeBracketsKeymap, closeCompletion, completionStatus } from "@codemirror/autocomplete"
import { defaultKeymap, deleteLine, indentLess, indentMore } from "@codemirror/commands"
import { bracketMatching, indentOnInput, indentUnit, type Language, LanguageSupport, syntaxHighlighting } from "@codemirror/language"
import { selectNextOccurrence } from "@codemirror/search"
import { Compartment, EditorState, type Extension, Prec } from "@codemirror/state"
import { crosshairCursor, drawSelection, EditorView, keymap, lineNumbers, rectangularSelection, tooltips } from "@codemirror/view"
import { classHighlighter } from "@lezer/highlight"
import { YSyncConfig, ySync, ySyncFacet } from "y-codemirror.next"
import { cspNonce } from "#web/app/trusted.ts"
import { type Complete, completeNow, completion } from "#web/notebook/completion.ts"
import { findMarks } from "#web/notebook/find-marks.ts"
import { inspectTip } from "#web/notebook/inspect-tip.ts"
import type { OpenNotebook } from "#web/notebook/open-notebook.ts"
import { remoteCursors } from "#web/notebook/remote-cursors.ts"
import type { CellShape } from "#web/notebook/structure.ts"

export type EditorOptions = {
  readonly notebook: OpenNotebook
  readonly cell: CellShape
  readonly parent: HTMLElement
  readonly label: string
  readonly language: Language | undefined
  readonly showsLines: boolean
  readonly mayEdit: boolean
  readonly complete: Complete
  /** What is found in the cell while one types. */
  readonly marks: Extension
  /** True when it was a key of the notebook's, and has been dealt with. */
  readonly onKey: (event: KeyboardEvent) => boolean
  /** The cursor wants to leave the cell upwards or downwards. */
  readonly onLeave: (by: 1 | -1) => boolean
  readonly onFocus: () => void
  readonly onUndo: (what: "undo" | "redo") => void
  readonly onPaste: (event: ClipboardEvent, view: EditorView) => boolean
}

const language = new Compartment()
const lines = new Compartment()
const access = new Compartment()

/** The same for every cell. */
const BASE: Extension = [
  // A carriage return is a character like any other: positions here and in the document are the same.
  EditorState.lineSeparator.of("\n"),
  EditorState.allowMultipleSelections.of(true),
  EditorState.tabSize.of(4),
  indentUnit.of("    "),
  drawSelection(),
  rectangularSelection(),
  crosshairCursor(),
  bracketMatching(),
  closeBrackets(),
  indentOnInput(),
  syntaxHighlighting(classHighlighter),
  keymap.of([
    { key: "Mod-d", run: selectNextOccurrence, preventDefault: true },
    { key: "Mod-Shift-k", run: deleteLine },
    { key: "Mod-]", run: indentMore },
    { key: "Mod-[", run: indentLess },
    ...closeBracketsKeymap,
    // Undo is the notebook's, and Escape leaves the editor.
    ...defaultKeymap.filter((each) => each.key !== "Mod-Enter" && each.key !== "Shift-Mod-k" && each.key !== "Escape"),
  ]),
  inspectTip,
  findMarks,
]

export function createEditor(options: EditorOptions): EditorView {
  const { notebook, cell } = options
  const { source: text } = cell
  return new EditorView({
    parent: options.parent,
    state: EditorState.create({
      doc: text.toString(),
      extensions: [
        EditorView.cspNonce.of(cspNonce()),
        Prec.highest(handlers(options)),
        ySyncFacet.of(new YSyncConfig(text, notebook.awareness)),
        ySync,
        remoteCursors({ cell: cell.id, text, awareness: notebook.awareness, peers: notebook.peers }),
        undoKeys(options.onUndo),
        completion(options.complete),
        options.marks,
        // Outside of the cell, which is laid out by itself.
        tooltips({ parent: document.body }),
        BASE,
        cell.type === "code" ? [] : EditorView.lineWrapping,
        language.of(languageExtension(options.language)),
        lines.of(options.showsLines ? lineNumbers() : []),
        access.of(accessExtension(options.mayEdit)),
        // By its number it counts as reachable for who may only read as well: a wide line is scrolled by keyboard.
        EditorView.contentAttributes.of({ "aria-label": options.label, tabindex: "0", spellcheck: cell.type === "code" ? "false" : "true" }),
      ],
    }),
  })
}

function handlers({ onKey, onLeave, onFocus, onPaste }: EditorOptions): Extension {
  return EditorView.domEventHandlers({
    keydown: (event, view) => closesPopup(event, view) || onKey(event) || leaves(event, view, onLeave),
    focus: () => {
      onFocus()
      return false
    },
    paste: (event, view) => onPaste(event, view),
  })
}

/** A list of completions has the keys before the notebook has. */
function closesPopup(event: KeyboardEvent, view: EditorView): boolean {
  if (completionStatus(view.state) !== "active") return false
  if (event.key === "Escape") return closeCompletion(view)
  return event.key === "Tab" && !event.shiftKey && acceptCompletion(view)
}

function leaves(event: KeyboardEvent, view: EditorView, onLeave: (by: 1 | -1) => boolean): boolean {
  const by = event.key === "ArrowUp" ? -1 : event.key === "ArrowDown" ? 1 : 0
  if (by === 0 || event.shiftKey || event.altKey || event.ctrlKey || event.metaKey) return false
  if (completionStatus(view.state) === "active") return false
  const { main, ranges } = view.state.selection
  if (ranges.length > 1 || !main.empty) return false
  const next = view.moveVertically(main, by > 0)
  const isAtEdge =
    by < 0 ? next.head === 0 && view.state.doc.lineAt(main.head).number === 1 : view.state.doc.lineAt(main.head).number === view.state.doc.lines
  if (!isAtEdge || (view.lineWrapping && next.head !== main.head && next.head !== 0 && next.head !== view.state.doc.length)) return false
  return onLeave(by)
}

function undoKeys(onUndo: (what: "undo" | "redo") => void): Extension {
  const how = (what: "undo" | "redo") => () => {
    onUndo(what)
    return true
  }
  return [
    Prec.high(
      keymap.of([
        { key: "Mod-z", run: how("undo"), preventDefault: true },
        { key: "Mod-Shift-z", run: how("redo"), preventDefault: true },
        { key: "Mod-y", run: how("redo"), preventDefault: true },
      ]),
    ),
    EditorView.domEventHandlers({
      beforeinput: (event) => {
        if (event.inputType !== "historyUndo" && event.inputType !== "historyRedo") return false
        return how(event.inputType === "historyUndo" ? "undo" : "redo")()
      },
    }),
  ]
}

/** Tab: completion where something stands before the cursor, an indentation elsewhere. */
export function completeOrIndent(view: EditorView): void {
  const { main } = view.state.selection
  const before = view.state.sliceDoc(view.state.doc.lineAt(main.head).from, main.head)
  if (main.empty && /[\w.%\])"'/]$/.test(before)) completeNow(view)
  else if (main.empty) view.dispatch(view.state.replaceSelection("    "), { scrollIntoView: true, userEvent: "input" })
  else indentMore(view)
}

function languageExtension(known: Language | undefined): Extension {
  return known ? new LanguageSupport(known) : []
}

function accessExtension(mayEdit: boolean): Extension {
  return [EditorState.readOnly.of(!mayEdit), EditorView.editable.of(mayEdit)]
}

export function setLanguage(view: EditorView, known: Language | undefined): void {
  view.dispatch({ effects: language.reconfigure(languageExtension(known)) })
}

export function setLines(view: EditorView, shows: boolean): void {
  view.dispatch({ effects: lines.reconfigure(shows ? lineNumbers() : []) })
}

export function setAccess(view: EditorView, mayEdit: boolean): void {
  view.dispatch({ effects: access.reconfigure(accessExtension(mayEdit)) })
}
