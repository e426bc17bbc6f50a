import { expect, test } from "vitest"
import { type Json, NumberLexeme } from "#base/json.ts"
import { type Came, type Expects, namedResults, provesNothing, shortcomings, type TestCase, weaknesses } from "#case/index.ts"

const cell = (id: string, text: string, tags: readonly string[] = []) => ({
  id,
  cell_type: "code",
  metadata: { tags: [...tags] },
  source: "",
  outputs: [{ output_type: "display_data", data: { "text/markdown": text }, metadata: {} }],
})
const PRINTED = { ...cell("printed", ""), outputs: ["one\n", "two\n"].map((text) => ({ output_type: "stream", name: "stdout", text })) }
const CAME: Came = {
  state: "succeeded",
  explanation: "",
  error: null,
  result: { nbformat: 4, nbformat_minor: 5, metadata: {}, cells: [cell("a", "Revenue is **42**", ["total"]), PRINTED] },
  named: { revenue: 42, rows: [1, 2] },
}
const FAILED: Came = { ...CAME, state: "failed", explanation: "Cell 2 raised KeyError.", error: { ename: "KeyError", evalue: "'EU'" } }
const told = (expects: Partial<Expects>, came = CAME) => shortcomings({ outcome: "succeeds", checks: [], ...expects }, came)

test("what was expected says nothing; each shortcoming is a sentence of its own", () => {
  const checks: Expects["checks"] = [
    { check: "output_contains", cell: "total", text: "**42**" },
    { check: "output_contains", cell: "a", text: "Revenue" },
    { check: "result_equals", name: "rows", value: [1, 2] },
    { check: "result_between", name: "revenue", min: 40, max: 42 },
  ]
  expect(told({ checks })).toEqual([])
  expect(
    told({
      checks: [
        { check: "output_contains", cell: "total", text: "43" },
        { check: "output_contains", cell: "nowhere", text: "" },
        { check: "result_equals", name: "rows", value: [2, 1] },
        { check: "result_equals", name: "profit", value: 1 },
        { check: "result_between", name: "revenue", min: 43 },
        { check: "result_between", name: "rows", max: 9 },
      ],
    }),
  ).toEqual([
    'The output of the cell total does not hold "43".',
    'There is no cell with the id or tag "nowhere".',
    "rows was to be [2,1], and is [1,2].",
    'There is no result named "profit".',
    "revenue was to be at least 43, and is 42.",
    "rows was to be at most 9, and is [1,2].",
  ])
})

test("how it ends is looked at first", () => {
  expect(told({ checks: [{ check: "result_equals", name: "x", value: 1 }] }, FAILED)).toEqual([
    "It was to succeed, and it failed: Cell 2 raised KeyError.",
  ])
  expect(told({ outcome: "fails", ename: "KeyError", message: "EU" }, FAILED)).toEqual([])
  expect(told({ outcome: "fails" })).toEqual(["It was to fail, and it succeeded."])
  expect(told({ outcome: "fails", ename: "ValueError" }, FAILED)).toEqual(["It was to fail with ValueError, and failed with KeyError."])
  expect(told({ outcome: "fails", message: "US" }, FAILED)).toEqual(['Its error was to say "US", and said "\'EU\'".'])
  expect(told({ outcome: "fails" }, { ...FAILED, state: "lost" })).toEqual(["It was to fail, and its worker was lost."])
})

test("a test that any failure passes is told apart", () => {
  expect(provesNothing({ outcome: "fails", checks: [] })).toBe(true)
  expect(provesNothing({ outcome: "fails", ename: "KeyError", checks: [] })).toBe(false)
  expect(provesNothing({ outcome: "succeeds", checks: [] })).toBe(false)
})

test("results and outputs, exactly and by pattern", () => {
  const checks = (...all: Expects["checks"]) => told({ checks: all })
  expect(
    checks(
      { check: "result_exists", name: "revenue" },
      { check: "result_equals", name: "revenue", value: new NumberLexeme("42.0") },
      { check: "output_matches", cell: "total", pattern: "\\*\\*\\d+\\*\\*" },
      { check: "output_equals", cell: "printed", text: "one\ntwo\n" },
    ),
  ).toEqual([])
  expect(
    checks(
      { check: "result_exists", name: "profit" },
      { check: "output_matches", cell: "printed", pattern: "^three$" },
      { check: "output_equals", cell: "printed", text: "one" },
      { check: "output_matches", cell: "printed", pattern: "(" },
    ),
  ).toEqual([
    'There is no result named "profit".',
    'The output of the cell printed has nothing that matches "^three$".',
    'The output of the cell printed was to be "one", and is "one\\ntwo".',
    'The pattern "(" cannot be used: a group is not closed.',
  ])
})

