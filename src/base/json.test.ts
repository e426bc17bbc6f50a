import fc from "fast-check"
import { expect, test } from "vitest"
import {
  equal,
  fromPlain,
  type Json,
  type JsonObject,
  loneSurrogateIn,
  type Most,
  NumberLexeme,
  own,
  parse,
  plain,
  StringSpan,
  toWellFormed,
  write,
  writeAt,
} from "#base/json.ts"
import { complaint, read, utf8, values } from "#base/testing.ts"

// Many examples: on a busy machine they may take longer than a test is given by default.
const LONG = { timeout: 60_000 }

test("whatever is written is read again as the same value, in the notebook form and in the compact one", LONG, () => {
  fc.assert(
    fc.property(values, fc.constantFrom(undefined, 0, 1, 4), (value, indent) => {
      const text = write(value, indent)
      expect(equal(read(text), value)).toBe(true)
      expect(equal(read(utf8.encode(text)), value)).toBe(true)
      expect(write(read(text), indent)).toBe(text)
    }),
    { numRuns: 500 },
  )
})

test("it reads what JSON.parse reads, as the same values", LONG, () => {
  fc.assert(
    fc.property(fc.jsonValue({ noUnicodeString: false }), fc.constantFrom(undefined, 2, "\t"), (value, indent) => {
      const text = JSON.stringify(value, null, indent)
      if (loneSurrogateIn(JSON.parse(text)) === undefined) expect(plain(read(text))).toEqual(JSON.parse(text))
    }),
    { numRuns: 500 },
  )
})

test("it refuses what JSON.parse refuses, but for the names that Python knows", LONG, () => {
  const bits = fc.constantFrom(
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    '"',
    "\\",
    "\\n",
    "\\u12",
    "1",
    "-",
    ".",
    "e",
    "0",
    "true",
    "nul",
    " ",
    "\n",
    "\t",
    "\u0001",
    '"a"',
    '"k":',
  )
  fc.assert(
    fc.property(
      fc.array(bits, { maxLength: 12 }).map((parts) => parts.join("")),
      (text) => {
        let accepted = true
        try {
          JSON.parse(text)
        } catch {
          accepted = false
        }
        expect({ text, ok: parse(text).ok, bytes: parse(utf8.encode(text)).ok, spans: parse(utf8.encode(text), { spansOver: 0 }).ok }).toEqual({
          text,
          ok: accepted,
          bytes: accepted,
          spans: accepted,
        })
      },
    ),
    { numRuns: 1500 },
  )
})

test("random bytes are read or refused, never thrown at", LONG, () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 60 }),
      fc.constantFrom(undefined, 0, 3),
      fc.constantFrom("refuse" as const, "replace" as const),
      (bytes, over, illFormed) => {
        const outcome = parse(bytes, over === undefined ? { illFormed } : { illFormed, spansOver: over })
        if (!outcome.ok) expect(outcome.refusal.line).toBeGreaterThan(0)
      },
    ),
    { numRuns: 2000 },
  )
})

test.each([
  ["0", true],
  ["-1", true],
  ["123456789012345", true],
  ["9007199254740991", true],
  ["9007199254740993", false],
  ["0.5", true],
  ["0.1", true],
  ["1.0", false],
  ["-0", false],
  ["-0.0", true],
  ["1e-7", false],
  ["1e-07", true],
  ["0.00001", false],
  ["1e-05", true],
  ["5e-324", true],
  ["1e16", false],
  ["1e+16", false],
  ["1E5", false],
  ["0.10", false],
  ["1e400", false],
  ["1180591620717411303424", false],
  ["3.141592653589793", true],
  ["3.14159265358979312", false],
  ["NaN", false],
  ["Infinity", false],
  ["-Infinity", false],
])("the number %s comes back with the same digits; it is a JavaScript number: %s", (text, isNumber) => {
  const value = read(`[${text}]`) as readonly Json[]
  expect(typeof value[0] === "number").toBe(isNumber)
  expect(write(value)).toBe(`[${text}]`)
  expect(Object.is((plain(value) as number[])[0], Number(text))).toBe(true)
})

test.each([
  [1e16, "10000000000000000"],
  [1e21, "1000000000000000000000"],
  [-5, "-5"],
  [-0, "-0.0"],
  [1e-7, "1e-07"],
  [-1.5e-10, "-1.5e-10"],
  [0.0001, "0.0001"],
  [0.00001234, "1.234e-05"],
  [2.5, "2.5"],
  [Number.MIN_VALUE, "5e-324"],
  [Number.NaN, "NaN"],
  [Number.NEGATIVE_INFINITY, "-Infinity"],
])("the JavaScript number %d is spelled as Python spells it", (number, text) => {
  expect(write(number)).toBe(text)
})

test.each(["01", "1.", ".5", "+1", "-", "1e", "0x10", "--1", "-NaN", "nan", "1_000", "00"])("%s is no number", (text) => {
  expect(complaint(`[${text}]`)).toMatch(/ expected| ended/)
})

