import { createHash } from "node:crypto"
import fc from "fast-check"
import { expect, test } from "vitest"
import * as Y from "yjs"
import type { Json } from "#base/json.ts"
import {
  applyNotebook,
  authoredText,
  bringBackCells,
  deleteCells,
  fillDraft,
  insertCell,
  mergeCells,
  moveCells,
  openDraft,
  pasteCells,
  setCellMetadata,
  setCellTags,
  setSource,
  setType,
  sourceDigest,
  splitCell,
  toNotebook,
  undoOf,
} from "#draft/index.ts"
import { ordersIn } from "#draft/order.ts"
import { mergeEdits, textEdits } from "#draft/text.ts"
import { write } from "#notebook/index.ts"
import { arbitraryText, notebookOf, reading } from "#notebook/testing.ts"

function draftOf(...sources: readonly string[]): Y.Doc {
  const doc = new Y.Doc()
  fillDraft(doc, notebookOf(...sources), 1)
  return doc
}

/** As "id: source" where the id was given, else the source alone. */
function said(doc: Y.Doc): string[] {
  return openDraft(doc)
    .cells()
    .map(({ text }) => text)
}

const id = (doc: Y.Doc, at: number) => openDraft(doc).cells()[at]?.id as string

test("a draft that nobody edited gives the very bytes of its notebook", () => {
  const text = write({
    nbformat: 4,
    nbformat_minor: 5,
    metadata: {
      kernelspec: { name: "python3" },
      odd: reading('{"nbformat":4,"metadata":{"n":[1.0,1e-7,1180591620717411303424,-0]},"cells":[]}').notebook.metadata["n"] as Json,
    },
    future: { deep: [1] },
    cells: [
      { id: "a", cell_type: "code", metadata: { tags: ["parameters"] }, source: "x = 1\n", outputs: [], execution_count: 3 },
      { id: "b", cell_type: "markdown", metadata: {}, source: "![](attachment:p.png)", attachments: { "p.png": { "image/png": "AAAA" } } },
      { id: "c", cell_type: "raw", metadata: { __proto__x: 1 }, source: "", unheard: true },
    ],
  } as never)
  const doc = new Y.Doc()
  fillDraft(doc, reading(text).notebook, 4)
  const copy = new Y.Doc()
  Y.applyUpdate(copy, Y.encodeStateAsUpdate(doc))
  const outputs = { outputs: [], executionCount: 3 }
  expect(write(toNotebook(copy, ({ shows }) => (shows === "version:4" ? outputs : undefined)))).toBe(text)
})

test("cells are inserted, moved, retyped and deleted, each one step of undo", () => {
  const doc = draftOf("a", "b", "c")
  const undo = undoOf(doc)
  const step = (act: () => unknown) => {
    undo.stopCapturing()
    act()
  }
  step(() => insertCell(doc, { after: "c0", type: "code", source: "new" }))
  expect(said(doc)).toEqual(["a", "new", "b", "c"])
  step(() => moveCells(doc, ["c2", "c0"], { at: 1 }))
  expect(said(doc)).toEqual(["new", "c", "a", "b"])
  step(() => setType(doc, ["c1"], "markdown"))
  step(() => deleteCells(doc, ["c2", "c0"]))
  step(() => setSource(doc, "c1", "bb"))
  expect(said(doc)).toEqual(["new", "bb"])
  const seen: string[] = []
  while (undo.undoStack.length > 0) {
    undo.undo()
    seen.push(said(doc).join(" "))
  }
  expect(seen).toEqual(["new b", "new c a b", "new c a b", "a new b c", "a b c"])
  while (undo.redoStack.length > 0) undo.redo()
  expect(said(doc)).toEqual(["new", "bb"])
  expect(openDraft(doc).cell("c1")?.type).toBe("markdown")
})

test("cells that were cut are there again where they are pasted, with what they show; undone, they are cut", () => {
  const doc = draftOf("a", "b", "c")
  const [shows, undo] = [openDraft(doc).cell("c0")?.shows, undoOf(doc)]
  const cut = [
    { id: "c1", source: "b" },
    { id: "c0", source: "a" },
  ]
  expect(bringBackCells(doc, cut, { at: 0 }), "they are there").toBe(false)
  deleteCells(doc, ["c0", "c1"])
  undo.stopCapturing()
  expect(
    bringBackCells(
      doc,
      [
        { id: "c1", source: "b" },
        { id: "c0", source: "changed" },
      ],
      { at: 0 },
    ),
  ).toBe(false)
  expect(said(doc)).toEqual(["c"])
  expect(bringBackCells(doc, cut, { after: "c2" })).toBe(true)
  expect(said(doc)).toEqual(["c", "b", "a"])
  expect(openDraft(doc).cell("c0")?.shows).toBe(shows)
  undo.undo()
  expect(said(doc)).toEqual(["c"])
  undo.undo()
  expect(said(doc)).toEqual(["a", "b", "c"])
})

test("a cell is split at several places and merged again, with line breaks at the cuts left out", () => {
  const doc = draftOf("one\ntwo\n\nthree😀four")
  const undo = undoOf(doc)
  const ids = splitCell(doc, "c0", [4, 15, 9])
  expect(said(doc)).toEqual(["one", "two", "three", "😀four"])
  undo.stopCapturing()
  expect(mergeCells(doc, [ids[1] as string, "c0", ids[0] as string])).toBe("c0")
  expect(said(doc)).toEqual(["one\n\ntwo\n\nthree", "😀four"])
  undo.undo()
  expect(said(doc)).toEqual(["one", "two", "three", "😀four"])
  undo.undo()
  expect(said(doc)).toEqual(["one\ntwo\n\nthree😀four"])
})

