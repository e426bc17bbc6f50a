/** One person alone: whatever they did, undo takes it back step by step to what was, and redo brings it again to what it had become. */
import fc from "fast-check"
import { expect, test } from "vitest"
import * as Y from "yjs"
import {
  bringBackCells,
  checkUpdate,
  deleteCells,
  fillDraft,
  insertCell,
  mergeCells,
  moveCells,
  openDraft,
  type Place,
  pasteCells,
  setCellTags,
  setSource,
  setType,
  settler,
  splitCell,
  undoOf,
} from "#draft/index.ts"
import { notebookOf } from "#notebook/testing.ts"

/** Numbers stand for places, which are taken from what is there. */
const anEdit = fc.oneof(
  fc.record({ does: fc.constant("type"), cell: fc.nat(9), at: fc.nat(9), text: fc.constantFrom("x", "yz", "\n", "\n\n", "🙂") }),
  fc.record({ does: fc.constant("erase"), cell: fc.nat(9), at: fc.nat(9), length: fc.integer({ min: 1, max: 4 }) }),
  fc.record({ does: fc.constant("split"), cell: fc.nat(9), at: fc.array(fc.nat(12), { minLength: 1, maxLength: 3 }) }),
  fc.record({ does: fc.constant("merge"), cell: fc.nat(9), count: fc.integer({ min: 2, max: 3 }) }),
  fc.record({ does: fc.constant("insert"), at: fc.nat(9), text: fc.constantFrom("", "new", "a\nb") }),
  fc.record({ does: fc.constant("paste"), at: fc.nat(9) }),
  fc.record({ does: fc.constant("move"), cell: fc.nat(9), at: fc.nat(9) }),
  fc.record({ does: fc.constant("retype"), cell: fc.nat(9), type: fc.constantFrom("code" as const, "markdown" as const, "raw" as const) }),
  fc.record({ does: fc.constant("tag"), cell: fc.nat(9), tag: fc.constantFrom("a", "b") }),
  fc.record({ does: fc.constant("delete"), cell: fc.nat(9) }),
  fc.record({ does: fc.constant("bring back"), at: fc.nat(9) }),
)
type Edit = typeof anEdit extends fc.Arbitrary<infer T> ? T : never

function edit(doc: Y.Doc, what: Edit): void {
  const cells = openDraft(doc).cells()
  const nth = "cell" in what ? cells[what.cell % Math.max(1, cells.length)] : undefined
  const place = { at: "at" in what && typeof what.at === "number" ? what.at % (cells.length + 1) : 0 }
  if (what.does === "insert") insertCell(doc, { ...place, type: "code", source: what.text })
  else if (what.does === "paste")
    pasteCells(
      doc,
      [
        { type: "code", source: "p" },
        { type: "markdown", source: "q" },
      ],
      place,
    )
  else if (what.does === "bring back") bringBack(doc, place)
  else if (!nth) return
  else if (what.does === "type") {
    const at = Math.min(what.at, nth.text.length)
    setSource(doc, nth.id, `${nth.text.slice(0, at)}${what.text}${nth.text.slice(at)}`.toWellFormed())
  } else if (what.does === "erase") setSource(doc, nth.id, (nth.text.slice(0, what.at) + nth.text.slice(what.at + what.length)).toWellFormed())
  else if (what.does === "split") splitCell(doc, nth.id, what.at)
  else if (what.does === "merge") {
    const first = cells.indexOf(nth)
    mergeCells(
      doc,
      cells.slice(first, first + what.count).map(({ id }) => id),
    )
  } else if (what.does === "move") moveCells(doc, [nth.id], place)
  else if (what.does === "retype") setType(doc, [nth.id], what.type)
  else if (what.does === "tag") setCellTags(doc, nth.id, [what.tag])
  else deleteCells(doc, [nth.id])
}

/** The first that was deleted. */
function bringBack(doc: Y.Doc, place: Place): void {
  const gone = [...(doc.getMap("cells") as Y.Map<Y.Map<unknown>>)].find(([, cell]) => cell.get("life") === "deleted")
  if (gone) expect(bringBackCells(doc, [{ id: gone[0], source: String(gone[1].get("source")) }], place)).toBe(true)
}

function said(doc: Y.Doc): string {
  return JSON.stringify(
    openDraft(doc)
      .cells()
      .map(({ id, type, text, tags }) => [id, type, text, tags]),
  )
}

/** A draft and one who edits it, whose every step the server takes, or none. */
function scene(isOnline: boolean) {
  const server = new Y.Doc()
  server.clientID = 1
  fillDraft(server, notebookOf("one\ntwo", "three", "four\n\nfive"), 1)
  const settle = settler(server)
  const doc = new Y.Doc()
  doc.clientID = 101
  const hears = () => Y.applyUpdate(doc, Y.encodeStateAsUpdate(server, Y.encodeStateVector(doc)), "remote")
  hears()
  const syncs = () => {
    const update = Y.encodeStateAsUpdate(doc, Y.encodeStateVector(server))
    const checked = checkUpdate(server, update, { mayWriteAs: (writer) => writer === 101, mostCells: 1000 })
    if (!checked.ok) throw new Error(checked.refusal.message)
    settle(checked.value, () => Y.applyUpdate(server, update))
    hears()
    expect(said(server)).toBe(said(doc))
  }
  return { doc, undo: undoOf(doc), synced: isOnline ? syncs : () => undefined, syncs }
}

const aStory = fc.record({
  isOnline: fc.boolean(),
  edits: fc.array(anEdit, { minLength: 1, maxLength: 12 }),
  // After all edits: so many back and forth, as far as there are any.
  walk: fc.array(fc.integer({ min: -6, max: 6 }), { maxLength: 6 }),
})

test("undo and redo of one person are each other's reverse, whatever was split, merged, moved, retyped and deleted", { timeout: 120_000 }, () => {
  fc.assert(
    fc.property(aStory, ({ isOnline, edits, walk }) => {
      const { doc, undo, synced, syncs } = scene(isOnline)
      const states = [said(doc)]
      for (const each of edits) {
        undo.stopCapturing()
        edit(doc, each)
        synced()
        // What changed nothing is no step.
        if (undo.undoStack.length === states.length) states.push(said(doc))
      }
      const goTo = (at: number) => {
        while (undo.undoStack.length > at) {
          undo.undo()
          synced()
          expect(said(doc)).toBe(states[undo.undoStack.length])
        }
        while (undo.undoStack.length < at) {
          undo.redo()
          synced()
          expect(said(doc)).toBe(states[undo.undoStack.length])
        }
      }
      for (const by of [...walk, -states.length, states.length]) goTo(Math.max(0, Math.min(states.length - 1, undo.undoStack.length + by)))
      syncs()
      expect(said(doc)).toBe(states.at(-1))
    }),
    { numRuns: 200, seed: 1 },
  )
})
