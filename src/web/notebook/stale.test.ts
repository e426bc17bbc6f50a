import { expect, test } from "vitest"
import type { ExecutionView, SessionView } from "#api/live.ts"
import { sourceDigest } from "#draft/index.ts"
import { foldTells, NOTHING_KNOWN } from "#web/notebook/live-state.ts"
import { editedSince, executedIn, staleWords } from "#web/notebook/stale.ts"

function ran(cell: string, source: string, part: Partial<ExecutionView> = {}): ExecutionView {
  const at = "2026-01-01T00:00:00Z"
  return {
    id: `e-${cell}`,
    session: "s",
    cell,
    sourceSha256: sourceDigest(source),
    state: "succeeded",
    explanation: "",
    executionCount: 1,
    queuedAt: at,
    startedAt: at,
    endedAt: at,
    by: { id: "p", name: "Ada" },
    input: null,
    ...part,
  }
}
const state = (...executions: ExecutionView[]) =>
  foldTells(NOTHING_KNOWN, [
    { tell: "session", session: { id: "s" } as SessionView },
    ...executions.map((execution) => ({ tell: "execution", execution }) as const),
  ])
const digest = ({ text }: { readonly text: string }) => sourceDigest(text)

test("a cell that says something else than what ran is edited; one that never ran is not", () => {
  const cells = [
    { id: "a", text: "x = 1" },
    { id: "b", text: "y = 3" },
    { id: "c", text: "z" },
  ]
  expect([...editedSince(cells, state(ran("a", "x = 1"), ran("b", "y = 2")), digest)]).toEqual(["b"])
})

test("an edit that is taken back is no edit", () => {
  const known = state(ran("a", "x = 1"))
  expect(editedSince([{ id: "a", text: "x = 12" }], known, digest).size).toBe(1)
  expect(editedSince([{ id: "a", text: "x = 1" }], known, digest).size).toBe(0)
})

test("only what ran in this session counts, in the order in which it did", () => {
  const known = state(
    ran("b", "b", { startedAt: "2026-01-01T00:00:02Z" }),
    ran("a", "a", { startedAt: "2026-01-01T00:00:01Z" }),
    ran("old", "o", { id: "0", session: "before" }),
    ran("waits", "w", { id: "3", startedAt: null }),
  )
  expect([...executedIn(known)].map(([cell, { order }]) => [cell, order])).toEqual([
    ["a", 0],
    ["b", 1],
  ])
})

test("it is said why", () => {
  const words = staleWords(new Set(["a"]), new Map([["b", { why: "depends", on: "a", name: "x" }]]))
  expect([...words]).toEqual([
    ["a", "Edited since it ran"],
    ["b", "Uses x, which has changed since it ran"],
  ])
})