test("metadata is JSON, told only when it changes", () => {
  const doc = draftOf("a")
  const draft = openDraft(doc)
  const changes: string[] = []
  draft.observe(({ cells, isReordered, isOnlyText }) => changes.push(`${[...cells]} ${isReordered} ${isOnlyText}`))
  setCellTags(doc, "c0", ["parameters", "parameters"])
  setCellTags(doc, "c0", ["parameters"])
  setCellMetadata(doc, "c0", "deep", { a: [1, { b: null }] })
  expect(draft.cells()[0]?.metadata).toEqual({ tags: ["parameters"], deep: { a: [1, { b: null }] } })
  setCellTags(doc, "c0", [])
  setSource(doc, "c0", "ab")
  expect(draft.cells()[0]?.tags).toEqual([])
  expect(changes).toEqual(["c0 false false", "c0 false false", "c0 false false", "c0 false true"])
})

test("a cell that did not change stays the same object", () => {
  const doc = draftOf("a", "b")
  const draft = openDraft(doc)
  const [a, b] = draft.cells()
  setSource(doc, "c1", "bb")
  expect(draft.cells()[0]).toBe(a)
  expect(draft.cells()[1]).not.toBe(b)
  expect(draft.cells()).toBe(draft.cells())
})

test("a restored version is an edit: what is equal stays, what is missing comes back, and it can be undone", () => {
  const doc = draftOf("a", "b\nc\nd", "gone")
  const undo = undoOf(doc)
  deleteCells(doc, ["c2"])
  setSource(doc, "c1", "b\nx\nd")
  pasteCells(doc, [{ type: "raw", source: "extra" }], { at: 0 })
  const before = said(doc)
  undo.stopCapturing()
  applyNotebook(doc, notebookOf("c1: b\nc\nd", "c0: a", "gone", "fresh: new"))
  expect(said(doc)).toEqual(["b\nc\nd", "a", "gone", "new"])
  undo.undo()
  expect(said(doc)).toEqual(before)
})

test("what authors wrote is told from what kernels wrote", () => {
  const doc = draftOf("a", "b")
  const before = authoredText(toNotebook(doc, () => undefined))
  expect(authoredText(toNotebook(doc, () => ({ outputs: [{ output_type: "stream", name: "stdout", text: "x" }], executionCount: 2 })))).toBe(before)
  setCellMetadata(doc, "c0", "collapsed", true)
  expect(authoredText(toNotebook(doc, () => undefined))).toBe(before)
  setCellTags(doc, "c0", ["x"])
  expect(authoredText(toNotebook(doc, () => undefined))).not.toBe(before)
})

test("places are found between any two, wherever one inserts, and two writers get different ones", () => {
  let [low, high] = ordersIn({ after: undefined, before: undefined }, 2, 7) as [string, string]
  for (let i = 0; i < 300; i++) {
    const [a, b, c] = ordersIn({ after: low, before: high }, 3, i * 9973) as [string, string, string]
    expect(low < a && a < b && b < c && c < high).toBe(true)
    if (i % 2) low = b
    else high = b
  }
  expect(ordersIn({ after: "V000", before: "V001" }, 1, 1)).not.toEqual(ordersIn({ after: "V000", before: "V001" }, 1, 2))
  let last = "V000"
  for (let i = 0; i < 1000; i++) last = (ordersIn({ after: last, before: undefined }, 1, 5) as [string])[0]
  expect(last.length).toBe(6)
  expect(ordersIn({ after: "V", before: "V000" }, 1, 1)).toBeUndefined()
})

test("cells whose places leave no room are spread anew", () => {
  const doc = draftOf("a", "b")
  doc.transact(() => {
    for (const each of ["c0", "c1"]) (doc.getMap("cells").get(each) as Y.Map<unknown>).set("order", "V")
  })
  insertCell(doc, { after: "c0", type: "code", source: "between" })
  expect(said(doc)).toEqual(["a", "between", "b"])
  expect(id(doc, 2)).toBe("c1")
})

test("the digest of a source is its SHA-256", () => {
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: "grapheme", maxLength: 300 }), arbitraryText), (text) => {
      const wellFormed = new TextDecoder().decode(new TextEncoder().encode(text))
      return sourceDigest(wellFormed) === createHash("sha256").update(wellFormed, "utf8").digest("hex")
    }),
    { numRuns: 200 },
  )
})

function edited(text: string, edits: readonly { readonly at: number; readonly remove: number; readonly insert: string }[]): string {
  return edits.toReversed().reduce((now, { at, remove, insert }) => now.slice(0, at) + insert + now.slice(at + remove), text)
}

test("edits make the one text of the other, and three texts merge", () => {
  const text = fc.array(fc.constantFrom("a\n", "b\n", "c", "\n", "😀", "😁\n"), { maxLength: 12 }).map((parts) => parts.join(""))
  fc.assert(
    fc.property(text, text, (before, after) => edited(before, textEdits(before, after)) === after),
    { numRuns: 500 },
  )
  fc.assert(
    fc.property(text, text, (base, other) => {
      const [ours, theirs] = [edited(base, mergeEdits(base, base, other)), edited(other, mergeEdits(base, other, base))]
      return ours === other && theirs === other && edited(other, mergeEdits(base, other, other)) === other
    }),
    { numRuns: 500 },
  )
  const merged = (base: string, ours: string, theirs: string) => edited(ours, mergeEdits(base, ours, theirs))
  expect(merged("a\nb\nc\n", "A\nb\nc\n", "a\nb\nC\n")).toBe("A\nb\nC\n")
  expect(merged("a\nb\nc\n", "a\nx\nc\n", "a\ny\nc\n")).toContain("x")
  expect(merged("a\nb\nc\n", "a\nx\nc\n", "a\ny\nc\n")).toContain("y")
})
