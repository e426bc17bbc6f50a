import { expect, test } from "vitest"
import * as Y from "yjs"
import { fillDraft, openDraft, setSource, toNotebook, undoOf } from "#draft/index.ts"
import { python } from "#notebook/analysis/testing.ts"
import { analystFor, type Fix, type FixEdit, fixed, type Notebook } from "#notebook/index.ts"
import { type Around, circumstancesIn } from "#web/readiness/around-known.ts"
import { applyFix, isForDraft, stillFits } from "#web/readiness/fix-draft.ts"
import { limitWords, lookOf, piecesOf, placeWords, verdictWords, writingsIn } from "#web/readiness/look.ts"
import { changesOf } from "#web/readiness/preview.ts"

function opened(notebook: Notebook) {
  const doc = new Y.Doc()
  fillDraft(doc, notebook, 1)
  const draft = openDraft(doc)
  const now = () => toNotebook(doc, () => undefined)
  return { draft, undo: undoOf(doc), now, sources: () => draft.cells().map(({ text }) => text) }
}

async function look(notebook: Notebook) {
  return lookOf(notebook, (await analystFor(notebook)).readiness(notebook))
}

const fixOf = (...edits: readonly FixEdit[]): Fix => ({ title: "Mend it", isSafe: true, edits })

test("a cell that uses what is defined further down: the fix moves the cell in the draft, the finding is gone, and one undo brings both back", async () => {
  const { draft, undo, now, sources } = opened(python("print(total)", "a = 1", "total = 3"))
  const [finding] = (await look(now())).breaks
  expect(finding).toMatchObject({ rule: "used_before_defined", cell: "c1" })
  expect(stillFits(draft, finding?.fix as Fix, now())).toBe(true)
  applyFix(draft, undo, finding?.fix as Fix)
  expect(sources()).toEqual(["total = 3", "print(total)", "a = 1"])
  expect((await look(now())).breaks).toEqual([])
  undo.undo()
  expect(sources()).toEqual(["print(total)", "a = 1", "total = 3"])
  expect((await look(now())).breaks).toHaveLength(1)
})

/** Every kind of edit that a draft can take, one after the other, some on what an earlier one made. */
const MANY: readonly FixEdit[] = [
  { kind: "insert_cell", id: "new-1", before: "c1", source: "import os\n", tags: ["setup"] },
  { kind: "replace", cell: "c2", from: 0, to: 1, text: "bb" },
  { kind: "replace", cell: "c2", from: 3, to: 4, text: "==" },
  { kind: "move_cell", cell: "c3", before: "new-1" },
  { kind: "move_cell", cell: "c1", before: "" },
  { kind: "delete_cell", cell: "c4" },
  { kind: "tag_cell", cell: "c2", tag: "parameters" },
  { kind: "insert_cell", id: "new-2", before: "", source: "last", tags: [] },
  { kind: "replace", cell: "new-2", from: 0, to: 0, text: "at " },
]

test("edits of all kinds make of the draft what they make of the notebook, and are one step of undo", () => {
  const { draft, undo, now } = opened(python("a", "b = 2", { source: "c", tags: ["kept"] }, "d"))
  const before = now()
  // What was typed right before is not taken back with it.
  setSource(draft.doc, "c1", "a!")
  applyFix(draft, undo, fixOf(...MANY))
  const wanted = fixed(before, MANY).cells.map(({ source, metadata }) => ({ source: source === "a" ? "a!" : source, metadata }))
  expect(now().cells.map(({ source, metadata }) => ({ source, metadata }))).toEqual(wanted)
  undo.undo()
  expect(now().cells.map(({ id, source }) => [id, source])).toEqual([
    ["c1", "a!"],
    ["c2", "b = 2"],
    ["c3", "c"],
    ["c4", "d"],
  ])
  undo.redo()
  expect(now().cells.map(({ source }) => source)).toEqual(wanted.map(({ source }) => source))
})

test("a fix fits as long as its cells are there and say what they said", () => {
  const { draft, now } = opened(python("a", "b"))
  const looked = now()
  const replace = fixOf({ kind: "replace", cell: "c1", from: 0, to: 1, text: "x" })
  expect(stillFits(draft, replace, looked)).toBe(true)
  setSource(draft.doc, "c1", "aa")
  expect(stillFits(draft, replace, looked)).toBe(false)
  expect(stillFits(draft, fixOf({ kind: "move_cell", cell: "c1", before: "c2" }), looked)).toBe(true)
  expect(stillFits(draft, fixOf({ kind: "move_cell", cell: "c1", before: "gone" }), looked)).toBe(false)
  expect(stillFits(draft, fixOf({ kind: "delete_cell", cell: "gone" }), looked)).toBe(false)
  expect(stillFits(draft, fixOf({ kind: "insert_cell", id: "n", before: "", source: "", tags: [] }), looked)).toBe(true)
})

