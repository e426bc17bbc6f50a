import fc from "fast-check"
import { expect, test } from "vitest"
import { toHuman, toIso } from "#base/time.ts"

test("an instant is ISO 8601 in UTC with milliseconds", () => {
  expect(toIso(1767323045678)).toBe("2026-01-02T03:04:05.678Z")
})

test("whatever the instant, it is written as Date writes it, and what is none is thrown at", () => {
  const day = 86_400_000
  const leaps = [1970, 1972, 1999, 2000, 2001, 2023, 2024, 2100, 2400, 4706].flatMap((year) => [Date.UTC(year, 0, 1), Date.UTC(year, 2, 1)])
  for (const ms of leaps.flatMap((ms) => [ms - day, ms - 1, ms, ms + 1])) expect(toIso(ms)).toBe(new Date(ms).toISOString())
  fc.assert(fc.property(fc.integer({ min: -8.64e15, max: 8.64e15 }), (ms) => toIso(ms) === new Date(ms).toISOString()))
  fc.assert(fc.property(fc.integer({ min: 0, max: 4e12 }), (ms) => toIso(ms) === new Date(ms).toISOString()))
  expect(toIso(1.5)).toBe("1970-01-01T00:00:00.001Z")
  for (const none of [Number.NaN, Number.POSITIVE_INFINITY, 8.64e15 + 1]) expect(() => toIso(none)).toThrow(RangeError)
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
