/** How far a replay has come, from what became of each cell. */
import { expect, test } from "vitest"
import type { DraftCell } from "#draft/index.ts"
import { replayOf } from "#draft/index.ts"

const cell = (id: string, text = "x", more: Partial<DraftCell> = {}): DraftCell =>
  ({ id, type: "code", text, tags: [], metadata: {}, attachments: undefined, shows: "", ...more }) as DraftCell

const CELLS = [
  cell("md", "# T", { type: "markdown" }),
  cell("a"),
  cell("empty", " "),
  cell("skip", "x", { tags: ["skip-execution"] }),
  cell("b"),
  cell("c"),
]

const told = (until: string, states: Readonly<Record<string, string>>) => {
  const { done, total, is, at } = replayOf(CELLS, until, (id) => states[id])
  return `${done}/${total} ${is}${at === "" ? "" : ` at ${at}`}`
}

test("cells before the end count, as a run would run them", () => {
  expect(told("c", {})).toBe("0/2 stopped at a")
  expect(told("c", { a: "running", b: "queued" })).toBe("0/2 running at a")
  expect(told("c", { a: "succeeded", b: "queued" })).toBe("1/2 running at b")
  expect(told("c", { a: "succeeded", b: "succeeded", c: "failed" })).toBe("2/2 done")
  expect(told("c", { a: "failed", b: "not_run" })).toBe("0/2 stopped at a")
  expect(told("c", { a: "succeeded", b: "cancelled" })).toBe("1/2 stopped at b")
  expect(told("", { a: "succeeded", b: "succeeded", c: "succeeded" })).toBe("3/3 done")
  expect(told("a", {})).toBe("0/0 done")
})
