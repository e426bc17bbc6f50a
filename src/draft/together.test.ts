/** What two people do to the same cells, each before they know of the other; sent and heard when the test says so. */
import { expect, test } from "vitest"
import * as Y from "yjs"
import { checkUpdate, deleteCells, fillDraft, insertCell, mergeCells, openDraft, setSource, settler, splitCell, undoOf } from "#draft/index.ts"
import { certainCell, sourceOf } from "#draft/schema.ts"
import { notebookOf } from "#notebook/testing.ts"

/**
 * A draft as it was kept when an undo wrote no records: "one\\ntwo" was split and that undone, "three" and "four" were merged, split, and
 * the split undone and done again.
 */
const KEPT =
  "AhxNACcBBWNlbGxzBDI1LTABKABNAAR0eXBlAXcEY29kZScATQAGc291cmNlAgQATQIDdHdvKABNAAVvcmRlcgF3BjcwMFZIMicATQAIbWV0YWRhdGEBIQBNAARsaWZlASgATQADY3V0" +
  "AXYFBGZyb213AmMwAnRvdwQyNS0wBHJ1bnN1AXUEfQF9Cn0DfQEFaW1hZ2V1A32NAX0DfQMEc2tpcH0AgQEMAaFNCAHEAQgBCQQKdHdvqE0LAXcGdW5ib3JugQEXBigAARsJaW50by8y" +
  "NS1oAXYFBGZyb213AmMyAnRvdwJjMQRydW5zdQF1BH0BfR59BH0BBWltYWdldQN9jQF9E30EBHNraXB9AKgBJAF3Bm1lcmdlZCcBBWNlbGxzBDI1LXABKABNGQR0eXBlAXcEY29kZScA" +
  "TRkGc291cmNlAgQATRsEZm91cigATRkFb3JkZXIBdwY3MDExSDInAE0ZCG1ldGFkYXRhASEATRkEbGlmZQEoAE0ZA2N1dAF2BQRmcm9tdwJjMQJ0b3cEMjUtcARydW5zdQF1BH2NAX0R" +
  "fQZ9AQVpbWFnZXUDfY0BfRx9BARza2lwfQKBTRYBoU0iAcEBF00RBqFNJQGoTSwBdwVhbGl2ZRkBACcBBG1ldGEIbWV0YWRhdGEBKAEEbWV0YQRiYXNlAX0BKAEEbWV0YQVtaW5vcgF9" +
  "BScBBWNlbGxzAmMwASgAAQMEdHlwZQF3BGNvZGUnAAEDBnNvdXJjZQIEAAEFA29uZYEBCAQoAAEDBW9yZGVyAXcENzAwMCcAAQMIbWV0YWRhdGEBKAABAwRsaWZlAXcFYWxpdmUnAQVj" +
  "ZWxscwJjMQEoAAEQBHR5cGUBdwRjb2RlJwABEAZzb3VyY2UCBAABEgV0aHJlZSgAARAFb3JkZXIBdwQ3MDEwJwABEAhtZXRhZGF0YQEoAAEQBGxpZmUBdwVhbGl2ZScBBWNlbGxzAmMy" +
  "ASgAARsEdHlwZQF3BGNvZGUnAAEbBnNvdXJjZQIEAAEdBGZvdXIoAAEbBW9yZGVyAXcENzAyMCcAARsIbWV0YWRhdGEBIQABGwRsaWZlAQJNBQgBCgIRBiIBJAkBAgkEJAE="

type Person = { readonly doc: Y.Doc; readonly undo: Y.UndoManager; readonly sends: () => void; readonly hears: () => void }

function scene(...cells: readonly string[]) {
  const server = new Y.Doc()
  server.clientID = 1
  fillDraft(server, notebookOf(...cells), 1)
  return sceneOf(server)
}

