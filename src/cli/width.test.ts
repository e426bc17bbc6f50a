import fc from "fast-check"
import { expect, test } from "vitest"
import { fitted, widthOf } from "#cli/width.ts"

test.each([
  ["abc", 3],
  ["日本語", 6],
  ["😀!", 3],
  ["e\u0301", 1],
  ["…━╌", 3],
  ["", 0],
])("%j takes %i columns", (text, columns) => expect(widthOf(text)).toBe(columns))

test("what does not fit is cut, with a sign, and never takes more than the room", () => {
  expect([fitted("abcdef", 4), fitted("日本語", 4), fitted("abc", 3), fitted("abc", 0)]).toEqual(["abc…", "日…", "abc", ""])
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), fc.nat(20), (text, room) => {
      expect(widthOf(fitted(text, room))).toBeLessThanOrEqual(room)
    }),
  )
})
