import fc from "fast-check"
import { expect, test } from "vitest"
import { write as writeJson } from "#base/json.ts"
import { cellIdFor } from "#notebook/ids.ts"
import { read } from "#notebook/read.ts"
import { arbitraryNotebook, reading, refusal } from "#notebook/testing.ts"
import { write } from "#notebook/write.ts"

// Many examples: on a busy machine they may take longer than a test is given by default.
const LONG = { timeout: 60_000 }

const CODE = { cell_type: "code", metadata: {}, source: "", outputs: [], execution_count: null }

function file(minor: number, cells: readonly object[], others: object = {}): string {
  return JSON.stringify({ nbformat: 4, nbformat_minor: minor, metadata: {}, cells, ...others })
}

test.each([
  ["", "bad_json", /line 1, column 1: there is nothing here/],
  ['{"cells": [', "bad_json", /line 1, column 12: .*the text ends/],
  ["<html>", "bad_json", /a value was expected, but < stands here/],
  ['{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5, "x": "\\ud800"}', "bad_json", /surrogate/],
  ["[]", "not_a_notebook", /it is a list, and a notebook is an object/],
  ["null", "not_a_notebook", /it is null/],
  ["3", "not_a_notebook", /it is a number/],
  ['"x"', "not_a_notebook", /it is a text/],
  ["{}", "not_a_notebook", /it has no nbformat/],
  ['{"cells": []}', "not_a_notebook", /it has no nbformat/],
  ['{"nbformat": "4"}', "not_a_notebook", /its nbformat is not a whole number/],
  ['{"nbformat": 4, "nbformat_minor": 5, "metadata": {}}', "not_a_notebook", /it has no cells/],
  ['{"nbformat": 4, "nbformat_minor": 5, "cells": {}}', "not_a_notebook", /its cells are an object, not a list/],
  ['{"nbformat": 3, "cells": []}', "not_a_notebook", /it has no worksheets/],
  ['{"nbformat": 3, "worksheets": [{}]}', "not_a_notebook", /worksheets\[0\] has no list of cells/],
  [file(5, [CODE, 7 as unknown as object]), "not_a_notebook", /cells\[1\] is a number, not an object/],
  [file(5, [{ metadata: {}, source: "" }]), "not_a_notebook", /cells\[0\].cell_type is missing/],
  [file(5, [{ ...CODE, source: 5 }]), "not_a_notebook", /cells\[0\].source is neither a text nor a list of texts/],
  [file(5, [{ ...CODE, source: ["a", 5] }]), "not_a_notebook", /cells\[0\].source is neither/],
  [file(5, [{ ...CODE, outputs: {} }]), "not_a_notebook", /cells\[0\].outputs is an object, not a list/],
  [file(5, [{ ...CODE, outputs: [{ output_type: "stream" }, {}] }]), "not_a_notebook", /cells\[0\].outputs\[1\] is not an output/],
  ['{"nbformat": 5, "nbformat_minor": 1}', "unsupported_format", /nbformat 5\.1, and Stet reads formats 2 to 4/],
  ['{"nbformat": 1, "cells": []}', "unsupported_format", /nbformat 1\.0/],
])("%j is refused as %s", (text, refused, message) => {
  expect(refusal(text).refused).toBe(refused)
  expect(refusal(text).message).toMatch(message)
})

test("a file that is too large for one text is refused before it is read", () => {
  const huge = { length: 600 * 1024 * 1024 } as Uint8Array
  expect(refusal(huge)).toMatchObject({ refused: "too_large", sizeBytes: 629145600 })
})

test("a damaged notebook is read or refused, never thrown at", LONG, () => {
  fc.assert(
    fc.property(arbitraryNotebook, fc.nat(), fc.nat(), fc.constantFrom("", "1", "[", "{}", '"', ",", "null", "\\"), (notebook, at, length, junk) => {
      const text = write(notebook)
      const from = at % text.length
      const damaged = text.slice(0, from) + junk + text.slice(from + (length % 20))
      const outcome = damaged.isWellFormed() ? reading : refusal
      try {
        outcome(damaged)
      } catch (error) {
        expect((error as Error).message).toMatch(/^(line \d+, column \d+: |this is not a notebook: |the notebook is in nbformat )/)
      }
    }),
    { numRuns: 500 },
  )
})

