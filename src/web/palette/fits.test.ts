import { expect, test } from "vitest"
import { fits } from "#web/palette/fits.ts"

test("a few letters find an action, in any order, whatever case and accents", () => {
  expect(["new", "note ne", "BOOK", ""].map((typed) => fits(typed, "New notebook"))).toEqual([true, true, true, true])
  expect(fits("eco", "École économique")).toBe(true)
  expect(fits("ew", "New notebook")).toBe(false)
  expect(fits("new space", "New notebook")).toBe(false)
})
