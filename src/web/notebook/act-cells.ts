/** Commands that change cells. Each is one step of the person's undo. */
import type { Json } from "#base/json.ts"
import {
  bringBackCells,
  type DraftCell,
  deleteCells,
  insertCell,
  mergeCells,
  moveCells,
  type NewCell,
  PERSON,
  type Place,
  pasteCells,
  setCellMetadata,
  setCellTags,
  setSource,
  setType,
  splitCell,
} from "#draft/index.ts"
import type { Command } from "#web/notebook/bindings.ts"
import { type Pasted, readCells, writtenCells } from "#web/notebook/clipboard.ts"
import type { Desk } from "#web/notebook/desk-type.ts"
import { shownExecution } from "#web/notebook/live-state.ts"
import type { OpenNotebook } from "#web/notebook/open-notebook.ts"
import { at, selectedCells } from "#web/notebook/selection.ts"

export type CellCommand = Extract<
  Command,
  | `insert.${string}`
  | `cells.${string}`
  | `type.${string}`
  | `heading.${string}`
  | "undo"
  | "redo"
  | "cell.split"
  | "cell.mergeAbove"
  | "cell.mergeBelow"
  | "cell.parameters"
>

const PREFIXES = ["insert.", "cells.", "type.", "heading."]
const OTHERS = new Set<Command>(["undo", "redo", "cell.split", "cell.mergeAbove", "cell.mergeBelow", "cell.parameters"])
export const CELL_COMMANDS = { has: (command: Command) => OTHERS.has(command) || PREFIXES.some((prefix) => command.startsWith(prefix)) }

export function actOnCells(desk: Desk, command: CellCommand): void {
  const { undo } = desk.notebook
  // What was typed before, and what will be, are steps of their own.
  undo.stopCapturing()
  if (command === "undo" || command === "redo") return stepBack(desk, command)
  if (command.startsWith("heading.")) toHeading(desk, Number(command.slice("heading.".length)))
  else DO[command as keyof typeof DO](desk)
  undo.stopCapturing()
}

const DO = {
  "insert.above": (desk: Desk) => insert(desk, "before"),
  "insert.below": (desk: Desk) => insert(desk, "after"),
  "cells.copy": copy,
  "cells.cut": (desk: Desk) => {
    copy(desk)
    remove(desk)
  },
  "cells.paste": (desk: Desk) => paste(desk, "after"),
  "cells.pasteAbove": (desk: Desk) => paste(desk, "before"),
  "cells.duplicate": duplicate,
  "cells.delete": remove,
  "cells.merge": (desk: Desk) => {
    const chosen = chosenIn(desk.notebook)
    merge(desk, chosen.length > 1 ? chosen : withNeighbour(desk.notebook, 1))
  },
  "cell.mergeAbove": (desk: Desk) => merge(desk, withNeighbour(desk.notebook, -1)),
  "cell.mergeBelow": (desk: Desk) => merge(desk, withNeighbour(desk.notebook, 1)),
  "cell.split": split,
  "cells.moveUp": (desk: Desk) => move(desk, -1),
  "cells.moveDown": (desk: Desk) => move(desk, 1),
  "type.code": (desk: Desk) => retype(desk, "code"),
  "type.markdown": (desk: Desk) => retype(desk, "markdown"),
  "type.raw": (desk: Desk) => retype(desk, "raw"),
  "cell.parameters": (desk: Desk) => makeParameters(desk.notebook),
} satisfies Record<Exclude<CellCommand, "undo" | "redo" | `heading.${string}`>, (desk: Desk) => void>

export function chosenIn({ selection, structure }: OpenNotebook): readonly string[] {
  return selectedCells(selection.get(), structure.get().ids)
}

function withNeighbour({ selection, structure }: OpenNotebook, by: 1 | -1): readonly string[] {
  const { ids } = structure.get()
  const place = ids.indexOf(selection.get().active)
  const other = ids[place + by]
  return place < 0 || other === undefined ? [] : [ids[place]!, other]
}

/** A cell of the type that the one beside it has; raw ones are rare enough to be asked for. */
export function insert({ notebook, reveal, focusCell }: Desk, side: "before" | "after", type = "code", content: Omit<NewCell, "type"> = {}): string {
  const { active } = notebook.selection.get()
  const place = active === "" ? { at: notebook.structure.get().ids.length } : side === "before" ? { before: active } : { after: active }
  const id = insertCell(notebook.doc, { ...content, type, ...place })
  notebook.selection.set(at(id))
  reveal(id)
  focusCell(id)
  return id
}

function copy({ notebook, clipboard }: Desk): void {
  const text = copiedText(notebook)
  if (text !== "") clipboard.write(text)
}

