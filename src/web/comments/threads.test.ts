import { expect, test } from "vitest"
import { type Comment, openIn, openThreads, threadsOf } from "#web/comments/threads.ts"

const said = (id: string, more: Partial<Comment> = {}): Comment => ({
  id,
  notebook: "N",
  thread: id,
  cell: "",
  author: { id: "A", name: "Ada" },
  text: id,
  createdAt: "2026-01-01T00:00:00Z",
  editedAt: null,
  resolvedAt: null,
  resolvedBy: null,
  deletedAt: null,
  ...more,
})
const GONE = "2026-01-02T00:00:00Z"

test("threads stand in the order of their cells, those of the whole notebook and of cells that are gone first", () => {
  const comments = [said("1", { cell: "b" }), said("2", { cell: "a" }), said("3"), said("4", { cell: "gone" }), said("5", { thread: "1", cell: "b" })]
  const threads = threadsOf(comments, ["a", "b"])
  expect(threads.map(({ root, isOrphan, answers }) => [root.id, isOrphan, answers.length])).toEqual([
    ["3", false, 0],
    ["4", true, 0],
    ["2", false, 0],
    ["1", false, 1],
  ])
})

test("a thread that was taken back is there as long as somebody answered", () => {
  const comments = [
    said("1", { deletedAt: GONE }),
    said("2", { deletedAt: GONE }),
    said("3", { thread: "2" }),
    said("4", { thread: "2", deletedAt: GONE }),
  ]
  expect(threadsOf(comments, []).map(({ root, answers }) => [root.id, answers.map(({ id }) => id)])).toEqual([["2", ["3"]]])
})

test("a cell is marked by its open threads", () => {
  const comments = [said("1", { cell: "a" }), said("2", { cell: "a", thread: "1" }), said("3", { cell: "a", resolvedAt: GONE }), said("4")]
  expect([...openIn(comments)]).toEqual([["a", 1]])
  expect(openThreads(comments)).toBe(2)
})
