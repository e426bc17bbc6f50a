import { expect, test } from "vitest"
import { agoWords, counted, digits, initials, sizeWords } from "#web/app/words.ts"

const MINUTE = 60_000
const DAY = 86_400_000

test("times are said as people say them, before and after now", () => {
  const said = [0, 9_999, 10_000, 90_000, 3 * 3_600_000, DAY, 59 * DAY, 61 * DAY, 800 * DAY].map((ms) => agoWords(0, ms))
  expect(said).toEqual([
    "just now",
    "just now",
    "10 seconds ago",
    "2 minutes ago",
    "3 hours ago",
    "1 day ago",
    "59 days ago",
    "2 months ago",
    "2 years ago",
  ])
  expect([agoWords(5 * MINUTE, 0), agoWords(30_000, 0)]).toEqual(["in 5 minutes", "just now"])
})

test("amounts have separators, and one is one", () => {
  expect([counted(1, "run"), counted(0, "run"), counted(1_234_567, "run")]).toEqual(["1 run", "0 runs", "1,234,567 runs"])
  expect(digits(1000)).toBe("1,000")
})

test("sizes have the unit in which they are short", () => {
  expect([0, 1023, 1024, 10_240, 1_048_576, 5 * 1024 ** 3].map(sizeWords)).toEqual(["0 B", "1023 B", "1.0 KB", "10 KB", "1.0 MB", "5.0 GB"])
})

test("a person is one or two letters, whatever the name", () => {
  expect(["Ada Lovelace", "ada", " Jean  Luc Godard ", "李 明", "👩‍🔬 Lab", ""].map(initials)).toEqual(["AL", "A", "JG", "李明", "👩L", "?"])
})
