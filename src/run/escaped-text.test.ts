import fc from "fast-check"
import { expect, test } from "vitest"
import { StringSpan } from "#base/json.ts"
import { beginningOf, safeCut, unescaped } from "#run/escaped-text.ts"

const ENCODER = new TextEncoder()
/** As JSON writers do: escaped where it must be, or wherever it is not ASCII. */
const spellings = (text: string) => {
  const json = JSON.stringify(text)
  return [json, json.replace(/[^\x20-\x7e]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`)].map((one) =>
    ENCODER.encode(one.slice(1, -1)),
  )
}
const texts = fc
  .array(fc.constantFrom("a", "\n", "é", "語", "\u{1F600}", "\\", '"', "\ud800 ", "\\u"), { maxLength: 40 })
  .map((parts) => parts.join("").toWellFormed())

test("text read from its escaped bytes in parts, however short, is the text", () => {
  fc.assert(
    fc.property(texts, fc.integer({ min: 12, max: 40 }), (text, size) => {
      for (const bytes of spellings(text)) {
        let read = ""
        for (let at = 0; at < bytes.length; ) {
          const part = bytes.subarray(at, at + size)
          const cut = safeCut(part)
          expect(cut).toBeGreaterThan(0)
          read += unescaped(part.subarray(0, cut))
          at += cut
        }
        expect(read).toBe(text)
      }
    }),
  )
})

test("the beginning of a string in a frame is found by what surrounds it", () => {
  const frame = ENCODER.encode(JSON.stringify({ name: "stdout", text: "one\ntwo" }))
  expect(beginningOf(new StringSpan(5000, "one\\ntwo".length, false), frame, 4)).toBe("one")
  expect(beginningOf(new StringSpan(5000, "one\\ntwo".length, false), frame, 100)).toBe("one\ntwo")
  expect(beginningOf(new StringSpan(5000, 900, false), frame, 4)).toBe("")
})
