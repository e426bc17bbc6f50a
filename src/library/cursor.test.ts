import fc from "fast-check"
import { expect, test } from "vitest"
import { fromCursor, TEXT, toCursor, WHOLE } from "#library/cursor.ts"

test("a cursor comes back as it went, whatever its keys", () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.string({ unit: "grapheme" }).filter((key) => !key.includes("\0")),
        { maxLength: 4 },
      ),
      (keys) => {
        const cursor = toCursor("list", ...keys)
        expect(cursor).toMatch(/^[A-Za-z0-9_-]+$/)
        expect(
          fromCursor(
            cursor,
            "list",
            keys.map(() => TEXT),
          ),
        ).toEqual({ ok: true, value: keys })
      },
    ),
  )
})

test("a cursor of another list, of another shape or of nobody is refused", () => {
  const foreign = [
    toCursor("other", "a"),
    toCursor("list", "a", "b"),
    toCursor("list"),
    "",
    "!!",
    "e30",
    btoa('["list",1]'),
    btoa('["list","\\u0000"]'),
    "A".repeat(9000),
  ]
  expect(foreign.map((cursor) => fromCursor(cursor, "list", [TEXT]).ok)).not.toContain(true)
})

test("a key that is not of its shape is refused, before the database is asked to read it", () => {
  const tried = ["1", "-12", "", "1.5", "abc", "9".repeat(10), "1; DROP TABLE notebook"]
  expect(tried.filter((key) => fromCursor(toCursor("list", key), "list", [WHOLE]).ok)).toEqual(["1", "-12"])
})
