import { expect, test } from "vitest"
import { tally } from "./tally.mjs"

const report = (/** @type {object} */ parts) =>
  JSON.stringify({ numPassedTests: 5, numFailedTests: 0, numPendingTests: 0, numTodoTests: 0, testResults: [], ...parts })

test("tests are counted as vitest counted them", () => {
  expect(tally(report({}), 0)).toEqual({ passed: 5, failed: 0, skipped: 0 })
  expect(tally(report({ numFailedTests: 2, numPendingTests: 1 }), 1)).toEqual({ passed: 5, failed: 2, skipped: 1 })
})

test("a file that could not be read is a failure though no test in it failed", () => {
  const testResults = [
    { status: "failed", assertionResults: [] },
    { status: "failed", assertionResults: [{ status: "failed" }] },
    { status: "passed", assertionResults: [{ status: "passed" }] },
  ]
  expect(tally(report({ numFailedTests: 1, testResults }), 1).failed).toBe(2)
})

test("an error that belongs to no test, a run without tests and a run without a report are failures", () => {
  expect(tally(report({}), 1).failed).toBe(1)
  expect(tally(report({ numPassedTests: 0 }), 0).failed).toBe(1)
  expect(tally("", 1)).toEqual({ passed: 0, failed: 1, skipped: 0 })
})
