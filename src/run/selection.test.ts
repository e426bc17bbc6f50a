import { expect, test } from "vitest"
import { type Selection, selected } from "#run/selection.ts"
import { codeCell, notebookOf } from "#run/testing.ts"

const notebook = notebookOf(codeCell("p", { tags: ["parameters"] }), "b", codeCell("c", { tags: ["plot"] }), "d", codeCell("e", { tags: ["plot"] }))

function chosen(selection: Selection): string {
  const outcome = selected(notebook, selection)
  return outcome.ok ? [...outcome.value].map((id) => id.replace("cell-", "")).join(" ") : outcome.refusal.message
}

test("nothing asked selects everything", () => expect(chosen({})).toBe("1 2 3 4 5"))
test("numbers, ranges, ids and tags can be mixed; parameters always belong", () => {
  expect(chosen({ cells: "2" })).toBe("1 2")
  expect(chosen({ cells: "2-3, 5" })).toBe("1 2 3 5")
  expect(chosen({ cells: "4-" })).toBe("1 4 5")
  expect(chosen({ cells: "-2" })).toBe("1 2")
  expect(chosen({ cells: "tag:plot" })).toBe("1 3 5")
  expect(chosen({ cells: "cell-4" })).toBe("1 4")
})
test("from and until are inclusive and narrow the rest", () => {
  expect(chosen({ from: "3" })).toBe("1 3 4 5")
  expect(chosen({ from: "2", until: "tag:plot" })).toBe("1 2 3 4 5")
  expect(chosen({ from: "4", cells: "tag:plot" })).toBe("1 5")
})
test("what is not there is named, with what there is", () => {
  expect(chosen({ cells: "9" })).toBe('No cell is meant by "9": the notebook has cells 1 to 5 and the tags parameters, plot.')
  expect(chosen({ from: "nope" })).toMatch(/^No cell is meant by "nope"/)
  expect(chosen({ from: "4", until: "2" })).toBe("The selection is empty: cell 4 (from) comes after cell 2 (until).")
})
