import fc from "fast-check"
import { expect, test } from "vitest"
import { fromCursor, toCursor } from "#library/cursor.ts"

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
        expect(fromCursor(cursor, "list", keys.length)).toEqual({ ok: true, value: keys })
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
  expect(foreign.map((cursor) => fromCursor(cursor, "list", 1).ok)).not.toContain(true)
})