test("texts of lines are joined wherever the format keeps lists of them", () => {
  const data = {
    "text/plain": ["a\n", "b"],
    "image/png": ["iVB", "ORw"],
    "application/json": ["a", "b"],
    "application/x+json": ["c"],
    "text/x": ["a", 1],
  }
  const outputs = [
    { output_type: "stream", name: "stdout", text: ["1\n", "2"] },
    { output_type: "display_data", data, metadata: {} },
    { output_type: "error", ename: "", evalue: "", traceback: ["a", "b"] },
  ]
  const cell = { ...CODE, id: "a", source: ["x\n", "y"], outputs, attachments: { "f.md": { "text/markdown": ["q\n", "r"] } } }
  expect(reading(file(5, [cell])).notebook.cells[0]).toMatchObject({
    source: "x\ny",
    attachments: { "f.md": { "text/markdown": "q\nr" } },
    outputs: [
      { text: "1\n2" },
      { data: { "text/plain": "a\nb", "image/png": "iVBORw", "application/json": ["a", "b"], "application/x+json": ["c"], "text/x": ["a", 1] } },
      { traceback: ["a", "b"] },
    ],
  })
})

test("a notebook before 4.5 gets ids made from position and source, always the same ones", () => {
  const text = file(4, [
    { ...CODE, source: "x" },
    { ...CODE, source: "x" },
    { ...CODE, source: ["y\n", "z"] },
  ])
  const { notebook, repairs, wasFormat } = reading(text)
  expect({ repairs, wasFormat, minor: notebook.nbformat_minor }).toEqual({ repairs: [], wasFormat: [4, 4], minor: 5 })
  expect(notebook.cells.map((cell) => cell.id)).toEqual(["x", "x", "y\nz"].map((source, i) => cellIdFor(i, source, new Set())))
  expect(new Set(notebook.cells.map((cell) => cell.id)).size).toBe(3)
  expect(reading(text).notebook).toEqual(notebook)
})

test("the ids that older notebooks get are fixed for good", () => {
  expect([cellIdFor(0, "", new Set()), cellIdFor(1, "print(1)", new Set()), cellIdFor(41, "é😀\n", new Set())]).toEqual([
    "0614ed66",
    "ee60a4f8",
    "86d24975",
  ])
})

test("ids are eight hex digits, and step aside for those that are taken", () => {
  const first = cellIdFor(3, "x", new Set())
  const second = cellIdFor(3, "x", new Set([first]))
  expect(first).toMatch(/^[0-9a-f]{8}$/)
  expect(second).not.toBe(first)
  const ids = new Set(Array.from({ length: 20_000 }, (_, i) => cellIdFor(i, "", new Set())))
  expect(ids.size).toBeGreaterThan(19_990)
})

test("missing, invalid and duplicate ids are repaired, and each repair is told", () => {
  const ids = ["a", undefined, "a", "no spaces", 5, "b", "x".repeat(65), ""]
  const { notebook, repairs } = reading(
    file(
      5,
      ids.map((id) => (id === undefined ? CODE : { ...CODE, id })),
    ),
  )
  expect(repairs.map(({ path, what, was }) => ({ path, what, was }))).toEqual([
    { path: "cells[1].id", what: "missing", was: undefined },
    { path: "cells[2].id", what: "duplicate", was: "a" },
    { path: "cells[3].id", what: "invalid", was: "no spaces" },
    { path: "cells[4].id", what: "invalid", was: 5 },
    { path: "cells[6].id", what: "invalid", was: "x".repeat(65) },
    { path: "cells[7].id", what: "invalid", was: "" },
  ])
  expect(repairs.map(({ now }) => now)).toEqual([1, 2, 3, 4, 6, 7].map((i) => notebook.cells[i]?.id))
  expect(new Set(notebook.cells.map((cell) => cell.id)).size).toBe(ids.length)
  expect(notebook.cells[0]?.id).toBe("a")
})

