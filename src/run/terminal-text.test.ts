import fc from "fast-check"
import { expect, test } from "vitest"
import { append, NO_TEXT, textOf } from "#run/terminal-text.ts"

const shown = (...chunks: string[]) => textOf(chunks.reduce(append, NO_TEXT))

test("plain text stays as it is", () => expect(shown("a\n", "b", "c\n")).toBe("a\nbc\n"))
test("a carriage return overwrites the line, and only that line", () => {
  expect(shown("done\n", "10%", "\r20%", "\r100%\n", "end")).toBe("done\n100%\nend")
  expect(shown("abcdef\rXY")).toBe("XYcdef")
})
test("a line end may be split, doubled or come as CRLF", () => {
  expect(shown("a\r", "\nb")).toBe("a\nb")
  expect(shown("a\r\r\nb")).toBe("a\nb")
})
test("backspace goes one back and stops at the start of the line", () => {
  expect(shown("ab\bX")).toBe("aX")
  expect(shown("a\n\b\bX")).toBe("a\nX")
})
test("a coloured bar is redrawn whole", () => expect(shown("\x1b[31m10%\x1b[0m", "\r\x1b[32m9%\x1b[0m")).toBe("\x1b[32m9%\x1b[0m"))
test("how the text is cut into chunks makes no difference", () => {
  const text = fc.string({ unit: fc.constantFrom("a", "b", "\n", "\r", "\b", "é", "\r\n"), maxLength: 40 })
  fc.assert(
    fc.property(text, fc.array(fc.nat(40)), (whole, cuts) => {
      const places = [...new Set([0, ...cuts.filter((cut) => cut < whole.length), whole.length])].sort((a, b) => a - b)
      const chunks = places.slice(1).map((end, index) => whole.slice(places[index], end))
      expect(shown(...chunks)).toBe(shown(whole))
    }),
    { numRuns: 3000 },
  )
})
