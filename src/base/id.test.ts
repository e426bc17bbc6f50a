import fc from "fast-check"
import { expect, test } from "vitest"
import { newId } from "#base/id.ts"

// Many examples: on a busy machine they may take longer than a test is given by default.
const LONG = { timeout: 60_000 }

const random = { bytes: (count: number) => crypto.getRandomValues(new Uint8Array(count)) }

test("an id is 26 characters that no one confuses", () => {
  expect(newId<"Run">(Date.now(), random)).toMatch(/^[0-9A-HJKMNP-TV-Z]{26}$/)
})

test("ids sort by when they were made", LONG, () => {
  fc.assert(
    fc.property(fc.nat(2 ** 31), fc.integer({ min: 1, max: 2 ** 31 }), (first, later) => {
      expect(newId(first * 1000, random) < newId((first + later) * 1000, random)).toBe(true)
    }),
  )
})

test("the time part is the ULID's", () => {
  expect(newId(1469918176385, { bytes: (count) => new Uint8Array(count) })).toBe("01ARYZ6S410000000000000000")
})

test("two ids of the same moment differ", () => {
  const ids = Array.from({ length: 1000 }, () => newId(1, random))
  expect(new Set(ids).size).toBe(1000)
})