test("outputs are not the draft's to clear", () => {
  expect(isForDraft(fixOf({ kind: "clear_outputs", cell: "c1" }))).toBe(false)
  expect(isForDraft(fixOf({ kind: "delete_cell", cell: "c1" }))).toBe(true)
})

test("what a fix changes is said with the numbers that the cells have now", () => {
  const notebook = python("a", "b\nc\nd\ne", "f")
  const said = (...edits: readonly FixEdit[]) =>
    changesOf(notebook, fixOf(...edits)).map(({ words, lines }) => `${words}: ${lines.map(({ kind, text }) => `${kind[0]}${text}`).join(" ")}`)
  expect(said({ kind: "move_cell", cell: "c3", before: "c1" })).toEqual(["Cell 3 moves above cell 1: sf"])
  expect(said({ kind: "move_cell", cell: "c1", before: "" })).toEqual(["Cell 1 moves to the end: sa"])
  expect(said({ kind: "delete_cell", cell: "c3" })).toEqual(["Cell 3 is deleted: rf"])
  expect(said({ kind: "insert_cell", id: "n", before: "c2", source: "import x", tags: [] })).toEqual(["A new cell above cell 2: aimport x"])
  expect(said({ kind: "replace", cell: "c2", from: 4, to: 5, text: "D" })).toEqual(["Cell 2 changes: sc rd aD se"])
  expect(said({ kind: "tag_cell", cell: "c1", tag: "parameters" })).toEqual(["Cell 1 is tagged parameters: sa"])
})

test("findings are grouped, placed and counted, and what breaks a rerun is marked at its cell", async () => {
  const found = await look(python("print(total)", "import random\nprint(random.random())", "total = 3", "open('/home/ann/x.csv', 'w').write('1')"))
  expect(verdictWords(found)).toBe("1 finding breaks a rerun.")
  expect(found.breaks.map((finding) => placeWords(found.notebook, finding))).toEqual(["Cell 1, line 1"])
  expect([...found.marks.keys()]).toEqual(["c1"])
  expect(new Set(found.advice.map(({ kind }) => kind))).toEqual(new Set(["advice"]))
  expect(found.advice.map(({ rule }) => rule)).toContain("absolute_path")
  expect(writingsIn(found).map(({ number, what }) => [number, what.length])).toEqual([[4, 1]])
})

test("of a language whose names are not understood nothing is claimed", async () => {
  const julia = { ...python("x + y"), metadata: { language_info: { name: "julia" } } } as unknown as Notebook
  const found = await look(julia)
  expect(found.isRead).toBe(false)
  expect(verdictWords(found)).toContain("not everything was understood")
  expect(limitWords(found).join(" ")).toContain("The names of this language are not understood")
  expect(limitWords(await look(python("x = 1"))).join(" ")).toContain("1 code cell:")
})

test("what is known of where it would run is told to the rules as far as it is known, and in the language that is spoken there", async () => {
  const files = { folder: "sales", below: "", paths: ["sales/eu.csv"] }
  const environment = { sha256: "", language: "python", version: "3.12", modules: ["numpy"] }
  expect(circumstancesIn({ environment: null, files: null }, "python")).toEqual({})
  expect(circumstancesIn({ environment: { ...environment, modules: null, version: "" }, files: null }, "python")).toEqual({})
  expect(circumstancesIn({ environment, files: null }, "python")).toEqual({ modules: new Set(["numpy"]), pythonVersion: "3.12" })
  expect(circumstancesIn({ environment, files: null }, "r")).toEqual({})
  expect(circumstancesIn({ environment, files: null }, undefined)).toEqual({})
  const { hasFile } = circumstancesIn({ environment: null, files }, "r")
  expect(["eu.csv", "us.csv"].map((path) => hasFile?.(path))).toEqual([true, false])
  const notebook = python("x = 1")
  const readiness = (await analystFor(notebook)).readiness(notebook)
  const words = (around: Around | null) => limitWords(lookOf(notebook, readiness, around)).join(" ")
  expect(words(null)).toContain("whether modules, files and services are there")
  expect(words({ environment, files })).toContain("; which modules its environment has, and which files lie beside it.")
  expect(words({ environment, files })).toContain("whether services are there")
  expect(words({ environment: null, files })).toContain("whether modules and services are there")
})

test("code in a sentence is told apart", () => {
  expect(piecesOf("`x` is used, `y` is not")).toEqual([
    { text: "x", isCode: true },
    { text: " is used, ", isCode: false },
    { text: "y", isCode: true },
    { text: " is not", isCode: false },
  ])
})
