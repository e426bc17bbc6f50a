import { expect, test } from "vitest"
import * as Y from "yjs"
import {
  checkUpdate,
  fillDraft,
  insertCell,
  mergeCells,
  moveCells,
  openDraft,
  setCellMetadata,
  setSource,
  setType,
  splitCell,
  undoOf,
} from "#draft/index.ts"
import { chanceOf } from "#draft/testing.ts"
import { notebookOf } from "#notebook/testing.ts"

const LIMITS = { mayWriteAs: () => true, mostCells: 100 }

function server(): Y.Doc {
  const doc = new Y.Doc()
  fillDraft(doc, notebookOf("a = 1", "b = 2", "# text"), 1)
  ;(doc.getMap("cells").get("c0") as Y.Map<unknown>).set("shows", "version:1")
  return doc
}

/** What a client that was given everything sends when it does this. */
function updateOf(from: Y.Doc, act: (doc: Y.Doc) => void): Uint8Array {
  const doc = new Y.Doc()
  Y.applyUpdate(doc, Y.encodeStateAsUpdate(from))
  const updates: Uint8Array[] = []
  doc.on("update", (update: Uint8Array) => updates.push(update))
  act(doc)
  return Y.mergeUpdates(updates)
}

function verdict(act: (doc: Y.Doc, cells: Y.Map<Y.Map<unknown>>) => void, from = server()): string {
  const checked = checkUpdate(
    from,
    updateOf(from, (doc) => act(doc, doc.getMap("cells") as Y.Map<Y.Map<unknown>>)),
    LIMITS,
  )
  return checked.ok ? `taken ${[...checked.value.touched].sort()}` : checked.refusal.message
}

const MOVE = { from: "c0", to: "c0", runs: [[1, 0, 1, 1]], image: [1, 0, 1], skip: 0 }

const cell = (cells: Y.Map<Y.Map<unknown>>) => cells.get("c0") as Y.Map<unknown>

test("what a person may do is taken, all of it", () => {
  expect(verdict((doc) => setSource(doc, "c0", "a = 2"))).toBe("taken c0")
  expect(verdict((doc) => setType(doc, ["c0"], "markdown"))).toBe("taken c0")
  expect(verdict((doc) => setCellMetadata(doc, "c1", "tags", ["x"]))).toBe("taken c1")
  expect(verdict((doc) => moveCells(doc, ["c2"], { at: 0 }))).toBe("taken c2")
  expect(verdict((doc) => void mergeCells(doc, ["c0", "c1"]))).toBe("taken c0,c1")
  expect(verdict((doc) => void splitCell(doc, "c0", [2]))).toMatch(/^taken .*c0/)
  expect(verdict((doc) => void insertCell(doc, { at: 0, type: "raw", source: "x", metadata: { deep: { a: [1] } } }))).toMatch(/^taken/)
})

test("what an undo says of text that it brings back is taken, each step by itself", () => {
  const from = server()
  const doc = new Y.Doc()
  Y.applyUpdate(doc, Y.encodeStateAsUpdate(from))
  const undo = undoOf(doc)
  const said: string[] = []
  doc.on("update", (update: Uint8Array) => {
    const checked = checkUpdate(from, update, LIMITS)
    if (!checked.ok) throw new Error(checked.refusal.message)
    Y.applyUpdate(from, update)
    for (const map of (from.getMap("cells") as Y.Map<Y.Map<unknown>>).values())
      said.push(...[...map.keys()].map((key) => key.split("/")[0] as string))
  })
  const then = (act: () => unknown) => {
    undo.stopCapturing()
    act()
  }
  then(() => setSource(doc, "c0", "1"))
  then(() => splitCell(doc, "c1", [2]))
  then(() => mergeCells(doc, ["c0", "c1"]))
  for (let i = 0; i < 3; i++) undo.undo()
  for (let i = 0; i < 3; i++) undo.redo()
  expect([...new Set(said)]).toEqual(expect.arrayContaining(["cut", "into", "again"]))
  expect(openDraft(from).cells().length).toBe(3)
})

