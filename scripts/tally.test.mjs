import { expect, test } from "vitest"
import { afterSecondTry, stumbled, tally } from "./tally.mjs"

const file = (/** @type {string} */ path, passed = 1, failed = 0, skipped = 0) => ({ path, passed, failed, skipped })
const [core, live, journey] = ["src/draft/undo.test.ts", "src/work/walk.live.test.ts", "e2e/basics.test.ts"]

test("tests are counted over all files", () => {
  expect(tally({ errors: 0, files: [file(core, 3, 0, 1), file(live, 2)] }, 0)).toEqual({ passed: 5, failed: 0, skipped: 1 })
  expect(tally({ errors: 0, files: [file(core, 3, 2)] }, 1)).toEqual({ passed: 3, failed: 2, skipped: 0 })
})

test("an error that belongs to no test, a run without tests and a run without a report are failures", () => {
  expect(tally({ errors: 1, files: [file(core)] }, 1).failed).toBe(1)
  expect(tally({ errors: 0, files: [file(core)] }, 1).failed).toBe(1)
  expect(tally({ errors: 0, files: [] }, 0).failed).toBe(1)
  expect(tally(undefined, 1)).toEqual({ passed: 0, failed: 1, skipped: 0 })
})

test("what stumbled over the machine is tried again: a few files with kernels or a browser, and nothing else", () => {
  expect(stumbled({ errors: 0, files: [file(core), file(live, 1, 1), file(journey, 0, 1)] })).toEqual([live, journey])
  expect(stumbled({ errors: 0, files: [file(core, 1, 1), file(live, 1, 1)] })).toEqual([])
  expect(stumbled({ errors: 1, files: [file(live, 1, 1)] })).toEqual([])
  expect(stumbled({ errors: 0, files: ["a", "b", "c", "d", "e", "f", "g"].map((name) => file(`e2e/${name}.test.ts`, 0, 1)) })).toEqual([])
  expect(stumbled({ errors: 0, files: [file(live)] })).toEqual([])
  expect(stumbled(undefined)).toEqual([])
})

test("of what was tried twice the second try counts, and a failure in it fails", () => {
  const first = { errors: 0, files: [file(core), file(live, 4, 1)] }
  expect(tally(afterSecondTry(first, { errors: 0, files: [file(live, 5)] }), 0)).toEqual({ passed: 6, failed: 0, skipped: 0 })
  expect(tally(afterSecondTry(first, { errors: 0, files: [file(live, 4, 1)] }), 1).failed).toBe(1)
  expect(tally(afterSecondTry(first, { errors: 1, files: [file(live, 5)] }), 1).failed).toBe(1)
  expect(tally(afterSecondTry(first, { errors: 0, files: [] }), 1).failed).toBe(1)
})
