import { expect, test } from "vitest"
import { readCells, writtenCells } from "#web/notebook/clipboard.ts"
import { wordsIn } from "#web/notebook/completion.ts"
import { dropAt } from "#web/notebook/drag.ts"
import { KNOWN_LANGUAGES, knownName, languageNamed, languageOfCell, languages } from "#web/notebook/languages.ts"
import { headingAbove, headingsIn } from "#web/notebook/outline.ts"
import { fieldKind, literalOf, withDefault } from "#web/notebook/parameters-edit.ts"
import { peopleIn, readPeers } from "#web/notebook/peers.ts"
import { readOutputs } from "#web/notebook/version-outputs.ts"

test("cells go over the clipboard and come back as they were, without outputs", () => {
  const cells = [
    { id: "x", type: "code", text: "a = 1\nb", metadata: { tags: ["x"] }, attachments: undefined, isShowing: false },
    { id: "y", type: "markdown", text: "# é 🙂", metadata: {}, attachments: { "i.png": { "image/png": "AA==" } }, isShowing: false },
  ]
  const come = [
    { type: "code", source: "a = 1\nb", metadata: { tags: ["x"] } },
    { type: "markdown", source: "# é 🙂", metadata: {}, attachments: { "i.png": { "image/png": "AA==" } } },
  ]
  const from = { notebook: "n", ids: ["x", "y"] }
  expect(readCells(writtenCells("n", cells))).toEqual({ cells: come, leaves: false, from })
  const showing = cells.map((cell) => ({ ...cell, isShowing: cell.type === "code" }))
  expect(readCells(writtenCells("n", showing))).toEqual({ cells: come, leaves: true, from })
})

test("cells that Jupyter wrote are read, and text that is no cells is not taken for them", () => {
  const jupyters = (...outputs: readonly object[]) => JSON.stringify({ cells: [{ cell_type: "code", source: ["a\n", "b"], outputs }] })
  const cells = [{ type: "code", source: "a\nb", metadata: {} }]
  expect(readCells(jupyters({ output_type: "stream" }))).toEqual({ cells, leaves: true })
  expect(readCells(jupyters())).toEqual({ cells, leaves: false })
  for (const text of ["a = {1: 2}", "{not json", '{"cells": []}', '{"cells": [{"cell_type": "html"}, 4, null]}', "[]"])
    expect(readCells(text)).toBeUndefined()
})

test("the outline has the headings of text cells, without their marks, and none out of code", () => {
  const headings = headingsIn([
    { id: "a", type: "markdown", text: "# One **bold** `x`\ntext\n### Three [link](http://x) ##\n```\n# not this\n```\n#nor this" },
    { id: "b", type: "code", text: "# a comment" },
    { id: "c", type: "markdown", text: "## Two" },
  ])
  expect(headings.map(({ level, text }) => `${level} ${text}`)).toEqual(["1 One bold x", "3 Three link", "2 Two"])
  expect(headingAbove(headings, ["a", "b", "c"], "b")).toBe("a 1")
})

test("a cell that is let go stands before the row whose middle is below", () => {
  const rows = [
    { cell: "a", top: 0, bottom: 100 },
    { cell: "b", top: 100, bottom: 200 },
  ]
  expect(dropAt(rows, 20)).toEqual({ before: "a" })
  expect(dropAt(rows, 80)).toEqual({ before: "b" })
  expect(dropAt(rows, 900)).toEqual({ after: "b" })
  expect(dropAt([], 5)).toBeUndefined()
})

test("a parameter's default is written into the source where it stands, and nowhere else", () => {
  const source = 'region = "EU"  # not "EU"\ntop: int = 5\n'
  expect(withDefault(source, { name: "region", line: 1, defaultText: '"EU"' }, '"US"')).toBe('region = "US"  # not "EU"\ntop: int = 5\n')
  expect(withDefault(source, { name: "top", line: 2, defaultText: "5" }, "12")).toBe('region = "EU"  # not "EU"\ntop: int = 12\n')
  expect(withDefault("x = 1", { name: "gone", line: 1, defaultText: "1" }, "2")).toBeUndefined()
})