test("the notebook form: one blank a level, keys by code point, empty things closed on the spot", () => {
  expect(write({ b: [], a: {}, c: [1, { d: null }], "": true }, 1)).toBe(
    '{\n "": true,\n "a": {},\n "b": [],\n "c": [\n  1,\n  {\n   "d": null\n  }\n ]\n}',
  )
  expect(write({ b: [1, 2], a: "x" })).toBe('{"a":"x","b":[1,2]}')
  expect(writeAt({ a: 1 }, 1, 2)).toBe('{\n   "a": 1\n  }')
})

test("keys are sorted by code point, where JavaScript would sort by UTF-16 units, and numbers are not put first", () => {
  const keys = ["10", "9", "a", "\u{1F600}", "\uFB01", "\uE000", "Z", "\u{10000}x", "\u{10000}"]
  const value = Object.fromEntries(keys.map((key) => [key, 1]))
  expect(Object.keys(JSON.parse(write(value)))).toHaveLength(keys.length)
  expect([...write(value).matchAll(/"([^"]+)"/g)].map((match) => match[1])).toEqual([
    "10",
    "9",
    "Z",
    "a",
    "\uE000",
    "\uFB01",
    "\u{10000}",
    "\u{10000}x",
    "\u{1F600}",
  ])
})

test("only the quote, the backslash and controls are escaped, as Python does with ensure_ascii off", () => {
  expect(write('"\\/\b\f\n\r\t\u0000\u001f\u007f\u0085\u2028é😀')).toBe('"\\"\\\\/\\b\\f\\n\\r\\t\\u0000\\u001f\u007f\u0085\u2028é😀"')
})

test("a key named __proto__ is a key like any other", () => {
  const value = read('{"__proto__": {"polluted": 1}, "a": 2}') as JsonObject
  expect(Object.getPrototypeOf(value)).toBe(Object.prototype)
  expect(Object.keys(value)).toEqual(["__proto__", "a"])
  expect((value as { polluted?: unknown }).polluted).toBeUndefined()
  expect(write(value)).toBe('{"__proto__":{"polluted":1},"a":2}')
  expect(write(fromPlain(plain(value)))).toBe('{"__proto__":{"polluted":1},"a":2}')
  expect(own(value, "__proto__")).toEqual({ polluted: 1 })
  expect(own({}, "constructor")).toBeUndefined()
})

test("of a key that stands twice the last value counts", () => {
  expect(read('{"a": 1, "a": 2, "__proto__": 1, "__proto__": 2}')).toEqual(JSON.parse('{"a": 2, "__proto__": 2}'))
})

test.each([
  ["", "line 1, column 1: there is nothing here, not even an empty object"],
  [" \n ", "line 2, column 2: there is nothing here, not even an empty object"],
  ['{"a": 1', "line 1, column 8: a comma or } was expected, but the text ends"],
  ['{\n "a": tru\n}', "line 2, column 7: a value was expected, but t stands here"],
  ["[1,]", "line 1, column 4: a value was expected, but ] stands here"],
  ["{'a': 1}", "line 1, column 2: a key in double quotes was expected, but ' stands here"],
  ['{"a" 1}', "line 1, column 6: a colon was expected after the key, but 1 stands here"],
  ["[1] x", "line 1, column 5: the value has ended, but x stands here"],
  ['["😀é", 😀]', "line 1, column 8: a value was expected, but 😀 stands here"],
  ['["a\nb"]', "line 1, column 4: the control character U+000A stands here in a string, and must be escaped there"],
  ['[1,\n"abc', "line 2, column 5: the text ends inside a string that began at line 2, column 1"],
  ['["a\\x"]', "line 1, column 4: a backslash is followed by something that is no JSON escape"],
  ['["\\\\\\u12g4"]', "line 1, column 5: a backslash is followed by something that is no JSON escape"],
  ['["ok \\ud83d\\ude00", "\\ud83d"]', "line 1, column 22: \\ud83d is half of a surrogate pair and stands alone, which no UTF-8 file can hold"],
  ['["\\\\ud83d \\ude00"]', "line 1, column 11: \\ude00 is half of a surrogate pair and stands alone, which no UTF-8 file can hold"],
  ['["a",\n "\ud83d"]', "line 2, column 3: half of a surrogate pair stands alone, which no UTF-8 file can hold"],
])("%j is refused with its place and reason", (text, message) => {
  expect(complaint(text)).toBe(message.replace(" stands here", " stands here"))
})

test("bytes that are no UTF-8 are refused with their place", () => {
  const bytes = Uint8Array.from([...utf8.encode('{\n "é": "'), 0xe9, ...utf8.encode('"}')])
  expect(complaint(bytes)).toBe("line 2, column 8: the byte 0xe9 is not UTF-8 text: save the file in the UTF-8 encoding")
  expect(complaint(Uint8Array.from([0x22, 0xed, 0xa0, 0x80, 0x22]))).toMatch(/^line 1, column 2: the byte 0xed/)
  expect(complaint(Uint8Array.from([0xff, 0xfe, 0x7b, 0]))).toMatch(/^line 1, column 1: the byte 0xff/)
})

