import { expect, test } from "vitest"
import type { ExecutionView, Tell } from "#api/live.ts"
import { foldOutputs, NOTHING_SHOWN } from "#web/notebook/live-outputs.ts"
import { executionOf, foldSnapshot, foldTells, NOTHING_KNOWN, queuePositions, shownExecution } from "#web/notebook/live-state.ts"

function execution(id: string, part: Partial<ExecutionView> = {}): ExecutionView {
  return {
    id,
    session: "s",
    cell: "a",
    sourceSha256: "0".repeat(64),
    state: "queued",
    explanation: "",
    executionCount: null,
    queuedAt: `2026-01-01T00:00:0${id}Z`,
    startedAt: null,
    endedAt: null,
    by: { id: "p", name: "Ada" },
    input: null,
    ...part,
  }
}
const running = (id: string, part: Partial<ExecutionView> = {}) => execution(id, { state: "running", startedAt: "2026-01-01T00:00:00Z", ...part })
const told = (one: ExecutionView): Tell => ({ tell: "execution", execution: one })
const printed = (id: string, from: number, ...texts: string[]): Tell => ({
  tell: "outputs",
  execution: id,
  from,
  changes: texts.map((text) => ({ op: "append", output: { output_type: "stream", name: "stdout", text } })),
})
const welcome = (executions: ExecutionView[]): Tell => ({
  tell: "welcome",
  you: { id: "p", name: "Ada", mayComment: true, mayRun: true, mayEdit: true },
  session: null,
  executions,
  saved: { version: 1, label: null, at: "2026-01-01T00:00:00Z", by: "Ada", isChanged: false },
})
const shownBy = (state: typeof NOTHING_KNOWN, id: string) =>
  state.outputs
    .get(id)
    ?.outputs.map((each) => each["text"])
    .join("")

test("outputs are applied in order, and what is known already is not applied again", () => {
  const state = foldTells(NOTHING_KNOWN, [told(running("1")), printed("1", 0, "a", "b"), printed("1", 1, "b", "c")])
  expect(shownBy(state, "1")).toBe("abc")
  expect(state.outputs.get("1")?.next).toBe(3)
})

test("after a gap what was shown stays and the whole is asked for; the answer closes the gap", () => {
  const gap = foldTells(NOTHING_KNOWN, [told(running("1")), printed("1", 0, "a"), printed("1", 4, "e")])
  expect(shownBy(gap, "1")).toBe("a")
  expect(gap.outputs.get("1")?.next).toBe(-1)
  const whole = foldSnapshot(gap, { execution: running("1"), next: 5, outputs: [{ output_type: "stream", text: "abcde" }], overflowBytes: 0 })
  expect(shownBy(foldTells(whole, [printed("1", 5, "f")]), "1")).toBe("abcdef")
})

test("an answer that knows less than what was told meanwhile leaves the gap open, and is asked for once more, not for ever", () => {
  const whole = (next: number, text: string) => ({ execution: running("1"), next, outputs: [{ output_type: "stream", text }], overflowBytes: 0 })
  const gap = foldTells(NOTHING_KNOWN, [told(running("1")), printed("1", 2, "c")])
  // Made before "d" was said, and here after it.
  const late = foldSnapshot(foldTells(gap, [printed("1", 3, "d")]), whole(3, "abc"))
  expect([shownBy(late, "1"), late.outputs.get("1")?.next]).toEqual(["abc", -1])
  expect(foldSnapshot(late, whole(4, "abcd")).outputs.get("1")?.next).toBe(4)
  // One that is kept says no more than it did before.
  expect(foldSnapshot(late, whole(3, "abc")).outputs.get("1")?.next).toBe(3)
})

test("an answer that what was told has overtaken changes nothing", () => {
  const ahead = foldTells(NOTHING_KNOWN, [printed("1", 0, "a", "b", "c")])
  expect(foldSnapshot(ahead, { execution: running("1"), next: 2, outputs: [], overflowBytes: 0 })).toBe(ahead)
})

test("text grows in its stream, outputs are set and cleared", () => {
  const stream = foldOutputs(NOTHING_SHOWN, 0, [
    { op: "append", output: { output_type: "stream", name: "stdout", text: "a" } },
    { op: "text", index: 0, text: "b" },
  ])
  expect(stream.outputs[0]?.["text"]).toBe("ab")
  expect(foldOutputs(stream, 2, [{ op: "set", index: 0, output: { output_type: "error" } }]).outputs[0]?.output_type).toBe("error")
  expect(foldOutputs(stream, 2, [{ op: "clear" }]).outputs).toEqual([])
})

test("when one is back, what ran meanwhile is asked for again, and what had ended before is not", () => {
  const before = foldTells(NOTHING_KNOWN, [
    told(running("1")),
    printed("1", 0, "a"),
    told(running("2", { cell: "b", state: "succeeded" })),
    printed("2", 0, "b"),
  ])
  const back = foldTells(before, [welcome([running("1", { state: "succeeded" }), running("2", { cell: "b", state: "succeeded" })])])
  expect(back.outputs.get("1")?.next).toBe(-1)
  expect(shownBy(back, "1")).toBe("a")
  expect(back.outputs.get("2")?.next).toBe(1)
})

test("a cell's rail carries its newest execution, whatever order they are told in", () => {
  const state = foldTells(NOTHING_KNOWN, [told(running("2")), told(running("1", { state: "succeeded" }))])
  expect(executionOf(state, "a")?.id).toBe("2")
})

test("a cell shows the execution that the draft names, or one that has begun since; one that waits shows nothing yet", () => {
  const state = foldTells(NOTHING_KNOWN, [told(running("3"))])
  expect(shownExecution(state, "a", "execution:2")).toBe("3")
  expect(shownExecution(state, "a", "execution:4")).toBe("4")
  expect(shownExecution(state, "a", "version:7")).toBe("3")
  expect(shownExecution(foldTells(NOTHING_KNOWN, [told(execution("3"))]), "a", "execution:2")).toBe("2")
  expect(shownExecution(foldTells(NOTHING_KNOWN, [told(running("3", { state: "succeeded" }))]), "a", "version:7")).toBeUndefined()
})

test("a cell that was cleared shows only what has begun since", () => {
  const state = foldTells(NOTHING_KNOWN, [told(running("3", { state: "succeeded" }))])
  expect(shownExecution(state, "a", "cleared:4")).toBeUndefined()
  expect(shownExecution(state, "a", "cleared:2")).toBe("3")
  expect(shownExecution(foldTells(NOTHING_KNOWN, [told(execution("3"))]), "a", "cleared:2")).toBeUndefined()
})

test("waiting cells have places in the queue", () => {
  const state = foldTells(NOTHING_KNOWN, [told(running("1")), told(execution("3", { cell: "c" })), told(execution("2", { cell: "b" }))])
  expect([...queuePositions(state)]).toEqual([
    ["2", 1],
    ["3", 2],
  ])
})

test("rights that change are taken over", () => {
  const state = foldTells(NOTHING_KNOWN, [welcome([]), { tell: "rights", mayComment: true, mayRun: false, mayEdit: false }])
  expect(state.you).toMatchObject({ mayComment: true, mayRun: false, mayEdit: false, name: "Ada" })
})
