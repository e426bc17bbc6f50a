import { expect, test } from "vitest"
import type { ExpressionCheck } from "#case/case.ts"
import { expressionProblem, isAdded, isMocked, rigged, rigOf } from "#case/rig.ts"
import type { Cell, Notebook } from "#notebook/index.ts"

const code = (id: string, source: string, tags: readonly string[] = []): Cell => ({
  id,
  cell_type: "code",
  metadata: { tags: [...tags], stet: { timeout: 5 } },
  source,
  outputs: [],
  execution_count: null,
})
const NOTEBOOK: Notebook = {
  nbformat: 4,
  nbformat_minor: 5,
  metadata: { kernelspec: { name: "python3", language: "python" } },
  cells: [
    code("p", "n = 1", ["parameters"]),
    code("d", "rows = fetch()", ["download"]),
    code("a", "1", ["twice"]),
    code("b", "2", ["twice"]),
    { id: "m", cell_type: "markdown", metadata: {}, source: "# Title" },
  ],
}
const rig = (mocks: readonly { cell: string; source: string }[], ...expressions: ExpressionCheck[]) => ({ mocks, expressions })

test("a cell gives way to another source, keeps what it was, and says that it was replaced; the others stay as they are", () => {
  const done = rigged(NOTEBOOK, rig([{ cell: "download", source: "rows = []" }]))
  if (!done.ok) throw new Error(done.refusal.message)
  expect(done.value.mocked).toEqual(["d"])
  expect(done.value.notebook.cells[1]).toEqual({
    ...NOTEBOOK.cells[1],
    source: "rows = []",
    metadata: { tags: ["download"], stet: { timeout: 5, mocked: true } },
  })
  expect(done.value.notebook.cells.filter(isMocked).map(({ id }) => id)).toEqual(["d"])
  expect(done.value.notebook.cells.filter((_, at) => at !== 1)).toEqual(NOTEBOOK.cells.filter((_, at) => at !== 1))
})

test("what cannot be replaced is said, all of it", () => {
  const mocks = ["nowhere", "twice", "m", "p"].map((cell) => ({ cell, source: "" }))
  expect(rigged(NOTEBOOK, rig(mocks))).toEqual({
    ok: false,
    refusal: {
      refused: "bad_test",
      message: [
        'There is no cell with the id or tag "nowhere" to be replaced.',
        '2 cells have the tag "twice": name the one to be replaced by its id.',
        'The cell "m" is no code, so it cannot be replaced.',
        'The cell "p" declares the parameters: give the test case other values instead of replacing it.',
      ].join(" "),
    },
  })
})

test("expressions are evaluated in cells of their own behind the last one", () => {
  const shows: ExpressionCheck = { check: "expression", expression: "len(rows)", shows: "3" }
  const equals: ExpressionCheck = { check: "expression", expression: "total", equals: 126 }
  expect(rigOf({ mocks: [], expects: { outcome: "succeeds", checks: [shows, { check: "result_exists", name: "x" }, equals] } })?.expressions).toEqual(
    [shows, equals],
  )
  const done = rigged(NOTEBOOK, rig([], shows, equals))
  if (!done.ok) throw new Error(done.refusal.message)
  const added = done.value.notebook.cells.filter(isAdded)
  expect(added.map(({ id }) => id)).toEqual(["stet-expression-1", "stet-expression-2"])
  expect(added[0]?.source).toBe("len(rows)")
  expect(rigged(NOTEBOOK, rig([], equals), "bash")).toMatchObject({ ok: false, refusal: { message: expect.stringMatching(/only in Python and R/) } })

  const outputs = [{ output_type: "execute_result", data: { "text/plain": "3" }, metadata: {}, execution_count: 9 }]
  const result = {
    ...done.value.notebook,
    cells: done.value.notebook.cells.map((cell) => (cell === added[0] ? { ...cell, outputs, execution_count: 9 } : cell)),
  }
  expect(expressionProblem(shows, { result, named: {} })).toBeUndefined()
  expect(expressionProblem({ ...shows, shows: "4" }, { result, named: {} })).toBe('len(rows) was to show "4", and shows "3".')
  expect(expressionProblem(shows, { result: done.value.notebook, named: {} })).toMatch(/was not evaluated/)
  expect(expressionProblem(equals, { result, named: { "stet:total": 126 } })).toBeUndefined()
  expect(expressionProblem(equals, { result, named: { "stet:total": 125 } })).toBe("total was to be 126, and is 125.")
  expect(expressionProblem(equals, { result, named: {} })).toMatch(/was not evaluated/)
})