/** A server and two people, who send and hear when they are told to. */
function sceneOf(server: Y.Doc) {
  const settle = settler(server)
  const person = (client: number): Person => {
    const doc = new Y.Doc()
    doc.clientID = client
    const hears = () => Y.applyUpdate(doc, Y.encodeStateAsUpdate(server, Y.encodeStateVector(doc)), "remote")
    hears()
    const waiting: Uint8Array[] = []
    doc.on("update", (update: Uint8Array, origin: unknown) => {
      if (origin !== "remote") waiting.push(update)
    })
    const sends = () => {
      for (const update of waiting.splice(0)) {
        const checked = checkUpdate(server, update, { mayWriteAs: (writer) => writer === client, mostCells: 100 })
        if (!checked.ok) throw new Error(checked.refusal.message)
        settle(checked.value, () => Y.applyUpdate(server, update))
      }
    }
    return { doc, undo: undoOf(doc), sends, hears }
  }
  const said = (doc = server) =>
    openDraft(doc)
      .cells()
      .map(({ text }) => text)
  return { ann: person(101), bob: person(102), cat: person(103), dan: person(104), said }
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

test.each(["ann", "bob"] as const)("of two who split the same cell in different places both have split it, whoever is first: %s", (first) => {
  const { ann, bob, said } = scene("abcdef")
  splitCell(ann.doc, "c0", [2])
  splitCell(bob.doc, "c0", [4])
  for (const each of first === "ann" ? [ann, bob] : [bob, ann]) each.sends()
  expect(said()).toEqual(["ab", "cd", "ef"])
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

test("the half of a split that somebody else has merged on stays where they put it when the split is undone", () => {
  const { ann, bob, said } = scene("ab", "next")
  const [half] = splitCell(ann.doc, "c0", [1])
  ann.sends()
  bob.hears()
  mergeCells(bob.doc, [half as string, "c1"])
  mergeCells(bob.doc, ["c0", half as string])
  bob.sends()
  ann.hears()
  ann.undo.undo()
  ann.sends()
  expect(said().join("").replaceAll("\n", "")).toBe("abnext")
})

test("what somebody else has deleted or typed in the half of a split is deleted and typed when the split is undone", () => {
  const { ann, bob, said } = scene("abcdef")
  const [half] = splitCell(ann.doc, "c0", [3])
  ann.sends()
  bob.hears()
  setSource(bob.doc, half as string, "dXf")
  bob.sends()
  ann.hears()
  ann.undo.undo()
  ann.sends()
  expect(said()).toEqual(["abcdXf"])
})

test("what somebody else has typed in text that an undo has brought together goes with its half when that is split again by redo", () => {
  const { ann, bob, said } = scene("abcdef")
  splitCell(ann.doc, "c0", [3])
  ann.undo.undo()
  ann.sends()
  bob.hears()
  setSource(bob.doc, "c0", "abcdXef")
  bob.sends()
  ann.undo.redo()
  ann.sends()
  expect(said()).toEqual(["abc", "dXef"])
})

test("what was deleted and is back by undo is not there twice where somebody has cut it off before they knew", () => {
  const { ann, bob, said } = scene("abcdef")
  const source = sourceOf(certainCell(ann.doc, "c0"))
  ann.doc.transact(() => source.delete(4, 1), "stet:person")
  ann.undo.undo()
  splitCell(bob.doc, "c0", [3])
  bob.sends()
  ann.sends()
  expect(said()).toEqual(["abc", "def"])
})

test("a half that somebody else has cut off in the meantime stays when a merge and a split of it are undone", () => {
  const { ann, bob, said } = scene("one", "two")
  splitCell(bob.doc, "c1", [0])
  mergeCells(ann.doc, ["c0", "c1"])
  ann.sends()
  bob.sends()
  ann.undo.stopCapturing()
  splitCell(ann.doc, "c0", [0])
  for (let steps = 0; steps < 2; steps++) {
    ann.undo.undo()
    ann.sends()
  }
  expect(said().filter((text) => text.trim() !== "")).toEqual(["one", "two"])
})

test("of two who merge the same cell one takes it back before either merge is settled: it is there once", () => {
  const { ann, bob, said } = scene("one", "two", "three")
  mergeCells(ann.doc, ["c1", "c2"])
  mergeCells(bob.doc, ["c0", "c1", "c2"])
  ann.sends()
  bob.hears()
  bob.undo.undo()
  bob.sends()
  expect(
    said()
      .join(" ")
      .match(/one|two|three/g),
  ).toEqual(["one", "two", "three"])
})

test("a merge whose text others have merged on, taken back and done again, leaves that text where it is", () => {
  const { ann, bob, said } = scene("one", "two", "three")
  mergeCells(bob.doc, ["c0", "c1"])
  mergeCells(ann.doc, ["c1", "c2"])
  bob.sends()
  ann.sends()
  ann.hears()
  ann.undo.undo()
  ann.undo.redo()
  ann.sends()
  expect(
    said()
      .join(" ")
      .match(/one|two|three/g),
  ).toEqual(["one", "two", "three"])
})

test("the undo of a split of a cell that somebody else has deleted does not leave the text in both", () => {
  const { ann, bob, said } = scene("one", "two")
  splitCell(ann.doc, "c0", [0])
  ann.undo.undo()
  ann.undo.redo()
  deleteCells(bob.doc, ["c0"])
  bob.sends()
  ann.hears()
  ann.undo.undo()
  ann.sends()
  expect(sourceOf(certainCell(ann.doc, "c0")).toString()).toBe("")
  expect(said()).toEqual(["one", "two"])
})

test("text that is merged into a cell whose empty rest was split, and that undone, goes where the cell's text went", () => {
  const { ann, bob, cat, dan, said } = scene("one", "two", "three")
  mergeCells(cat.doc, ["c0", "c1", "c2"])
  const source = sourceOf(certainCell(dan.doc, "c2"))
  dan.doc.transact(() => source.insert(source.length, "typed"), "stet:person")
  splitCell(ann.doc, "c2", [0])
  ann.sends()
  bob.hears()
  splitCell(bob.doc, "c2", [0])
  bob.undo.undo()
  for (const each of [bob, cat, dan]) each.sends()
  expect(said()).toEqual(["one\n\ntwo\n\n", "threetyped"])
})

test("text that has gone on from a place that an undo and a redo have taken back is still the same text when somebody splits where it began", () => {
  const { ann, bob, cat, said } = scene("abc", "def", "ghi")
  for (const ids of [
    ["c1", "c2"],
    ["c0", "c1"],
  ]) {
    mergeCells(ann.doc, ids)
    ann.undo.stopCapturing()
  }
  ann.undo.undo()
  splitCell(bob.doc, "c1", [0])
  ann.undo.redo()
  splitCell(cat.doc, "c2", [0])
  for (const each of [bob, ann, cat]) each.sends()
  expect(
    [...said().join("")]
      .filter((letter) => letter !== "\n")
      .sort()
      .join(""),
  ).toBe("abcdefghi")
})

test("text of a merge that was carried on stays when the merge is taken back by who has not heard that others have moved it meanwhile", () => {
  const { ann, bob, cat, said } = scene("abc", "def", "ghi")
  const first = insertCell(bob.doc, { at: 0, type: "code", source: "" })
  bob.sends()
  cat.hears()
  splitCell(bob.doc, "c1", [1, 3])
  mergeCells(bob.doc, ["c0", "c1"])
  mergeCells(cat.doc, [first, "c0"])
  mergeCells(ann.doc, ["c0", "c1"])
  cat.sends()
  ann.sends()
  ann.hears()
  bob.sends()
  ann.undo.undo()
  ann.sends()
  expect(
    [...said().join("")]
      .filter((letter) => letter !== "\n")
      .sort()
      .join(""),
  ).toBe("abcdefghi")
})

test("a draft from before undo wrote records opens, and is edited and undone on", () => {
  const server = new Y.Doc()
  server.clientID = 2
  Y.applyUpdate(server, Buffer.from(KEPT, "base64"))
  const { ann, bob, said } = sceneOf(server)
  expect(said()).toEqual(["one\ntwo", "three", "four"])
  const ids = () =>
    openDraft(ann.doc)
      .cells()
      .map(({ id }) => id)
  const steps: (() => unknown)[] = [
    () => mergeCells(ann.doc, ids()),
    () => splitCell(ann.doc, ids()[0] as string, [3, 10]),
    () => mergeCells(ann.doc, ids().slice(1)),
  ]
  const states = [said()]
  for (const step of steps) {
    ann.undo.stopCapturing()
    step()
    ann.sends()
    states.push(said())
  }
  bob.hears()
  for (const state of states.slice(0, -1).toReversed()) {
    ann.undo.undo()
    ann.sends()
    expect(said()).toEqual(state)
  }
  setSource(bob.doc, openDraft(bob.doc).cells()[1]?.id ?? "", "two and more")
  bob.sends()
  expect(said().join("")).toContain("and more")
})

test("records that lead round in a circle, whoever wrote them, end", () => {
  const { ann, bob, said } = scene("aaa", "bbb", "ccc")
  const first = (doc: Y.Doc, id: string) => (sourceOf(certainCell(doc, id))._start as Y.Item).id
  const [a, b, c] = ["c0", "c1", "c2"].map((id) => first(ann.doc, id)) as [Y.ID, Y.ID, Y.ID]
  const move = (from: string, was: Y.ID, to: string, is: Y.ID) => {
    const record = { from, to, runs: [[was.client, was.clock, 3, 1]], image: [is.client, is.clock, 3], skip: 0 }
    ann.doc.transact(() => certainCell(ann.doc, to).set("cut", record), "stet:person")
  }
  move("c0", a, "c1", b)
  move("c1", b, "c2", c)
  move("c2", c, "c0", a)
  ann.sends()
  const source = sourceOf(certainCell(bob.doc, "c0"))
  bob.doc.transact(() => source.insert(2, "typed"), "stet:person")
  bob.sends()
  expect(said().join("")).toContain("typed")
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
