import { expect, test } from "vitest"
import { cpuSecondsOf, within } from "#work/terms.ts"

test.each([
  ["a control group bounds them", { timeoutMs: 60_000, cpus: 2 }, undefined, {}],
  ["nothing is bounded", { timeoutMs: 60_000 }, Number.POSITIVE_INFINITY, {}],
  ["a run without a time-out", { timeoutMs: 0, cpus: 2 }, 4, {}],
  ["the worker's bound", { timeoutMs: 60_000 }, 1.5, { cpuSeconds: 90 }],
  ["a template's, where it is less", { timeoutMs: 60_000, cpus: 0.5 }, 2, { cpuSeconds: 30 }],
  ["a template's alone", { timeoutMs: 1_500, cpus: 1 }, Number.POSITIVE_INFINITY, { cpuSeconds: 2 }],
  ["hardly any time", { timeoutMs: 10, cpus: 0.1 }, 2, { cpuSeconds: 1 }],
])("processor time of one process: %s", (_, limits, uncounted, seconds) => {
  expect(cpuSecondsOf(limits, uncounted)).toEqual(seconds)
})

test("what both allow is the lesser of each", () => {
  expect(within({ level: "L1", memoryBytes: 4, cpus: 1 }, { memoryBytes: 2, cpus: 2, cpuSeconds: 9 })).toEqual({
    level: "L1",
    memoryBytes: 2,
    cpus: 1,
    cpuSeconds: 9,
  })
})
