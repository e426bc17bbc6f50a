/** A fix made in the draft: its edits as operations of the draft, together one step of the person's undo. */
import type * as Y from "yjs"
import { type Draft, deleteCells, moveCells, PERSON, pasteCells, setCellTags, setSource } from "#draft/index.ts"
import type { Fix, FixEdit, Notebook } from "#notebook/index.ts"

/** What cells show is the server's to say, so clearing it is not an edit of the draft. */
export function isForDraft({ edits }: Fix): boolean {
  return edits.length > 0 && edits.every(({ kind }) => kind !== "clear_outputs")
}

/** Whether the cells that the fix is about still say what they said in the notebook that was looked at. */
export function stillFits(draft: Draft, { edits }: Fix, looked: Notebook): boolean {
  const added = new Set(edits.flatMap((edit) => (edit.kind === "insert_cell" ? [edit.id] : [])))
  const sources = new Map(looked.cells.map(({ id, source }) => [id, source]))
  const isThere = (id: string) => id === "" || added.has(id) || draft.cell(id) !== undefined
  return edits.every((edit) => {
    if (edit.kind === "insert_cell") return isThere(edit.before)
    if (edit.kind === "move_cell" && !isThere(edit.before)) return false
    if (!isThere(edit.cell)) return false
    return edit.kind !== "replace" || added.has(edit.cell) || draft.cell(edit.cell)?.text === sources.get(edit.cell)
  })
}

/** The cells that were changed, those that are gone left out. */
export function applyFix(draft: Draft, undo: Y.UndoManager, { edits }: Fix): readonly string[] {
  undo.stopCapturing()
  const born = bear(draft, edits)
  draft.doc.transact(() => {
    for (const edit of edits) make(draft, edit, born)
  }, PERSON)
  undo.stopCapturing()
  const touched = edits.map((edit) => (edit.kind === "insert_cell" ? (born.get(edit.id) ?? "") : edit.cell))
  return [...new Set(touched)].filter((id) => draft.cell(id) !== undefined)
}

/**
 * New cells are born before the rest, at the end, and put where they belong with it: a birth is nobody's to undo and has to be out of
 * the transaction that is. By the id that the fix calls them.
 */
function bear({ doc, cells }: Draft, edits: readonly FixEdit[]): ReadonlyMap<string, string> {
  const asked = edits.filter((edit) => edit.kind === "insert_cell")
  if (asked.length === 0) return new Map()
  const made = asked.map(({ source, tags }) => ({ type: "code", source, ...(tags.length > 0 ? { metadata: { tags: [...tags] } } : {}) }))
  const ids = pasteCells(doc, made, { at: cells().length })
  return new Map(asked.map(({ id }, at) => [id, ids[at] as string]))
}

function make(draft: Draft, edit: FixEdit, born: ReadonlyMap<string, string>): void {
  const { doc } = draft
  const idOf = (id: string) => born.get(id) ?? id
  const to = (before: string) => (before === "" ? { at: draft.cells().length } : { before: idOf(before) })
  switch (edit.kind) {
    case "insert_cell":
      return moveCells(doc, [idOf(edit.id)], to(edit.before))
    case "move_cell":
      return edit.before === edit.cell ? undefined : moveCells(doc, [idOf(edit.cell)], to(edit.before))
    case "delete_cell":
      return deleteCells(doc, [idOf(edit.cell)])
    case "replace":
      return replace(draft, idOf(edit.cell), edit)
    case "tag_cell":
      return setCellTags(doc, idOf(edit.cell), [...(draft.cell(idOf(edit.cell))?.tags ?? []), edit.tag])
    case "clear_outputs":
      return undefined
  }
}

/** What is read from the text itself: the draft's cells are as they were before the transaction. */
function replace({ doc, cell }: Draft, id: string, { from, to, text }: Extract<FixEdit, { kind: "replace" }>): void {
  const now = cell(id)?.source.toString() ?? ""
  setSource(doc, id, now.slice(0, from) + text + now.slice(to))
}
