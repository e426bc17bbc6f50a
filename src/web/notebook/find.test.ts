import { expect, test } from "vitest"
import { countWords, EMPTY_QUERY, type FindQuery, findAll, nextMatch, replaced, replacedMatch } from "#web/notebook/find.ts"

const cells = [
  { cell: "a", source: "total = sum(prices)\nTotal", outputs: "total: 4" },
  { cell: "b", source: "subtotal(total)", outputs: "" },
]
const query = (part: Partial<FindQuery>): FindQuery => ({ ...EMPTY_QUERY, ...part })
const drawn = (part: Partial<FindQuery>) =>
  findAll(cells, query(part))
    .matches.map((match) => `${match.cell}${match.place === "output" ? "!" : ""}${match.from}-${match.to}`)
    .join(" ")

test("finds in every cell, whatever the case unless it matters", () => {
  expect(drawn({ text: "total" })).toBe("a0-5 a20-25 b3-8 b9-14")
  expect(drawn({ text: "total", matchesCase: true })).toBe("a0-5 b3-8 b9-14")
  expect(drawn({ text: "total", wholeWord: true, matchesCase: true })).toBe("a0-5 b9-14")
})

test("finds in outputs when asked", () => {
  expect(drawn({ text: "total", matchesCase: true, inOutputs: true })).toBe("a0-5 a!0-5 b3-8 b9-14")
})

test("signs of regular expressions are signs unless a regular expression is meant", () => {
  expect(drawn({ text: "sum(" })).toBe("a8-12")
  expect(drawn({ text: "sum(", isRegex: true })).toBe("")
  expect(findAll(cells, query({ text: "sum(", isRegex: true })).problem).toMatch(/left open/)
  expect(drawn({ text: "\\w+\\(", isRegex: true })).toBe("a8-12 b0-9")
  expect(drawn({ text: "x*", isRegex: true })).toBe("")
})

test("replaces everything in a source, with groups where they are meant", () => {
  expect(replaced("total = sum(prices)", query({ text: "total" }), "$1")).toBe("$1 = sum(prices)")
  expect(replaced("a1 b22", query({ text: "([a-z])(\\d+)", isRegex: true }), "$2$1-$&-$$")).toBe("1a-a1-$ 22b-b22-$")
  expect(replaced("aXa", query({ text: "", isRegex: true }), "y")).toBe("aXa")
})

test("replaces one match where it stands", () => {
  const found = findAll([{ cell: "a", source: "x1 x2", outputs: "" }], query({ text: "x(\\d)", isRegex: true })).matches
  expect(replacedMatch("x1 x2", found[1]!, { query: query({ text: "x(\\d)", isRegex: true }), by: "y$1" })).toBe("y2")
})

test("goes round at the ends", () => {
  const { matches } = findAll(cells, query({ text: "total" }))
  expect(nextMatch(matches, 3, 1)).toBe(0)
  expect(nextMatch(matches, 0, -1)).toBe(3)
  expect(nextMatch([], 0, 1)).toBe(-1)
})

test("says how many there are", () => {
  expect(countWords(0, -1, false)).toBe("Nothing found")
  expect(countWords(1204, 2, false)).toBe("3 of 1,204")
  expect(countWords(20_000, -1, true)).toBe("20,000 or more")
})
