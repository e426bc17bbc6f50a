import fc from "fast-check"
import { expect, test } from "vitest"
import { NumberLexeme, parse, plain, write } from "#base/json.ts"
import { fromJsonb, toJsonb, toNumber } from "#database/parsers.ts"

test("a count beyond what JavaScript can count is refused, not rounded", () => {
  expect(toNumber("9007199254740991")).toBe(9007199254740991)
  expect(toNumber("-5")).toBe(-5)
  expect(() => toNumber("9007199254740992")).toThrow("9007199254740992, which is beyond what a JavaScript number can count")
})

test.each(["1.0", "9007199254740993", "0.0000001", "100000000000000000000000", "0.10", "-12345678901234567", "1e5"])(
  "the number %s keeps its digits",
  (number) => {
    expect(write(fromJsonb(`{"n": ${number}}`))).toBe(`{"n":${number}}`)
    expect((fromJsonb(`[${number}]`) as unknown[])[0]).toBeInstanceOf(NumberLexeme)
  },
)

test("plain JSON is plain", () => {
  const text = '{"a": [1, -2.5, "x", null, true, {"b": 0}], "__proto__": 1}'
  expect(fromJsonb(text)).toEqual(JSON.parse(text))
})

test("whichever way it is read, it is the same value", () => {
  fc.assert(
    fc.property(fc.json(), (text) => {
      const read = parse(text)
      if (!read.ok) return
      const told = fromJsonb(toJsonb(read.value))
      expect(write(told)).toBe(write(read.value))
      expect(plain(told)).toEqual(plain(read.value))
    }),
  )
})