test("named results are read from what cells show; the last word counts", () => {
  const shows = (data: { readonly [mime: string]: Json }) => ({ output_type: "display_data", data, metadata: {} })
  const scrap = (name: string, data: Json) => shows({ "application/scrapbook.scrap.json+json": { name, data, encoder: "json", version: 1 } })
  const outputs = [scrap("a", 1), scrap("b", [2]), shows({ "application/papermill.record+json": { c: 3 } }), scrap("a", 4)]
  expect(namedResults({ ...CAME.result!, cells: [{ ...cell("x", ""), outputs }] })).toEqual({ a: 4, b: [2], c: 3 })
})

test("a test that cannot fail is noticed, and so is one that looks at what it put there itself", () => {
  const weak = (expects: Partial<Expects>, mocks: TestCase["mocks"] = []) =>
    weaknesses({ expects: { outcome: "succeeds", checks: [], ...expects }, mocks })
  expect(weak({})).toEqual(["It has no checks: it proves only that the notebook runs."])
  expect(weak({ outcome: "fails" })).toEqual(["Any failure at all passes it: say with which error it must fail."])
  expect(weak({ outcome: "fails", ename: "KeyError" })).toEqual([])
  expect(weak({ checks: [{ check: "result_exists", name: "a" }] })).toEqual([])
  expect(
    weak({
      checks: [
        { check: "output_contains", cell: "a", text: "" },
        { check: "output_matches", cell: "a", pattern: "x*" },
        { check: "result_between", name: "a" },
        { check: "table_rows", cell: "a", min: 0 },
      ],
    }),
  ).toHaveLength(4)
  expect(weak({ checks: [{ check: "output_contains", cell: "a", text: "x" }] }, [{ cell: "a", source: "print('x')" }])).toEqual([
    "A check looks at the cell a, which the test itself replaces.",
  ])
})

test("an expression that names nothing of the notebook cannot fail", () => {
  const weak = (expression: string) =>
    weaknesses({ expects: { outcome: "succeeds", checks: [{ check: "expression", expression, equals: 1 }] }, mocks: [] })
  const empty = [
    "1",
    "1 == 1",
    "True",
    "TRUE",
    "'total'",
    '"it is \\"total\\""',
    "not None",
    "len([1, 2])",
    "[1, 2.5e3, 0x1F]",
    "{'a': 1}['a']",
    "'a'.upper()",
    "",
  ]
  expect(empty.filter((one) => weak(one).length === 0)).toEqual([])
  const full = [
    "total",
    "len(rows)",
    "rows == []",
    "f'{total}'",
    '"$total"',
    "total.real",
    "[i for i in [1]]",
    "sum",
    "`odd name`",
    ".hidden",
    "a.b",
    "öl > 1",
    "x1",
  ]
  expect(full.filter((one) => weak(one).length > 0)).toEqual([])
  expect(weak("1 == 1")).toEqual(['The expression "1 == 1" names nothing of the notebook: it is the same whatever that computes.'])
})

test("snapshots are compared by what is shown; what cannot be compared is no success", () => {
  const before = CAME.result!
  const shows = (text: string) => ({ ...before, cells: [cell("a", text, ["total"]), PRINTED] })
  const seen = (check: { readonly cell?: string }, came: Partial<Came>) => told({ checks: [{ check: "snapshot", ...check }] }, { ...CAME, ...came })
  expect(seen({ cell: "total" }, { before })).toEqual([])
  expect(seen({}, { before })).toEqual([])
  expect(seen({}, { before, result: shows("Revenue is **43**") })).toEqual([expect.stringMatching(/^Cell 1 does not show what it showed: /)])
  expect(seen({ cell: "printed" }, { before, result: shows("Revenue is **43**") })).toEqual([])
  expect(seen({ cell: "total" }, {})).toEqual(["There is nothing yet that its outputs could be compared with."])
  expect(seen({ cell: "gone" }, { before })).toEqual(['There is no cell with the id or tag "gone".'])
  const empty = { ...before, cells: before.cells.map((one) => ({ ...one, outputs: [] })) }
  expect(seen({ cell: "total" }, { before: empty })).toEqual([expect.stringMatching(/^What cell 1 shows cannot be compared: /)])
})
