import { expect, test } from "vitest"
import { type Came, type Expects, provesNothing, shortcomings } from "#template/expectation.ts"

const cell = (id: string, text: string, tags: readonly string[] = []) => ({
  id,
  cell_type: "code",
  metadata: { tags: [...tags] },
  source: "",
  outputs: [{ output_type: "display_data", data: { "text/markdown": text }, metadata: {} }],
})
const CAME: Came = {
  state: "succeeded",
  explanation: "",
  error: null,
  result: { nbformat: 4, nbformat_minor: 5, metadata: {}, cells: [cell("a", "Revenue is **42**", ["total"])] },
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
