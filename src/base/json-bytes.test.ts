import fc from "fast-check"
import { expect, test } from "vitest"
import { equal, isObject, type Json, type JsonObject, parse, StringSpan, write } from "#base/json.ts"
import { complaint, read, utf8, values } from "#base/testing.ts"

// Many examples: on a busy machine they may take longer than a test is given by default.
const LONG = { timeout: 60_000 }

const decoder = new TextDecoder()

/** The value with every span replaced by the text it stands for. */
function filled(value: Json, bytes: Uint8Array): Json {
  if (value instanceof StringSpan) {
    const encoded = bytes.subarray(value.start, value.start + value.length)
    if (value.plain) return String.fromCharCode(...encoded)
    return JSON.parse(`"${decoder.decode(encoded)}"`) as string
  }
  if (Array.isArray(value)) return value.map((item: Json) => filled(item, bytes))
  return isObject(value) ? Object.fromEntries(Object.entries(value).map(([key, item]) => [key, filled(item, bytes)])) : value
}

function spansIn(value: Json): readonly StringSpan[] {
  if (value instanceof StringSpan) return [value]
  if (Array.isArray(value)) return value.flatMap(spansIn)
  return isObject(value) ? Object.values(value).flatMap(spansIn) : []
}

test("long strings stay where they are, and what stands there is what would have been read", LONG, () => {
  fc.assert(
    fc.property(values, fc.integer({ min: 0, max: 12 }), fc.nat(7), (value, over, shift) => {
      // A view that does not begin at the start of its buffer, as a pooled Buffer would be.
      const text = utf8.encode(write(value, 1))
      const bytes = new Uint8Array(text.length + shift).subarray(shift)
      bytes.set(text)
      const outcome = read(bytes, { spansOver: over })
      expect(equal(filled(outcome, bytes), value)).toBe(true)
      for (const span of spansIn(outcome)) expect(span.length).toBeGreaterThan(over)
    }),
    { numRuns: 1000 },
  )
})

test("a span is plain only if its bytes are the text itself", () => {
  const plainness = (text: string) => (read(utf8.encode(`["${text}"]`), { spansOver: 2 }) as StringSpan[])[0]?.plain
  expect(plainness("iVBORw0KGgo=".repeat(9))).toBe(true)
  expect(plainness(`${"a".repeat(21)}\\n`)).toBe(false)
  expect(plainness(`${"a".repeat(21)}é`)).toBe(false)
  expect(plainness(`é${"a".repeat(21)}`)).toBe(false)
})

test("keys are never spans, and text of any length may be left", () => {
  const bytes = utf8.encode(`{"a long key indeed" : "a long value", "b": "${"x".repeat(1_000_000)}"}`)
  const value = read(bytes, { spansOver: 5 }) as JsonObject
  expect(Object.keys(value)).toEqual(["a long key indeed", "b"])
  expect(value["b"]).toMatchObject({ length: 1_000_000, plain: true })
})

test("damage is told at the same place with long strings left where they are as with all of them read", LONG, () => {
  const damage = fc.constantFrom(0, 1, 10, 0x22, 0x5c, 0x80, 0xff, 0x7b, 0x2c, 0x75, 0x64)
  fc.assert(
    fc.property(values, fc.nat(), damage, (value, at, byte) => {
      const bytes = utf8.encode(write([value, "a long text with é and \\ in it", "\u{1F600} \n"], 1))
      const wasAscii = (bytes[at % bytes.length] ?? 0) < 0x80
      // A control character in an escape is two things that are wrong: it, and the escape that it ends.
      const wasEscape = bytes.subarray(Math.max(0, (at % bytes.length) - 11), (at % bytes.length) + 1).includes(0x5c)
      bytes[at % bytes.length] = byte
      const [whole, spans] = [parse(bytes), parse(bytes, { spansOver: 6 })]
      expect(spans.ok).toBe(whole.ok)
      // Where two things are wrong, the two ways may meet them in another order, so only single damage is compared by place.
      if (!whole.ok && !spans.ok && byte < 0x22 && wasAscii && !wasEscape)
        expect([spans.refusal.line, spans.refusal.column]).toEqual([whole.refusal.line, whole.refusal.column])
    }),
    { numRuns: 2000 },
  )
})

test.each([
  ['["aaaaaaaaaaaaaaaa\\q"]', /column 19: a backslash/],
  ['["aaaaaaaaaaaaaaaa\\ud800 "]', /column 19: half of a surrogate pair/],
  ['["aaaaaaaaaaaaaaaa\\ud800\\u0041"]', /column 19: half of a surrogate pair/],
  ['["éaaaaaaaaaaaaaaa\u0002"]', /column 19: a control character/],
  ['["aaaaaaaaaaaaaaaaa", ]', /column 23: a value was expected/],
  ['["aaaaaaaaaaaaaaaaa', /column 20: the text ends inside a string that began at line 1, column 2/],
])("%j is refused although its long string is left where it is", (text, message) => {
  expect(complaint(utf8.encode(text), { spansOver: 4 })).toMatch(message)
})
