import fc from "fast-check"
import { expect, test } from "vitest"
import { arbitraryNotebook, json } from "#notebook/testing.ts"
import { validate } from "#notebook/validate.ts"
import { write } from "#notebook/write.ts"

// Many examples: on a busy machine they may take longer than a test is given by default.
const LONG = { timeout: 60_000 }

/** Each problem as "path message", in alphabetical order: the order in the file is of no interest here. */
function problems(document: unknown): readonly string[] {
  const found = validate(json(typeof document === "string" ? document : JSON.stringify(document)))
  return found.map(({ path, message }) => `${path} ${message}`).sort()
}

const CODE = { cell_type: "code", id: "a", metadata: {}, source: "", outputs: [], execution_count: null }

function notebook(cells: readonly unknown[], others: object = {}): object {
  return { nbformat: 4, nbformat_minor: 5, metadata: {}, cells, ...others }
}

function inMinor(nbformat_minor: number, ...cells: readonly object[]): object {
  const fitting = nbformat_minor >= 5 ? cells : cells.map((cell) => Object.fromEntries(Object.entries(cell).filter(([key]) => key !== "id")))
  return notebook(fitting, { nbformat_minor })
}

test("what Stet writes is valid, but for the metadata that it did not touch", LONG, () => {
  fc.assert(
    fc.property(arbitraryNotebook, (any) => {
      const tame = { ...any, metadata: {}, cells: any.cells.map((cell) => ({ ...cell, metadata: {} })) }
      expect(validate(json(write(tame)))).toEqual([])
    }),
    { numRuns: 100 },
  )
})

test("every problem is told, each with its path", () => {
  const cells = [
    { ...CODE, id: "no good", outputs: [{ output_type: "display_data", data: { "image/png": 5, "text/plain": ["a", 5] } }], extra: 1 },
    {
      ...CODE,
      execution_count: -1,
      metadata: { collapsed: "no", tags: ["a", "a", "b,c", ""], scrolled: 1, execution: { "iopub.execute_input": 5 } },
    },
    { cell_type: "markdown", id: "a", source: 5 },
    { cell_type: "poem", id: "p", metadata: {} },
    { id: "q" },
    7,
  ]
  expect(problems(notebook(cells, { odd: 1, metadata: { kernelspec: { name: "x" }, authors: {} } }))).toEqual(
    [
      "cells[0].outputs[0].metadata is missing",
      'cells[0].outputs[0].data["image/png"] is 5, but must be a text or a list of texts',
      'cells[0].outputs[0].data["text/plain"][1] is 5, but must be a text',
      'cells[0].id is "no good", but must be 1 to 64 letters, digits, hyphens or underscores',
      "cells[0].extra may not stand here: the format has no such key",
      "cells[1].execution_count is -1, but must be a number of at least 0, or null",
      'cells[1].metadata.collapsed is "no", but must be true or false',
      'cells[1].metadata.tags[2] is "b,c", but must be a text that is not empty and has no comma',
      'cells[1].metadata.tags[3] is "", but must be a text that is not empty and has no comma',
      'cells[1].metadata.tags[1] repeats the tag "a"',
      'cells[1].metadata.scrolled is 1, but must be true or false or "auto"',
      'cells[1].metadata.execution["iopub.execute_input"] is 5, but must be a text',
      "cells[2].metadata is missing",
      "cells[2].source is 5, but must be a text or a list of texts",
      'cells[3].cell_type is "poem", but must be "raw" or "markdown" or "code"',
      "cells[4].cell_type is missing",
      "cells[5] is 7, but must be an object",
      "metadata.kernelspec.display_name is missing",
      "metadata.authors is an object, but must be a list",
      "odd may not stand here: the format has no such key",
      'cells[2].id is "a", which cells[1] has already',
    ].sort(),
  )
})

test.each([
  ["[]", " is a list, but a notebook is an object"],
  ["{}", "nbformat is missing"],
  ['{"nbformat": 5}', "nbformat is 5, and the known formats are 2, 3 and 4"],
  ['{"nbformat": "4"}', 'nbformat is "4", and the known formats are 2, 3 and 4'],
])("%s is no notebook at all", (text, problem) => {
  expect(problems(text)).toEqual([problem])
})

test("a number is whole only if it is spelled so, however large", () => {
  const count = (text: string) =>
    problems(
      `{"nbformat":4,"nbformat_minor":5,"metadata":{},"cells":[{"cell_type":"code","id":"a","metadata":{},"source":"","outputs":[],"execution_count":${text}}]}`,
    )
  expect(count("1180591620717411303424")).toEqual([])
  expect(count("null")).toEqual([])
  for (const text of ["1.0", "1e2", "-1", "true", '"1"', "NaN"]) expect(count(text)).toHaveLength(1)
})

