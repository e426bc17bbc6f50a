import { expect, test } from "vitest"
import { isStill } from "#api/handlers/waiting.ts"
import { type Event, nextMost } from "#api/serve/stream.ts"

test("without a state the end is waited for; with one, that the run has gone past it", () => {
  expect((["queued", "running", "succeeded", "failed"] as const).map((state) => isStill(state, []))).toEqual([true, true, false, false])
  expect((["queued", "running", "succeeded"] as const).map((state) => isStill(state, ["queued"]))).toEqual([true, false, false])
  // Whoever waits for the end of running is not answered again and again while it waits in line.
  expect((["queued", "running", "lost"] as const).map((state) => isStill(state, ["running"]))).toEqual([true, true, false])
  expect(isStill("failed", ["failed"])).toBe(true)
})

test("a page of events grows while they are small and shrinks when they are large", () => {
  const events = (count: number, size: number): Event[] =>
    Array.from({ length: count }, (_, seq) => ({ seq, type: "stream", json: "x".repeat(size) }))
  expect(nextMost(16, events(16, 100))).toBe(32)
  expect(nextMost(128, events(128, 100))).toBe(128)
  expect(nextMost(16, events(3, 100))).toBe(16)
  expect(nextMost(16, events(16, 50_000))).toBe(4)
  expect(nextMost(4, events(4, 100_000))).toBe(2)
})