test.each<[string, (doc: Y.Doc, cells: Y.Map<Y.Map<unknown>>) => void, RegExp]>([
  ["shows what it did not compute", (_, cells) => void cell(cells).set("shows", "execution:01ARZ3NDEKTSV4RRFFQ69G5FAV"), /server alone/],
  ["hides what it shows", (_, cells) => cell(cells).delete("shows"), /only the server takes away/],
  [
    "makes a cell without a source",
    (_, cells) =>
      void cells.set(
        "new",
        new Y.Map([
          ["metadata", new Y.Map()],
          ["life", "alive"],
        ]),
      ),
    /has no source/,
  ],
  ["writes where the server carried text", (_, cells) => void cell(cells).set("carried/1-1", {}), /server alone/],
  ["writes where the server keeps what was said once", (_, cells) => void cell(cells).set("once/1-1", MOVE), /server alone/],
  ["takes a whole cell away", (_, cells) => cells.delete("c0"), /only the server takes away/],
  ["puts another cell in its place", (_, cells) => void cells.set("c0", new Y.Map()), /there is a cell c0/],
  ["makes a cell of text", (_, cells) => void (cells as Y.Map<unknown>).set("new", new Y.Text("x")), /a cell is a map/],
  ["makes a cell of a value", (_, cells) => void (cells as Y.Map<unknown>).set("new", 5), /a cell is a map/],
  ["makes a cell of a bad name", (_, cells) => void cells.set("../x", new Y.Map()), /id of a cell/],
  ["gives a cell another source", (_, cells) => void cell(cells).set("source", new Y.Text("x")), /made once/],
  ["takes the source away", (_, cells) => cell(cells).delete("source"), /only the server takes away/],
  ["takes the metadata away", (_, cells) => cell(cells).delete("metadata"), /only the server takes away/],
  ["puts a value into a cell that nobody knows", (_, cells) => void cell(cells).set("outputs", [{ output_type: "stream" }]), /outputs of a cell/],
  ["says that it is of another type", (_, cells) => void cell(cells).set("type", "html"), /type of a cell/],
  ["says where it stands in words", (_, cells) => void cell(cells).set("order", "första"), /order of a cell/],
  ["puts a type where JSON belongs", (_, cells) => void cell(cells).set("attachments", new Y.Map()), /no JSON/],
  ["formats the source", (_, cells) => (cell(cells).get("source") as Y.Text).format(0, 2, { bold: true }), /nothing but text/],
  ["embeds something in the source", (_, cells) => (cell(cells).get("source") as Y.Text).insertEmbed(0, { x: 1 }), /nothing but text/],
  ["puts another document in", (_, cells) => void (cell(cells).get("metadata") as Y.Map<unknown>).set("x", new Y.Doc()), /no JSON/],
  ["puts a map into the metadata", (_, cells) => void (cell(cells).get("metadata") as Y.Map<unknown>).set("x", new Y.Map()), /no JSON/],
  ["says on what version it is based", (doc) => void doc.getMap("meta").set("base", 99), /only the server writes/],
  ["makes a map of its own", (doc) => void doc.getMap("mine").set("x", 1), /stands nowhere/],
  ["makes a text of its own", (doc) => doc.getText("cells2").insert(0, "x"), /stands nowhere/],
  [
    "records a move without end",
    (_, cells) => void cell(cells).set("cut", { from: "c1", to: "c0", runs: [[1, 0, 2 ** 40, 1]], image: [1, 0, 1], skip: 0 }),
    /cut of a cell/,
  ],
  [
    "moves a character twice by one record",
    (_, cells) =>
      void cell(cells).set("cut", {
        ...MOVE,
        runs: [
          [1, 0, 2, 1],
          [1, 1, 2, 1],
        ],
      }),
    /cut of a cell/,
  ],
  ["says that text is back, and not which", (_, cells) => void cell(cells).set("again/1-1", { from: "c0", to: "c0" }), /again\/1-1 of a cell/],
  ["says it under a name that has no end", (_, cells) => void cell(cells).set(`again/${"1".repeat(41)}`, MOVE), /of a cell/],
  ["says that text came back in words", (_, cells) => void cell(cells).set("cut/x/y", MOVE), /cut\/x\/y of a cell/],
  ["records a move that never was", (_, cells) => void cell(cells).set("cut", { from: 1 }), /cut of a cell/],
])("whoever %s is refused", (_, act, why) => {
  expect(verdict(act)).toMatch(why)
})

test("an update moves at most 200,000 pieces of text, in however many records", () => {
  const runs = Array.from({ length: 20_000 }, (_, i) => [1, 2 * i, 1, 1])
  const moving = (count: number) =>
    verdict((doc, cells) => doc.transact(() => Array.from({ length: count }, (_, i) => cell(cells).set(`again/x-${i}`, { ...MOVE, runs }))))
  expect(moving(10)).toBe("taken c0")
  expect(moving(11)).toMatch(/it moves more pieces of text than are moved at once/)
})

