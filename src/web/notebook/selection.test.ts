import { expect, test } from "vitest"
import { at, extended, kept, moved, type Selection, selectedCells } from "#web/notebook/selection.ts"

const ids = ["a", "b", "c", "d"]
const drawn = (selection: Selection, among = ids) => selectedCells(selection, among).join("")

test("the arrows go one cell on and stop at the ends", () => {
  expect(moved(at("b"), ids, 1).active).toBe("c")
  expect(moved(at("a"), ids, -1).active).toBe("a")
  expect(moved(at("b"), ids, Number.MAX_SAFE_INTEGER).active).toBe("d")
})

test("with Shift the selection grows from where it began, and shrinks again", () => {
  const grown = extended(extended(at("b"), ids, 1), ids, 1)
  expect(drawn(grown)).toBe("bcd")
  expect(drawn(extended(grown, ids, -1))).toBe("bc")
  expect(drawn(extended(at("b"), ids, -1))).toBe("ab")
})

test("moving without Shift leaves one cell chosen", () => {
  expect(drawn(moved(extended(at("a"), ids, 1), ids, 1))).toBe("c")
})

test("a deleted cell leaves the selection to the one that came into its place, the last one to the one before", () => {
  expect(kept(at("b"), ids, ["a", "c", "d"]).active).toBe("c")
  expect(kept(at("d"), ids, ["a", "b", "c"]).active).toBe("c")
  expect(kept(at("b"), ids, []).active).toBe("")
  expect(kept(at("b"), ids, ["a", "c", "d"]).isThrownOut).toBeUndefined()
  expect(kept(at("b", "edit"), ids, ["b", "c"])).toEqual(at("b", "edit"))
})

test("what others insert and move does not change what is chosen, nor throws anybody out of an editor", () => {
  const editing = at("b", "edit")
  expect(kept(editing, ids, ["x", "b", "a", "c", "d"])).toBe(editing)
  expect(kept(editing, ids, ["a", "c"])).toEqual({ active: "c", anchor: "c", mode: "command", isThrownOut: true })
})

test("nothing chosen stays nothing chosen when the cells arrive", () => {
  expect(kept(at(""), [], ids).active).toBe("")
})