test("ids that an older notebook has already are kept", () => {
  const { notebook, repairs } = reading(file(4, [{ ...CODE, id: "mine" }, CODE, { ...CODE, id: "mine" }]))
  expect(notebook.cells[0]?.id).toBe("mine")
  expect(repairs).toMatchObject([{ path: "cells[2].id", what: "duplicate", was: "mine" }])
})

test("what a document must hold and this one lacks is put in, and told", () => {
  const { notebook, repairs } = reading(
    '{"nbformat": 4, "cells": [{"cell_type": "code", "id": "a"}, {"cell_type": "raw", "id": "b", "metadata": 5, "source": null}]}',
  )
  expect(repairs).toEqual([
    { path: "cells[0].metadata", what: "missing", was: undefined, now: {} },
    { path: "cells[0].source", what: "missing", was: undefined, now: "" },
    { path: "cells[0].outputs", what: "missing", was: undefined, now: [] },
    { path: "cells[0].execution_count", what: "missing", was: undefined, now: null },
    { path: "cells[1].metadata", what: "invalid", was: 5, now: {} },
    { path: "cells[1].source", what: "invalid", was: null, now: "" },
    { path: "nbformat_minor", what: "missing", was: undefined, now: 5 },
    { path: "metadata", what: "missing", was: undefined, now: {} },
  ])
  expect(reading(write(notebook)).repairs).toEqual([])
})

test("a later minor keeps its number, and missing ids in it are repaired", () => {
  const { notebook, repairs, wasFormat } = reading(file(9, [CODE, { cell_type: "widget", metadata: {} }]))
  expect(wasFormat).toEqual([4, 9])
  expect(notebook.nbformat_minor).toBe(9)
  expect(repairs.map(({ path }) => path)).toEqual(["cells[0].id", "cells[1].id"])
})

test.each(["signature", "orig_nbformat", "orig_nbformat_minor"])("%s is dropped from the metadata on reading", (key) => {
  expect(reading(file(5, [], { metadata: { [key]: 1, kept: true } })).notebook.metadata).toEqual({ kept: true })
})

test("what Jupyter never keeps in a file is dropped on reading", () => {
  const metadata = { signature: "sha256:…", orig_nbformat: 2, orig_nbformat_minor: 4, kept: true }
  const { notebook } = reading(file(5, [{ ...CODE, id: "a", metadata: { trusted: true, tags: ["t"] } }], { metadata }))
  expect(notebook.metadata).toEqual({ kept: true })
  expect(notebook.cells[0]?.metadata).toEqual({ tags: ["t"] })
})

test("keys nobody knows are kept, on every level", () => {
  const outputs = [
    { output_type: "stream", name: "stdout", text: "x", odd: 1 },
    { output_type: "fancy", stuff: [1] },
  ]
  const { notebook } = reading(file(5, [{ ...CODE, id: "a", outputs, odd: 2 }], { odd: 3 }))
  expect(JSON.parse(writeJson(notebook))).toMatchObject({ odd: 3, cells: [{ odd: 2, outputs: [{ odd: 1 }, { stuff: [1] }] }] })
})

test("a format number that is spelled as a float is the number", () => {
  expect(reading('{"nbformat": 4.0, "nbformat_minor": 5.0, "metadata": {}, "cells": []}').notebook).toMatchObject({ nbformat: 4, nbformat_minor: 5 })
})

test("more lists and objects than a process has memory for are refused while they are read", () => {
  const bomb = `{"nbformat": 4, "nbformat_minor": 5, "metadata": {"x": [${"[],".repeat(5_000_001)}`
  expect(read(bomb)).toMatchObject({ ok: false, refusal: { refused: "bad_json", tooMuch: "containers" } })
})