test("cell ids belong to 4.5 and later", () => {
  expect(problems(inMinor(4, CODE))).toEqual([])
  expect(problems(notebook([CODE], { nbformat_minor: 4 }))).toEqual(["cells[0].id may not stand here: the format has no such key"])
  expect(problems(notebook([{ ...CODE, id: undefined }]))).toEqual(["cells[0].id is missing"])
  expect(problems(notebook([CODE, CODE], { nbformat_minor: 9 }))).toEqual(['cells[1].id is "a", which cells[0] has already'])
})

test("each minor has its own rules for metadata", () => {
  const timed = { ...CODE, metadata: { execution: { x: 5 } } }
  expect([0, 3, 4, 5].map((minor) => problems(inMinor(minor, timed)).length)).toEqual([0, 0, 1, 1])
  const hidden = { ...CODE, metadata: { jupyter: 5 } }
  expect([0, 2, 3, 5].map((minor) => problems(inMinor(minor, hidden)).length)).toEqual([0, 0, 1, 1])
  const titled = (nbformat_minor: number) => problems({ nbformat: 4, nbformat_minor, metadata: { title: 5 }, cells: [] }).length
  expect([1, 2, 5].map(titled)).toEqual([0, 1, 1])
})

test("a later minor may have keys, cells and outputs that nobody knows yet; what is known is still checked", () => {
  const cells = [
    {
      ...CODE,
      extra: 1,
      outputs: [
        { output_type: "hologram", x: 1 },
        { output_type: "display_data", data: { "image/png": { width: 5 } }, metadata: {}, more: 1 },
      ],
    },
    { cell_type: "widget", metadata: { tags: ["t"] } },
    { cell_type: "widget", metadata: { tags: [5] } },
    { cell_type: "widget" },
    { ...CODE, id: "b", source: 5 },
  ]
  expect(problems(notebook(cells, { nbformat_minor: 6, $schema: "x" }))).toEqual([
    "cells[2].metadata.tags[0] is 5, but must be a text",
    "cells[3].metadata is missing",
    "cells[4].source is 5, but must be a text or a list of texts",
  ])
})

test("attachments stand on text cells only", () => {
  const attachments = { "a.png": { "image/png": "iVBO", "text/plain": 5 } }
  expect(problems(notebook([{ ...CODE, attachments }]))).toEqual(["cells[0].attachments may not stand here: the format has no such key"])
  expect(problems(notebook([{ cell_type: "markdown", id: "a", metadata: {}, source: [], attachments }]))).toEqual([
    'cells[0].attachments["a.png"]["text/plain"] is 5, but must be a text or a list of texts',
  ])
})

test("JSON media types hold anything", () => {
  const data = { "application/json": { a: [1] }, "application/x.y+json": 5, "text/x+json": 5 }
  expect(problems(notebook([{ ...CODE, outputs: [{ output_type: "execute_result", execution_count: null, metadata: {}, data }] }]))).toEqual([
    'cells[0].outputs[0].data["text/x+json"] is 5, but must be a text or a list of texts',
  ])
})

test("format 3 has rules of its own", () => {
  const output = { output_type: "pyout", prompt_number: 1, text: "x", "image/webp": "y" }
  const code = { cell_type: "code", language: "python", input: "", outputs: [output], metadata: {} }
  const sheet = (...cells: readonly object[]) => ({ nbformat: 3, nbformat_minor: 0, metadata: {}, worksheets: [{ cells }] })
  expect(problems(sheet(code, { cell_type: "heading", level: 1, source: "h" }, { cell_type: "html", source: "h" }))).toEqual([])
  const wrong = sheet({ ...code, source: "x", outputs: [{ output_type: "stream", text: 5 }] }, { cell_type: "heading", level: 0, source: "h" })
  expect(problems(wrong)).toEqual(
    [
      "worksheets[0].cells[0].outputs[0].stream is missing",
      "worksheets[0].cells[0].outputs[0].text is 5, but must be a text or a list of texts",
      "worksheets[0].cells[0].source may not stand here: the format has no such key",
      "worksheets[0].cells[1].level is 0, but must be a number of at least 1",
    ].sort(),
  )
})

test("format 2 has no rules but those of reading", () => {
  expect(problems({ nbformat: 2, worksheets: [{ cells: [{ cell_type: "code", anything: 1 }] }] })).toEqual([])
  expect(problems({ nbformat: 2, worksheets: [{ cells: [{}] }] })).toEqual(["worksheets[0].cells[0].cell_type is missing"])
})

test("a damaged notebook is judged, never thrown at", LONG, () => {
  const junk = fc.constantFrom("null", "5", "[]", "{}", '"x"', "true", "1.0")
  fc.assert(
    fc.property(arbitraryNotebook, fc.nat(), junk, (any, at, value) => {
      const text = write(any)
      const places = [...text.matchAll(/: (?:"[^"\n]*"|null|\d+|\[\]|\{\})(?=,?\n)/g)]
      const place = places[at % places.length]
      const damaged = place ? `${text.slice(0, place.index)}: ${value}${text.slice(place.index + place[0].length)}` : text
      for (const problem of validate(json(damaged))) expect(problem.message.length).toBeGreaterThan(5)
    }),
    { numRuns: 300 },
  )
})
