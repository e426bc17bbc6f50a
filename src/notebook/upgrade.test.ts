import { expect, test } from "vitest"
import { json, reading } from "#notebook/testing.ts"
import { validate } from "#notebook/validate.ts"
import { write } from "#notebook/write.ts"

function old(nbformat: number, ...sheets: readonly (readonly object[])[]): string {
  return JSON.stringify({
    nbformat,
    nbformat_minor: 0,
    metadata: { name: "Untitled0", signature: "x", kept: 1 },
    worksheets: sheets.map((cells) => ({ cells, metadata: {} })),
  })
}

test("a notebook of format 3 becomes a valid 4.5", () => {
  const text = old(
    3,
    [
      { cell_type: "heading", level: 3, metadata: {}, source: ["A title\n", "on two lines"] },
      { cell_type: "markdown", metadata: { slide: 1 }, source: ["*a*\n", "b"] },
      { cell_type: "html", source: "<b>" },
    ],
    [
      { cell_type: "raw", metadata: {}, source: "r" },
      { cell_type: "code", language: "python", collapsed: true, input: ["x\n", "y"], prompt_number: 7, outputs: [], metadata: {}, trusted: true },
    ],
  )
  const { notebook, repairs, wasFormat } = reading(text)
  expect({ repairs, wasFormat }).toEqual({ repairs: [], wasFormat: [3, 0] })
  expect(notebook.metadata).toEqual({ kept: 1 })
  expect(notebook.cells.map(({ id: _, ...cell }) => cell)).toEqual([
    { cell_type: "markdown", metadata: {}, source: "### A title on two lines" },
    { cell_type: "markdown", metadata: { slide: 1 }, source: "*a*\nb" },
    { cell_type: "markdown", metadata: {}, source: "<b>" },
    { cell_type: "raw", metadata: {}, source: "r" },
    { cell_type: "code", metadata: { collapsed: true }, source: "x\ny", execution_count: 7, outputs: [] },
  ])
  expect(validate(json(write(notebook)))).toEqual([])
})

test("outputs of format 3 get their new names and media types", () => {
  const outputs = [
    { output_type: "pyout", prompt_number: 2, text: ["a\n", "b"], png: "iVBO", metadata: { png: { width: 5 } } },
    {
      output_type: "display_data",
      html: ["<b>\n"],
      svg: "<svg/>",
      json: '{"a": 1.0}',
      javascript: "j",
      latex: "$x$",
      jpeg: "/9j/",
      "application/x": "kept",
    },
    { output_type: "display_data", json: "not {json" },
    { output_type: "stream", stream: "stderr", text: ["e\n"] },
    { output_type: "stream", text: "o" },
    { output_type: "pyerr", ename: "E", evalue: "v", traceback: ["t\n", "u"] },
    { output_type: "strange", text: "kept" },
  ]
  const { notebook } = reading(old(3, [{ cell_type: "code", language: "python", input: "", outputs, metadata: {} }]))
  const cell = JSON.parse(write(notebook)).cells[0]
  expect(cell.execution_count).toBe(null)
  expect(cell.outputs).toEqual([
    {
      output_type: "execute_result",
      execution_count: 2,
      data: { "text/plain": ["a\n", "b"], "image/png": "iVBO" },
      metadata: { "image/png": { width: 5 } },
    },
    {
      output_type: "display_data",
      data: {
        "text/html": ["<b>\n"],
        "image/svg+xml": ["<svg/>"],
        "application/json": { a: 1 },
        "application/javascript": ["j"],
        "text/latex": ["$x$"],
        "image/jpeg": "/9j/",
        "application/x": "kept",
      },
      metadata: {},
    },
    { output_type: "display_data", data: { "application/json": "not {json" }, metadata: {} },
    { output_type: "stream", name: "stderr", text: ["e\n"] },
    { output_type: "stream", name: "stdout", text: ["o"] },
    { output_type: "error", ename: "E", evalue: "v", traceback: ["t\n", "u"] },
    { output_type: "strange", text: "kept" },
  ])
  expect(write(notebook)).toContain('"a": 1.0')
})

test("format 2 kept its lines without their ends; early files of format 3 did too", () => {
  const cells = [
    { cell_type: "code", language: "python", input: ["x", "y"], outputs: [{ output_type: "stream", stream: "stdout", text: ["1", "2"] }] },
    { cell_type: "markdown", source: ["a", "b"] },
  ]
  for (const format of [2, 3]) {
    const { notebook, wasFormat } = reading(old(format, cells))
    expect(wasFormat[0]).toBe(format)
    expect(notebook.cells).toMatchObject([
      { source: "x\ny", outputs: [{ text: "1\n2" }] },
      { source: "a\nb", metadata: {} },
    ])
  }
})

test("a line end that format 2 has in its list stands for an empty line there", () => {
  const cells = [{ cell_type: "markdown", source: ["a\n", "b"] }]
  expect([2, 3].map((format) => reading(old(format, cells)).notebook.cells[0]?.source)).toEqual(["a\n\nb", "a\nb"])
})

test("an old notebook is upgraded to the same text every time, and that text is its own upgrade", () => {
  const text = old(3, [
    { cell_type: "code", language: "python", input: "x", outputs: [], metadata: {} },
    { cell_type: "heading", level: 1, source: "h" },
  ])
  const once = write(reading(text).notebook)
  expect(write(reading(text).notebook)).toBe(once)
  expect(write(reading(once).notebook)).toBe(once)
})

test("an absurd heading level makes no absurd text", () => {
  const { notebook } = reading(
    old(3, [
      { cell_type: "heading", level: 1e9, source: "h" },
      { cell_type: "heading", level: "2", source: 5 },
    ]),
  )
  expect(notebook.cells.map((cell) => cell.source.length)).toEqual([102, 3])
})
