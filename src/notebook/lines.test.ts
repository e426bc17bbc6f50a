import fc from "fast-check"
import { expect, test } from "vitest"
import { splitLines, withoutEnd } from "#notebook/lines.ts"
import { arbitraryText } from "#notebook/testing.ts"

// Many examples: on a busy machine they may take longer than a test is given by default.
const LONG = { timeout: 60_000 }

test.each([
  ["", []],
  ["a", ["a"]],
  ["a\n", ["a\n"]],
  ["a\nb", ["a\n", "b"]],
  ["\n\n", ["\n", "\n"]],
  ["a\r\nb\rc\n", ["a\r\n", "b\r", "c\n"]],
  ["a\n\rb", ["a\n", "\r", "b"]],
  ["a\vb\fc", ["a\v", "b\f", "c"]],
  ["a\x1cb\x1dc\x1ed\x1fe", ["a\x1c", "b\x1d", "c\x1e", "d\x1fe"]],
  ["a\x85b\u2028c\u2029", ["a\x85", "b\u2028", "c\u2029"]],
  ["\r\n", ["\r\n"]],
  ...["\r", "\v", "\f", "\x1c", "\x1d", "\x1e", "\x85", "\u2028", "\u2029"].map((end): [string, string[]] => [`a${end}b`, [`a${end}`, "b"]]),
  ["a\x1fb\x84c\u200bd", ["a\x1fb\x84c\u200bd"]],
])("%j has the lines that Python gives it", (text, lines) => {
  expect(splitLines(text)).toEqual(lines)
})

test("the lines joined are the text, and each has one end, at its end", LONG, () => {
  fc.assert(
    fc.property(arbitraryText, (text) => {
      const lines = splitLines(text)
      expect(lines.join("")).toBe(text)
      for (const line of lines) expect(splitLines(line)).toEqual([line])
      expect(lines.map(withoutEnd).every((line) => splitLines(`${line}.`).length === 1)).toBe(true)
    }),
  )
})
