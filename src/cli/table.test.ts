import { expect, test } from "vitest"
import { table, tableOn } from "#cli/table.ts"

const ROWS = [
  ["NOTEBOOK", "VERSION", "OWNER"],
  ["team/a.ipynb", "12", "Ada"],
  [`team/${"long ".repeat(12)}name.ipynb`, "3", "Bea"],
]

test("on a terminal a long entry runs over its column, and nothing of it is cut; the others stay together", () => {
  const lines = tableOn({ isTerminal: true, columns: 60 }, ROWS).split("\n")
  expect(lines[1]).toMatch(/^team\/a\.ipynb {10,40}12 {7}Ada$/)
  expect(lines[1]!.length).toBeLessThanOrEqual(60)
  expect(lines[2]).toContain(ROWS[2]![0])
})

test("a column whose entries are all as long stands straight where there is no room for it", () => {
  const id = "01M8DGEQSX7BQ3P15AS5N0EM2S"
  const lines = tableOn({ isTerminal: true, columns: 40 }, [
    ["RUN", "STATE", "NOTEBOOK"],
    [id, "failed", "team/a.ipynb"],
    [id, "succeeded", "team/b.ipynb"],
  ]).split("\n")
  expect(lines.map((line) => line.search(/STATE|failed|succeeded/))).toEqual([28, 28, 28])
})

test("in a pipe and where there is room every column stands straight", () => {
  const straight = table(ROWS)
  expect(tableOn({ isTerminal: false, columns: 60 }, ROWS)).toBe(straight)
  expect(tableOn({ isTerminal: true, columns: 200 }, ROWS)).toBe(straight)
  const [head, first, second] = straight.split("\n").map((line) => line.search(/VERSION|12|3 {8}/))
  expect([first, second]).toEqual([head, head])
})
