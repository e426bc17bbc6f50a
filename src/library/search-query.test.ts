import fc from "fast-check"
import { expect, test } from "vitest"
import { NAUGHTY_TEXTS } from "#library/naughty.testing.ts"
import { LONGEST_QUERY, toSearchQuery, toTsquery } from "#library/search-query.ts"
import { snippetOf } from "#library/snippet.ts"

function asked(typed: string, how: "exact" | "loose" = "exact") {
  const query = toSearchQuery(typed)
  if (!query.ok) return query.refusal.message
  const filters = query.value.filters.map(({ name, value, not }) => `${not ? "-" : ""}${name}=${value}`)
  return [toTsquery(query.value, how), ...filters].filter((part) => part !== "").join(" ; ")
}

test.each([
  ["sales", "('sales':*)"],
  ["pd", "('pd')"],
  ["Sales Report", "('sales':*) & ('report':*)"],
  ['"sales report"', "('sales' <-> 'report')"],
  ['"unclosed phrase', "('unclosed' <-> 'phrase')"],
  ["pd.read_csv", "('pd' <-> 'read_csv':*)"],
  ["sales -draft", "('sales':*) & !('draft':*)"],
  ['-"old data"', "!('old' <-> 'data')"],
  ["データ", "('デ' <-> 'ー' <-> 'タ')"],
  ['in:sales/reports tag:weekly -tag:old owner:me lang:"r" x', "('x') ; in=sales/reports ; tag=weekly ; -tag=old ; owner=me ; lang=r"],
  ["IN:Sales", "in=Sales"],
  ["s3://bucket", "('s3' <-> 'bucket':*)"],
  ["in:", "('in')"],
  ["title:foo", "('title' <-> 'foo':*)"],
])("%s asks for %s", (typed, expected) => {
  expect(asked(typed)).toBe(expected)
})

test("loosely, a phrase is its words, and what is not wanted is left out", () => {
  expect(asked('"a b" -c', "loose")).toBe("('a' & 'b')")
})

test.each([
  ["", "There is no word in what is searched for: give a letter or a digit."],
  ["+ - *", "There is no word in what is searched for: give a letter or a digit."],
  ['tag:""', "tag: says nothing; write tag:weekly."],
])("%j is refused", (typed, message) => {
  expect(asked(typed)).toBe(message)
})

test("too much at once is refused", () => {
  expect(asked("a ".repeat(21))).toBe("At most 20 words, phrases and filters can be searched for at once.")
  expect(asked("x".repeat(LONGEST_QUERY + 1))).toBe("What is searched for has at most 500 characters.")
})

test("whatever is typed becomes a query that PostgreSQL can read, or one sentence", () => {
  const typed = fc.oneof(fc.constantFrom(...NAUGHTY_TEXTS), fc.string({ unit: "binary", maxLength: 60 }))
  const lexeme = "'[\\p{L}\\p{N}\\p{M}_]+'(?::\\*)?"
  const term = `!?\\(${lexeme}(?: <-> ${lexeme})*\\)`
  const form = new RegExp(`^(?:${term}(?: & ${term})*)?$`, "u")
  fc.assert(
    fc.property(typed, (text) => {
      const query = toSearchQuery(text)
      if (query.ok) expect(toTsquery(query.value, "exact")).toMatch(form)
      else expect(query.refusal.message).toMatch(/\.$/)
    }),
    { numRuns: 5000 },
  )
})

function shown(text: string, typed: string): string | undefined {
  const query = toSearchQuery(typed)
  if (!query.ok) throw new Error(query.refusal.message)
  const snippet = snippetOf("code", text, query.value.all)
  if (!snippet) return undefined
  let marked = ""
  let at = 0
  for (const [from, to] of snippet.ranges) {
    marked += `${snippet.text.slice(at, from)}[${snippet.text.slice(from, to)}]`
    at = to
  }
  return marked + snippet.text.slice(at)
}

test.each([
  ["import pandas as pd\ndf = pd.read_csv(path)", "read_csv", "df = pd.[read_csv](path)"],
  ["import pandas as pd\ndf = pd.read_csv(path)", "csv", "df = pd.[read_csv](path)"],
  ["restart the art of start", "art", "restart the [art] of start"],
  ["<b>sales</b> & more", "sales", "<b>[sales]</b> & more"],
  ["毎月の売上データです", "売上", "毎月の[売上]データです"],
  ["nothing here", "sales", undefined],
])("in %j, %s is shown as %s", (text, typed, expected) => {
  expect(shown(text, typed)).toBe(expected)
})

test("a match deep in a text is shown with what stands around it", () => {
  expect(shown(`${"x ".repeat(5000)}needle${" y".repeat(200)}`, "needle")).toBe(`${"x ".repeat(19)}[needle]${" y".repeat(57)}`)
})

test("a snippet's ranges are in order, inside of it, and hold words", () => {
  const text = fc.string({ unit: fc.constantFrom("a", "b", " ", "\n", "_", "A", "é", "売", "😍", "\ud800", "."), maxLength: 300 })
  fc.assert(
    fc.property(text, fc.constantFrom("a", "ab", "aab", "売", "b_a", "é"), (whole, typed) => {
      const query = toSearchQuery(typed)
      const snippet = query.ok ? snippetOf("prose", whole, query.value.all) : undefined
      let last = 0
      for (const [from, to] of snippet?.ranges ?? []) {
        expect(from).toBeGreaterThanOrEqual(last)
        expect(to).toBeGreaterThan(from)
        last = to
      }
      expect(last).toBeLessThanOrEqual(snippet?.text.length ?? 0)
      expect(snippet?.text ?? "").not.toMatch(/[\n\ud800](?![\udc00-\udfff])/)
    }),
    { numRuns: 3000 },
  )
})