/** The chosen cells as they go on the clipboard. */
export function copiedText(notebook: OpenNotebook): string {
  const cells = chosenIn(notebook)
    .map((id) => notebook.draft.cell(id))
    .filter((cell) => cell !== undefined)
  return cells.length === 0
    ? ""
    : writtenCells(
        notebook.id,
        cells.map((cell) => ({ ...cell, isShowing: isShowing(notebook, cell) })),
      )
}

/** As far as it is known here: outputs that nobody has looked at yet may be none. */
function isShowing({ state }: OpenNotebook, { id, shows }: DraftCell): boolean {
  const known = state.get()
  const execution = shownExecution(known, id, shows)
  if (execution === undefined) return shows.startsWith("version:")
  return known.outputs.get(execution)?.outputs.length !== 0
}

function paste(desk: Desk, side: "before" | "after"): void {
  pasteText(desk, desk.clipboard.read(), side)
}

export function pasteText({ notebook, reveal, say, focusCell }: Desk, text: string, side: "before" | "after"): void {
  const pasted = readCells(text)
  if (!pasted) return say({ text: "There are no cells on the clipboard. Copy some with C, or paste text into a cell.", kind: "failed" })
  const chosen = chosenIn(notebook)
  const edge = side === "before" ? chosen[0] : chosen.at(-1)
  const place = edge === undefined ? { at: notebook.structure.get().ids.length } : side === "before" ? { before: edge } : { after: edge }
  const isBack = broughtBack(notebook, pasted, place)
  if (!isBack) choose(notebook, pasteCells(notebook.doc, pasted.cells, place))
  reveal(notebook.selection.get().active)
  focusCell(notebook.selection.get().active)
  // Who reads this notebook may not be one who reads the other, and nobody puts outputs in by hand.
  if (pasted.leaves && !isBack) say({ text: "Pasted without outputs. Run the cells to have them here." })
}

/** Who cuts cells and pastes them in the same notebook moves them: they are the same cells, with what they show and what is said of them. */
function broughtBack(notebook: OpenNotebook, { cells, from }: Pasted, place: Place): boolean {
  if (from?.notebook !== notebook.id) return false
  const cut = from.ids.map((id, at) => ({ id, source: cells[at]?.source ?? "" }))
  if (!bringBackCells(notebook.doc, cut, place)) return false
  choose(notebook, from.ids)
  return true
}

function duplicate(desk: Desk): void {
  const { notebook } = desk
  const chosen = chosenIn(notebook)
  const last = chosen.at(-1)
  if (last === undefined) return
  const cells = chosen.map((id) => notebook.draft.cell(id)).filter((cell) => cell !== undefined)
  const copies = cells.map(({ type, text, metadata, attachments }) => ({ type, source: text, metadata, ...(attachments ? { attachments } : {}) }))
  choose(notebook, pasteCells(notebook.doc, copies, { after: last }))
  desk.reveal(notebook.selection.get().active)
  if (cells.some((cell) => isShowing(notebook, cell))) desk.say({ text: "Duplicated without outputs. Run the cells to have them here." })
}

function choose({ selection }: OpenNotebook, ids: readonly string[]): void {
  if (ids.length > 0) selection.set({ active: ids.at(-1)!, anchor: ids[0]!, mode: "command" })
}

/** A notebook is never without a cell: the last one is emptied instead. */
function remove(desk: Desk): void {
  const { notebook, say, focusCell } = desk
  const chosen = chosenIn(notebook)
  if (chosen.length === 0) return
  const leavesNone = chosen.length >= notebook.structure.get().ids.length
  deleteCells(notebook.doc, chosen)
  if (leavesNone) notebook.selection.set(at(insertCell(notebook.doc, { type: "code", at: 0 })))
  focusCell(notebook.selection.get().active)
  if (chosen.length > 1) say({ text: `${chosen.length} cells are deleted.`, undo: () => actOnCells(desk, "undo") })
}

function merge({ notebook, focusCell, reveal }: Desk, ids: readonly string[]): void {
  if (ids.length < 2) return
  const target = mergeCells(notebook.doc, ids)
  if (target === undefined) return
  notebook.selection.set(at(target))
  focusCell(target)
  reveal(target)
}

function split({ notebook, reveal }: Desk): void {
  const { active } = notebook.selection.get()
  const editor = notebook.editors.of(active)
  if (!editor) return
  const { ranges } = editor.state.selection
  const cuts = ranges.flatMap((range) => (range.empty ? [range.head] : [range.from, range.to]))
  const made = splitCell(notebook.doc, active, cuts)
  const next = made[0]
  if (next === undefined) return
  notebook.selection.set(at(next, "edit"))
  reveal(next)
  notebook.editors.focus(next, "start")
}

