import fc from "fast-check"
import { expect, test } from "vitest"
import { stopwatch } from "#base/testing.ts"
import { matcher } from "#case/pattern.ts"

function matches(pattern: string, text: string): boolean | string {
  const found = matcher(pattern)
  return found.ok ? found.value(text) : found.refusal
}

test.each([
  ["revenue: \\d+", "The revenue: 126 EUR", true],
  ["^EU", "US 1\nEU 2", true],
  ["^EU$", "EU 2", false],
  ["(?i)eu", "EU", true],
  ["(?i)[a-c]+x", "ABCX", true],
  ["a{2,3}b", "caab", true],
  ["^a{2,3}b", "ab", false],
  ["^a{3}$", "aaa", true],
  ["^a{2,}$", "aaaaa", true],
  ["^(?:a|bc)*$", "abcbca", true],
  ["^(?:a|bc)+$", "", false],
  ["\\bcat\\b", "a cat sat", true],
  ["\\bcat\\b", "concat", false],
  ["a.c", "a\nc", false],
  ["[^\\d\\s]+\\.csv", "see data.csv", true],
  ["\\p{Lu}\\u00e9", "Éé", true],
  ["1\\.5e\\-3", "1.5e-3", true],
  ["x{0,2}y", "y", true],
  ["a??b", "b", true],
  ["", "", true],
])("%s on %j is %s", (pattern, text, expected) => {
  expect(matches(pattern, text)).toBe(expected)
})

test.each([
  ["(a", /not closed/],
  ["a)", /closes nothing/],
  ["*a", /repeats nothing/],
  ["[a", /not closed/],
  ["(?=a)", /not among/],
  ["(a)\\1", /back/],
  ["a{3,2}", /number of times/],
  ["\\", /backslash/],
  ["[z-a]", /no class/],
  ["(a{100}){100}", /too much/],
])("%s is refused", (pattern, why) => {
  expect(String(matches(pattern, ""))).toMatch(why)
})

test("it agrees with the language's own engine", () => {
  const atom = fc.constantFrom("a", "b", ".", "[ab]", "(?:ab|b)", "(a|)", "\\d", "$", "^", "\\b")
  const piece = fc
    .tuple(atom, fc.constantFrom("", "", "?", "*", "+", "{2}", "{1,2}"))
    .map(([one, times]) => (/[$^]|\\b/.test(one) ? one : `${one}${times}`))
  const pattern = fc.array(piece, { maxLength: 5 }).map((pieces) => pieces.join(""))
  const text = fc.string({ unit: fc.constantFrom("a", "b", "1", "\n", " "), maxLength: 8 })
  fc.assert(
    fc.property(pattern, text, (source, given) => {
      expect([source, given, matches(source, given)]).toEqual([source, given, new RegExp(source, "m").test(given)])
    }),
    { numRuns: 3000 },
  )
})

test("what takes others until the end of days takes it no time", () => {
  const spentMs = stopwatch()
  expect(matches("^(a+)+$", `${"a".repeat(20_000)}b`)).toBe(false)
  expect(spentMs()).toBeLessThan(20_000)
})
