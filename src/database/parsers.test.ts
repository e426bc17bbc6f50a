import fc from "fast-check"
import { expect, test } from "vitest"
import { NumberLexeme, parse, plain, write } from "#base/json.ts"
import { fromJsonb, toJsonb, toMilliseconds, toNumber } from "#database/parsers.ts"

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

test("an instant is the same whichever way PostgreSQL spells it", () => {
  for (let ms = 0; ms < 1000; ms++) expect(toMilliseconds(`2026-01-02 03:04:05.${String(ms).padStart(3, "0")}+00`)).toBe(1_767_323_045_000 + ms)
  const same = ["2026-01-02 03:04:05.67+00", "2026-01-02 03:04:05.670999+00", "2026-01-02 08:49:05.67+05:45", "2026-01-01 22:04:05.67-05"]
  expect(same.map(toMilliseconds)).toEqual(same.map(() => 1_767_323_045_670))
  expect(toMilliseconds("2024-02-29 23:59:59+00")).toBe(Date.UTC(2024, 1, 29, 23, 59, 59))
  expect(toMilliseconds("0001-01-01 00:00:00+00")).toBe(Date.parse("0001-01-01T00:00:00Z"))
  expect(toMilliseconds("12026-01-01 00:00:00+00")).toBe(Date.UTC(12026, 0, 1))
  expect(toMilliseconds("infinity")).toBe(Number.POSITIVE_INFINITY)
})

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

test("a key that holds an escape is read as itself, whatever was read before it", () => {
  const list = [
    { h: [], "\\": 0 },
    { h: 1, '"': 2 },
    { h: 1, "\n": 2 },
    { h: 1, "a\n": 3 },
    { h: 1, "a\\": 3 },
    { h: 1, 'a"': 3 },
  ]
  for (let turn = 0; turn < 50; turn++) for (const one of list) expect(fromJsonb(JSON.stringify(one))).toEqual(one)
  expect(fromJsonb(JSON.stringify(list))).toEqual(list)
})
