import { expect, test } from "vitest"
import { toHuman, toIso } from "#base/time.ts"

test("an instant is ISO 8601 in UTC with milliseconds", () => {
  expect(toIso(1767323045678)).toBe("2026-01-02T03:04:05.678Z")
})

test.each([
  [0, "0 ms"],
  [340, "340 ms"],
  [4200, "4.2 s"],
  [59_940, "59.9 s"],
  [59_990, "1 m 0 s"],
  [72_000, "1 m 12 s"],
  [3_599_400, "59 m 59 s"],
  [3_600_000, "1 h 0 m"],
  [7_500_000, "2 h 5 m"],
])("%d ms are %s to people", (ms, said) => {
  expect(toHuman(ms)).toBe(said)
})