test("values are written as the language writes them; what is no number is not", () => {
  expect(literalOf(true, "flag", "python")).toBe("True")
  expect(literalOf(false, "flag", "r")).toBe("FALSE")
  expect(literalOf(true, "flag", "julia")).toBe("true")
  expect(literalOf('a "b"\n', "text", "python")).toBe('"a \\"b\\"\\n"')
  expect(literalOf("$x", "text", "julia")).toBe('"\\$x"')
  expect(literalOf("-1.5e3", "number", "python")).toBe("-1.5e3")
  for (const wrong of ["", "1; import os", "0x", "1,5"]) expect(literalOf(wrong, "number", "python")).toBeUndefined()
})

test("what the form cannot write stays in the code", () => {
  const plain = {
    name: "x",
    typeText: "",
    required: false,
    defaultText: "",
    help: "",
    secret: false,
    facts: {},
    cellId: "c",
    line: 1,
    constant: false,
  }
  expect(fieldKind({ ...plain, type: { kind: "list", items: { kind: "any" } }, default: [1] })).toBe("none")
  expect(fieldKind({ ...plain, type: { kind: "string" }, default: "a", secret: true })).toBe("none")
  expect(fieldKind({ ...plain, type: { kind: "string" }, default: "a", choices: ["a", "b"] })).toBe("choice")
})

test("a cell is in the language that its first line names", () => {
  expect(languageOfCell("code", "%%bash\nls", "python")).toBe("bash")
  expect(languageOfCell("code", "%%timeit\nx", "python3")).toBe("python")
  expect(languageOfCell("markdown", "%%bash", "python")).toBe("markdown")
  expect(knownName("IR")).toBe("")
  expect(knownName("R")).toBe("r")
  expect(["C#", "scala213", "xcpp17", "constructor", "__proto__"].map(knownName)).toEqual(["c#", "scala", "c++", "", ""])
})

test("what others say of themselves is taken as far as it has the shape", () => {
  const states = new Map<number, Record<string, unknown>>([
    [1, { user: { id: "me", name: "Me" } }],
    [2, { user: { id: "b", name: "Bea" }, cell: "c1", mode: "edit", cursor: { cell: "c1", anchor: 1, head: 2 } }],
    [3, { user: { id: 7, name: {} }, cell: 9, cursor: "x" }],
    [4, {}],
  ])
  const { all, byCell } = readPeers(states, 1)
  expect(all.map(({ name, cell, isEditing, cursor }) => [name, cell, isEditing, cursor !== null])).toEqual([
    ["Bea", "c1", true, true],
    ["Somebody", "", false, false],
  ])
  expect(byCell.get("c1")?.length).toBe(1)
})

test("who has a notebook open in two tabs is one person, who is where they write", () => {
  const states = new Map<number, Record<string, unknown>>([
    [2, { user: { id: "b", name: "Bea" }, cell: "c1", mode: "edit" }],
    [3, { user: { id: "c", name: "Cem" }, cell: "c2" }],
    [4, { user: { id: "b", name: "Bea" }, cell: "c3", mode: "command" }],
    [5, { user: { id: "c", name: "Cem" }, cell: "c4", mode: "edit" }],
    [6, { user: { id: "b", name: "Bea" } }],
  ])
  const { all, byCell } = readPeers(states, 1)
  expect(peopleIn(all).map(({ name, cell, tabs }) => [name, cell, tabs])).toEqual([
    ["Bea", "c1", 3],
    ["Cem", "c4", 2],
  ])
  expect(byCell.get("c3")?.length).toBe(1)
})

test("a version's outputs are found by cell", () => {
  const found = readOutputs({
    cells: [
      { id: "a", cell_type: "code", execution_count: 3, outputs: [{ output_type: "stream" }] },
      { id: "b", cell_type: "markdown" },
    ],
  })
  expect([...found]).toEqual([["a", { outputs: [{ output_type: "stream" }], executionCount: 3 }]])
  expect(readOutputs(null).size).toBe(0)
})

test("words worth completing are there once", () => {
  expect(wordsIn(["price_total = price_total + 1", "étude x ab"])).toEqual(["price_total", "étude"])
})

test("every language that the editors know reads a text to its end", async () => {
  const text = 'val x = 1 // "a"\n# b /* c */\n%d {e: [1, 2.5]}\n'
  for (const name of KNOWN_LANGUAGES) {
    languageNamed(name)
    await expect.poll(() => languages.get().get(name)?.parser.parse(text).length, { message: name }).toBe(text.length)
  }
})