test("a byte order mark is passed over", () => {
  expect(read("\ufeff[1]")).toEqual([1])
  expect(read(utf8.encode("\ufeff[1]"))).toEqual([1])
  expect(complaint(utf8.encode("\ufeff[x"))).toMatch(/^line 1, column 2: /)
})

test("ill-formed text is replaced where that is asked for", () => {
  const broken = Uint8Array.from([...utf8.encode('["\\ud800 a", "'), 0xff, ...utf8.encode('", "\\udc00b"]')])
  expect(read(broken, { illFormed: "replace" })).toEqual(["\ufffd a", "\ufffd", "\ufffdb"])
  expect(read(broken, { illFormed: "replace", spansOver: 0 })).toEqual(["\ufffd a", "\ufffd", "\ufffdb"])
  expect(read('"x\ud800"', { illFormed: "replace" })).toBe("x\ufffd")
})

test("nesting of a million levels is refused, and of a thousand read and written", () => {
  expect(complaint("[".repeat(1_000_000))).toBe("line 1, column 1001: objects and lists are nested deeper than 1000 levels")
  expect(complaint('{"a":'.repeat(1_000_000))).toMatch(/nested deeper than 1000/)
  const deepest = "[".repeat(1000) + "]".repeat(1000)
  expect(write(read(deepest))).toBe(deepest)
  expect(equal(read(deepest), read(deepest))).toBe(true)
  expect(loneSurrogateIn(fromPlain(plain(read(deepest))))).toBeUndefined()
})

test("writing a span or half a surrogate pair is a bug, and gives no text at all", () => {
  expect(() => write([new StringSpan(0, 1, true)])).toThrow(/left as bytes/)
  expect(() => write({ a: ["b", "\ud800"] })).toThrow(/surrogate/)
  expect(() => write({ "\udc00": 1 })).toThrow(/surrogate/)
  expect(write([toWellFormed("a\ud800")])).toBe('["a\ufffd"]')
})

test("a lone surrogate is found by its path", () => {
  expect(loneSurrogateIn({ a: [1, { "b c": "\ud800" }] })).toBe('a[1]["b c"]')
  expect(loneSurrogateIn({ a: { "\ud800": 1 } })).toBe("a")
  expect(loneSurrogateIn({ a: "😀", b: new NumberLexeme("1.0") })).toBeUndefined()
})

test("equal means: would be written alike", () => {
  expect(equal({ a: [1, "x"], b: null }, { b: null, a: [1, "x"] })).toBe(true)
  expect(equal(new NumberLexeme("1.0"), new NumberLexeme("1.0"))).toBe(true)
  expect(equal(new NumberLexeme("1.0"), 1)).toBe(false)
  expect(equal(0, -0)).toBe(false)
  expect(equal([], {})).toBe(false)
  expect(equal({}, [])).toBe(false)
  expect(equal({ a: 1 }, { b: 1 })).toBe(false)
  expect(equal([1], [1, 2])).toBe(false)
  expect(equal({ a: { toString: 1 } }, { a: { b: 1 } })).toBe(false)
  expect(equal(null, {})).toBe(false)
})

test("an ordinary value becomes Json, and what JSON cannot say is refused", () => {
  const date = new Date(0)
  expect(fromPlain({ a: undefined, b: [undefined, 1n, 2n ** 70n], c: date })).toEqual({
    b: [null, 1, new NumberLexeme("1180591620717411303424")],
    c: date.toISOString(),
  })
  const loop: unknown[] = []
  loop.push(loop)
  expect(() => fromPlain(loop)).toThrow(/contains itself/)
  expect(() => fromPlain({ a: new Map() })).toThrow(/Map cannot become JSON/)
  expect(() => fromPlain(new Uint8Array(2))).toThrow(/Uint8Array cannot become JSON/)
  expect(() => fromPlain([() => 1])).toThrow(/function cannot become JSON/)
  expect(() => plain([new StringSpan(0, 1, true)])).toThrow(/left as bytes/)
})

test("a lexeme counts as its number in arithmetic", () => {
  expect(Number(new NumberLexeme("1.0")) + 1).toBe(2)
  expect(plain({ a: new NumberLexeme("-Infinity") })).toEqual({ a: Number.NEGATIVE_INFINITY })
})

test("reading stops where there is more than was to be read, and says of what", () => {
  const told = (text: string, most: Most) => {
    const read = parse(text, { most })
    return read.ok ? "read" : `${read.refusal.tooMuch} ${read.refusal.message}`
  }
  expect(told("[1, [2], 3]", { values: 5, containers: 2, depth: 2 })).toBe("read")
  expect(told("[1, [2], 3]", { values: 4 })).toBe("values line 1, column 10: there are more than 4 values")
  expect(told('{"a": [], "b": {}}', { containers: 2 })).toBe("containers line 1, column 16: there are more than 2 lists and objects")
  expect(told("[[[1]]]", { depth: 2 })).toBe("depth line 1, column 3: objects and lists are nested deeper than 2 levels")
  expect(told("[", { values: 2 })).toMatch(/^undefined .*the text ends/)
})
