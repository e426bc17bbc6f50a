import { expect, test } from "vitest"
import { MARKS, refusesChanges } from "#database/embedded/room.ts"

test("changes are refused below the low mark, until there is more than enough", () => {
  expect(refusesChanges(false, 1e9, MARKS)).toBe(false)
  expect(refusesChanges(false, 64e6, MARKS)).toBe(false)
  expect(refusesChanges(false, 64e6 - 1, MARKS)).toBe(true)
  expect(refusesChanges(true, 100e6, MARKS)).toBe(true)
  expect(refusesChanges(true, 128e6 + 1, MARKS)).toBe(false)
})
