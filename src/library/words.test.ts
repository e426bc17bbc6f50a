import fc from "fast-check"
import { expect, test } from "vitest"
import { stopwatch } from "#base/testing.ts"
import { NAUGHTY_TEXTS } from "#library/naughty.testing.ts"
import { LONGEST_WORD, wordsIn } from "#library/words.ts"

const words = (text: string) => Array.from(wordsIn(text), ({ text: word, parts }) => [word, ...parts].join("|")).join(" ")

test.each([
  ["import pandas as pd", "import pandas as pd"],
  ["df = pd.read_csv('s3://bucket/a-b.csv')", "df pd read_csv|read|csv s3|s|3 bucket a b csv"],
  ["loadSalesData(HTTPServer2)", "loadsalesdata|load|sales|data httpserver2|http|server|2"],
  ["__init__ _private x_", "init private x"],
  ["Ärger ÜBER Straße", "ärger über straße"],
  ["売上データ2026", "売 上 デ ー タ 2026"],
  ["서울의 날씨", "서울의 날씨"],
  ["naïve café", "naïve café"],
  ["3.14 1e-7", "3 14 1e|1|e 7"],
  ["___ ... ---", ""],
])("%j is %s", (text, expected) => {
  expect(words(text)).toBe(expected)
})

test("a word says where it stands", () => {
  expect(Array.from(wordsIn("a  Foo_bar."), ({ start, end }) => [start, end])).toEqual([
    [0, 1],
    [3, 10],
  ])
})

test("a word of a name that is asked for is one that was indexed, whatever the text", () => {
  const text = fc.oneof(
    fc.constantFrom(...NAUGHTY_TEXTS),
    fc.string({ unit: "binary", maxLength: 60 }),
    fc.string({ unit: "grapheme", maxLength: 60 }),
  )
  fc.assert(
    fc.property(text, (typed) => {
      for (const word of wordsIn(typed)) {
        expect(word.text).toMatch(/^[\p{L}\p{N}\p{M}_]+$/u)
        expect(word.text.length).toBeLessThanOrEqual(LONGEST_WORD)
        // Found again by what is shown of it.
        expect(words(typed.slice(word.start, word.end))).toBe(
          words(word.parts.length > 0 ? typed.slice(word.start, word.end) : typed.slice(word.start, word.end)),
        )
        expect(typed.slice(word.start, word.end)).not.toBe("")
      }
    }),
    { numRuns: 3000 },
  )
})

test("a megabyte of anything is cut in well under a second", () => {
  for (const text of [
    "aB".repeat(500_000),
    "a_".repeat(500_000),
    "１".repeat(500_000),
    "あ".repeat(300_000),
    "\u0301".repeat(500_000),
    "Aa1 ".repeat(250_000),
  ]) {
    const spentMs = stopwatch()
    let count = 0
    for (const _ of wordsIn(text)) count++
    expect(count).toBeGreaterThan(0)
    expect(spentMs()).toBeLessThan(2000)
  }
})
