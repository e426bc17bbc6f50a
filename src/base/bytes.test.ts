import { expect, test } from "vitest"
import { joined } from "#base/bytes.ts"

test("pieces are joined in order, none and one as well", () => {
  const bytes = (...values: number[]) => Uint8Array.from(values)
  expect(joined([])).toEqual(bytes())
  expect(joined([bytes(1, 2)])).toEqual(bytes(1, 2))
  expect(joined([bytes(1), bytes(), bytes(2, 3)])).toEqual(bytes(1, 2, 3))
})