function move({ notebook, reveal }: Desk, by: 1 | -1): void {
  const { ids } = notebook.structure.get()
  const chosen = chosenIn(notebook)
  const neighbour = by < 0 ? ids[ids.indexOf(chosen[0]!) - 1] : ids[ids.indexOf(chosen.at(-1)!) + 1]
  if (neighbour === undefined || chosen.length === 0) return
  moveCells(notebook.doc, chosen, by < 0 ? { before: neighbour } : { after: neighbour })
  const { active, mode } = notebook.selection.get()
  reveal(active)
  if (mode === "edit") notebook.editors.focus(active, "kept")
}

function retype({ notebook, focusCell }: Desk, type: "code" | "markdown" | "raw"): void {
  setType(notebook.doc, chosenIn(notebook), type)
  focusCell(notebook.selection.get().active)
}

function toHeading({ notebook }: Desk, level: number): void {
  const { active } = notebook.selection.get()
  const cell = notebook.draft.cell(active)
  if (!cell) return
  const [first = "", ...rest] = cell.text.split("\n")
  const heading = `${"#".repeat(level)} ${first.replace(/^#{1,6}\s*/, "")}`
  notebook.doc.transact(() => {
    setType(notebook.doc, [active], "markdown")
    setSource(notebook.doc, active, [heading, ...rest].join("\n"))
  }, PERSON)
  notebook.selection.set(at(active))
}

function makeParameters({ structure, selection, doc }: OpenNotebook): void {
  const { active } = selection.get()
  const cell = structure.get().cells.get(active)
  if (!cell) return
  const has = cell.tags.includes("parameters")
  setCellTags(doc, active, has ? cell.tags.filter((tag) => tag !== "parameters") : [...cell.tags, "parameters"])
}

/** One goes to where something has changed: to cells that are back, otherwise to the one whose text is another. */
function stepBack({ notebook, reveal, focusCell }: Desk, what: "undo" | "redo"): void {
  const before = new Set(notebook.structure.get().ids)
  const touched = new Set<string>()
  const stop = notebook.draft.observe((change) => {
    for (const id of change.cells) touched.add(id)
  })
  if (what === "undo") notebook.undo.undo()
  else notebook.undo.redo()
  stop()
  const { ids } = notebook.structure.get()
  const back = ids.filter((id) => !before.has(id))
  if (back.length > 0) choose(notebook, back)
  else showTouched(notebook, touched)
  const { active, mode } = notebook.selection.get()
  reveal(active)
  if (mode === "edit") notebook.editors.focus(active, "kept")
  else focusCell(active)
}

function showTouched({ selection, structure }: OpenNotebook, touched: ReadonlySet<string>): void {
  const { active, mode } = selection.get()
  const first = structure.get().ids.find((id) => touched.has(id))
  if (first !== undefined && !touched.has(active)) selection.set(at(first, mode))
}

/** Sets how cells are shown, in the document for who may edit it, and only for oneself otherwise. */
export function setShown(
  notebook: OpenNotebook,
  cells: readonly string[],
  how: { readonly hidesCode?: boolean; readonly hidesOutput?: boolean; readonly scrolls?: boolean },
): void {
  if (!notebook.state.get().you?.mayEdit) {
    return notebook.view.change((was) => {
      const own = new Map(was.own)
      for (const id of cells) own.set(id, { ...own.get(id), ...how })
      return { ...was, own }
    })
  }
  notebook.doc.transact(() => {
    for (const id of cells) writeShown(notebook, id, how)
  }, PERSON)
}

function writeShown(
  { doc, structure }: OpenNotebook,
  id: string,
  { hidesCode, hidesOutput, scrolls }: { readonly hidesCode?: boolean; readonly hidesOutput?: boolean; readonly scrolls?: boolean },
): void {
  const cell = structure.get().cells.get(id)
  if (!cell) return
  const was = cell.metadata["jupyter"]
  const jupyter: Record<string, Json> = { ...(typeof was === "object" && was !== null && !Array.isArray(was) ? was : {}) } as Record<string, Json>
  const put = (key: string, value: boolean) => {
    if (value) jupyter[key] = true
    else delete jupyter[key]
  }
  if (hidesCode !== undefined) put("source_hidden", hidesCode)
  if (hidesOutput !== undefined) {
    put("outputs_hidden", hidesOutput)
    if (!hidesOutput && cell.metadata["collapsed"] === true) setCellMetadata(doc, id, "collapsed", undefined)
  }
  if (hidesCode !== undefined || hidesOutput !== undefined) setCellMetadata(doc, id, "jupyter", Object.keys(jupyter).length > 0 ? jupyter : undefined)
  if (scrolls !== undefined) setCellMetadata(doc, id, "scrolled", scrolls || undefined)
}
