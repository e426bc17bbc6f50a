import { expect, test } from "vitest"
import { jsonBody } from "#api/wire/json-body.ts"
import { NumberLexeme } from "#base/json.ts"
import { stopwatch } from "#base/testing.ts"

const bytes = (text: string) => new TextEncoder().encode(text)
const read = (text: string, exact: string[] = []) => jsonBody(bytes(text), exact)
const refusal = (text: string) => {
  const outcome = read(text)
  return outcome.ok ? "taken" : outcome.refusal.message
}

test("numbers keep their spelling where that was asked for, and only there", () => {
  const outcome = read('{"parameters": {"a": 1.0, "b": 12345678901234567890}, "timeoutSeconds": 5.0}', ["parameters"])
  expect(outcome.ok && outcome.value).toEqual({
    parameters: { a: new NumberLexeme("1.0"), b: new NumberLexeme("12345678901234567890") },
    timeoutSeconds: 5,
  })
})

test("__proto__ is a name like any other", () => {
  const outcome = read('{"__proto__": {"isAdmin": true}, "a": {"constructor": {"prototype": {"isAdmin": true}}}}')
  expect(outcome.ok).toBe(true)
  expect(Object.keys(outcome.ok ? (outcome.value as object) : {})).toEqual(["__proto__", "a"])
  expect(({} as { isAdmin?: boolean }).isAdmin).toBeUndefined()
})

test("__proto__ where people give names is refused: it would be dropped without a word", () => {
  expect(refusal('{"parameters": {"__proto__": 1}}')).toMatch(/no name that can be given/)
  expect(refusal('{"labels": {"__proto__": "x"}}')).toMatch(/no name that can be given/)
  expect(refusal('{"parameters": {"table": {"__proto__": 1}}}')).toBe("taken")
})

test.each([
  ["deep lists", "[".repeat(201) + "]".repeat(201), /deeper than 200/],
  ["very deep lists", "[".repeat(1_000_000), /deeper than 200/],
  ["very deep objects", '{"a":'.repeat(300_000), /deeper than 200/],
  ["deep objects", `${'{"a":'.repeat(201)}1${"}".repeat(201)}`, /deeper than 200/],
  ["too many values", `[${"1,".repeat(200_000)}1]`, /more than 200000 values/],
  ["a giant name", `{"${"k".repeat(10_001)}": 1}`, /name is longer/],
  ["NaN", '{"a": NaN}', /NaN is not JSON/],
  ["Infinity", "[-Infinity]", /-Infinity is not JSON/],
  ["nothing", "", /nothing here/],
  ["half of it", '{"a": ', /not JSON/],
  ["a lone surrogate", '{"a": "\\ud800"}', /surrogate/],
])("%s is refused and told", (_, text, words) => {
  const spentMs = stopwatch()
  expect(refusal(text)).toMatch(words)
  expect(spentMs()).toBeLessThan(4000)
})

test("as deep and as much as may be is taken", () => {
  expect(refusal("[".repeat(200) + "]".repeat(200))).toBe("taken")
  expect(refusal(`[${"1,".repeat(199_998)}1]`)).toBe("taken")
})

test("a body of brackets is refused where it goes too far, not when all of it was read", () => {
  for (const piece of ["[],", "{},", "0,", '"",', "[[[[[[]]]]]],", '{"a":{"b":[]}},'])
    expect(refusal(`[${piece.repeat(210_000)} this is no JSON at all`)).toMatch(/more than 200000 values/)
})

test("bytes that are no UTF-8 are refused", () => {
  const outcome = jsonBody(Uint8Array.of(0x22, 0xff, 0x22))
  expect(outcome.ok ? "" : outcome.refusal.message).toMatch(/UTF-8/)
})
