import { expect, test } from "vitest"
import { slipsBetween } from "#base/nearest.ts"

test.each([
  ["region", "region", 0],
  ["regoin", "region", 1],
  ["regon", "region", 1],
  ["regiion", "region", 1],
  ["legion", "region", 1],
  ["Region", "region", 0.5],
  ["", "abc", 3],
  ["kitten", "sitting", 3],
])("%s is that far from %s", (a, b, slips) => {
  expect(slipsBetween(a, b)).toBe(slips)
  expect(slipsBetween(b, a)).toBe(slips)
})
