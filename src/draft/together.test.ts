/** What two people do to the same cells, each before they know of the other; sent and heard when the test says so. */
import { expect, test } from "vitest"
import * as Y from "yjs"
import { checkUpdate, deleteCells, fillDraft, mergeCells, openDraft, setSource, settler, splitCell, undoOf } from "#draft/index.ts"
import { notebookOf } from "#notebook/testing.ts"

type Person = { readonly doc: Y.Doc; readonly undo: Y.UndoManager; readonly sends: () => void; readonly hears: () => void }

/** A server and two people, who send and hear when they are told to. */
function scene(...cells: readonly string[]) {
  const server = new Y.Doc()
  server.clientID = 1
  fillDraft(server, notebookOf(...cells), 1)
  const settle = settler(server)
  const person = (client: number): Person => {
    const doc = new Y.Doc()
    doc.clientID = client
    const hears = () => Y.applyUpdate(doc, Y.encodeStateAsUpdate(server, Y.encodeStateVector(doc)), "remote")
    hears()
    const sends = () => {
      const update = Y.encodeStateAsUpdate(doc, Y.encodeStateVector(server))
      const checked = checkUpdate(server, update, { mayWriteAs: (writer) => writer === client, mostCells: 100 })
      if (!checked.ok) throw new Error(checked.refusal.message)
      settle(checked.value, () => Y.applyUpdate(server, update))
    }
    return { doc, undo: undoOf(doc), sends, hears }
  }
  const said = (doc = server) =>
    openDraft(doc)
      .cells()
      .map(({ text }) => text)
  return { ann: person(101), bob: person(102), said }
}

test("of two who delete the same cell one takes it back: it is there", () => {
  const { ann, bob, said } = scene("one", "two")
  deleteCells(ann.doc, ["c0"])
  deleteCells(bob.doc, ["c0"])
  ann.sends()
  bob.sends()
  bob.hears()
  bob.undo.undo()
  expect(said(bob.doc)).toEqual(["one", "two"])
  bob.sends()
  expect(said()).toEqual(["one", "two"])
})

test("a line break that was deleted by one and left out at a cut by another does not take its neighbour along", () => {
  const { ann, bob, said } = scene("a", "\nx")
  mergeCells(ann.doc, ["c0", "c1"])
  splitCell(ann.doc, "c0", [3])
  ann.sends()
  setSource(bob.doc, "c1", "x")
  bob.sends()
  expect(said()).toEqual(["a", "x"])
})

test("typing, splitting, and undoing all of it, again and again, comes to what it was", () => {
  const { ann, said } = scene("one\ntwo", "three")
  const states: string[][] = [said(ann.doc)]
  const step = (act: () => unknown) => {
    ann.undo.stopCapturing()
    act()
    states.push(said(ann.doc))
  }
  step(() => setSource(ann.doc, "c0", "one\nand a half\ntwo"))
  step(() => splitCell(ann.doc, "c0", [4, 15]))
  step(() =>
    mergeCells(
      ann.doc,
      openDraft(ann.doc)
        .cells()
        .map(({ id }) => id)
        .slice(1),
    ),
  )
  step(() => splitCell(ann.doc, "c0", [2]))
  for (let round = 0; round < 3; round++) {
    for (const state of states.slice(0, -1).toReversed()) {
      ann.undo.undo()
      ann.sends()
      ann.hears()
      expect(said(ann.doc)).toEqual(state)
      expect(said()).toEqual(state)
    }
    for (const state of states.slice(1)) {
      ann.undo.redo()
      ann.sends()
      ann.hears()
      expect(said(ann.doc)).toEqual(state)
    }
  }
})