test("an update in somebody else's name, with a gap, or twice", () => {
  const doc = server()
  const update = updateOf(doc, (mine) => setSource(mine, "c0", "a = 2"))
  const said = (limits = LIMITS, bytes = update) => {
    const checked = checkUpdate(doc, bytes, limits)
    return checked.ok ? "taken" : checked.refusal.message
  }
  expect(said({ ...LIMITS, mayWriteAs: () => false })).toMatch(/in the name of somebody else/)
  const [first, second] = twoUpdates(doc)
  expect(said(LIMITS, second)).toMatch(/not here/)
  Y.applyUpdate(doc, first)
  expect(said(LIMITS, second)).toBe("taken")
  Y.applyUpdate(doc, second)
  expect(said(LIMITS, second)).toBe("taken")
  expect(
    said(
      { mayWriteAs: () => true, mostCells: 3 },
      updateOf(doc, (mine) => void insertCell(mine, { at: 0, type: "code" })),
    ),
  ).toMatch(/at most 3 cells/)
})

function twoUpdates(from: Y.Doc): [Uint8Array, Uint8Array] {
  const doc = new Y.Doc()
  Y.applyUpdate(doc, Y.encodeStateAsUpdate(from))
  const updates: Uint8Array[] = []
  doc.on("update", (update: Uint8Array) => updates.push(update))
  setSource(doc, "c0", "one")
  setSource(doc, "c0", "one two")
  return updates as [Uint8Array, Uint8Array]
}

test("whatever bytes come, the draft keeps its form", () => {
  const chance = chanceOf(7)
  const doc = server()
  const genuine = [
    (mine: Y.Doc) => setSource(mine, "c0", "a = 3"),
    (mine: Y.Doc) => void insertCell(mine, { at: 1, type: "code", source: "x", metadata: { a: 1 } }),
    (mine: Y.Doc) => void splitCell(mine, "c1", [1]),
    (mine: Y.Doc) => void mergeCells(mine, ["c0", "c1"]),
    (mine: Y.Doc) => setCellMetadata(mine, "c0", "k", { deep: [1, "two"] }),
  ].map((act) => updateOf(doc, act))
  const kinds = { taken: 0, refused: 0 }
  for (let i = 0; i < 3000; i++) {
    const bytes = mutated(genuine[chance(genuine.length)] as Uint8Array, chance)
    const copy = new Y.Doc()
    Y.applyUpdate(copy, Y.encodeStateAsUpdate(doc))
    const checked = checkUpdate(copy, bytes, LIMITS)
    kinds[checked.ok ? "taken" : "refused"]++
    if (!checked.ok) continue
    Y.applyUpdate(copy, bytes)
    expect(copy.store.pendingStructs, `mutation ${i}`).toBeNull()
    expect(copy.store.pendingDs, `mutation ${i}`).toBeNull()
    expect(formProblem(copy), `mutation ${i}`).toBe("")
  }
  // Both happened, or this would prove nothing.
  expect(kinds.refused).toBeGreaterThan(500)
  expect(kinds.taken).toBeGreaterThan(50)
})

function mutated(bytes: Uint8Array, chance: (below: number) => number): Uint8Array {
  const kind = chance(10)
  if (kind === 0) return Uint8Array.from({ length: chance(200) }, () => chance(256))
  if (kind === 1) return bytes.slice(0, chance(bytes.length))
  const copy = kind === 2 ? Uint8Array.from([...bytes, ...bytes]) : bytes.slice()
  for (let n = 1 + chance(3); n > 0; n--) copy[chance(copy.length)] = chance(256)
  return copy
}

/** What a draft may not become, whatever was sent. */
function formProblem(doc: Y.Doc): string {
  for (const name of doc.share.keys()) if (name !== "cells" && name !== "meta") return `there is a ${name}`
  if (doc.getMap("meta").get("base") !== 1) return "the base has changed"
  for (const [id, map] of doc.getMap("cells")) {
    if (!(map instanceof Y.Map)) return `${id} is no map`
    if (map.get("shows") !== (id === "c0" ? "version:1" : undefined) || [...map.keys()].some((key) => key.startsWith("carried/")))
      return `${id} was written to`
    if (["c0", "c1", "c2"].includes(id) && !(map.get("source") instanceof Y.Text)) return `${id} has no source`
    if (["c0", "c1", "c2"].includes(id) && !(map.get("metadata") instanceof Y.Map)) return `${id} has no metadata`
  }
  for (const each of openDraft(doc).cells()) if (typeof each.text !== "string") return "a text is none"
  return ""
}
