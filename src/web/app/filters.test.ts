import fc from "fast-check"
import { expect, test } from "vitest"
import { parseFilters, writeFilters } from "#web/app/filters.ts"

test("an address is read as texts, several of one name as a list", () => {
  expect(parseFilters("?state=failed&label=a%3D1&label=b%3D2&n=01")).toEqual({ state: "failed", label: ["a=1", "b=2"], n: "01" })
  expect(parseFilters("")).toEqual({})
})

test("empty filters leave the address", () => {
  expect(writeFilters({ a: "", b: undefined, c: [] })).toBe("")
  expect(writeFilters({ q: "in:Sales Q3", state: ["failed", "lost"] })).toBe("?q=in%3ASales+Q3&state=failed&state=lost")
})

test("what is written is read again, whatever the names", () => {
  const text = fc.string({ minLength: 1, unit: "grapheme" })
  const values = fc.oneof(text, fc.array(text, { minLength: 2, maxLength: 4 }))
  fc.assert(
    fc.property(fc.dictionary(fc.oneof(text, fc.constantFrom("__proto__", "constructor", "toString")), values), (filters) => {
      expect({ ...parseFilters(writeFilters(filters)) }).toEqual({ ...filters })
    }),
  )
})
