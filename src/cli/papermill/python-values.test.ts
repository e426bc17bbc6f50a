import { expect, test } from "vitest"
import { NumberLexeme, write } from "#base/json.ts"
import { ascii, floatText, readFloat, readInt, repr, str } from "#cli/papermill/python-values.ts"

const BIG = new NumberLexeme("123456789012345678901234567890")

// What Python 3.11's int() makes of a text; undefined where it raises.
test.each([
  ["1", 1],
  ["-1", -1],
  ["+5", 5],
  [" 7\t", 7],
  ["\u00a07", 7],
  ["\u001c7", undefined],
  ["\ufeff7", undefined],
  ["1_000", 1000],
  ["1__0", undefined],
  ["_1", undefined],
  ["1_", undefined],
  ["007", 7],
  ["-0", 0],
  ["0x1F", undefined],
  ["1.0", undefined],
  ["1e3", undefined],
  ["", undefined],
  ["9007199254740991", 9007199254740991],
  ["9007199254740993", new NumberLexeme("9007199254740993")],
  ["-123456789012345678901234567890", new NumberLexeme("-123456789012345678901234567890")],
])("int(%j) is %j", (text, value) => {
  expect(readInt(text)).toEqual(value)
})

test.each([
  ["1.5", 1.5],
  [".5", 0.5],
  ["5.", new NumberLexeme("5.0")],
  ["1e3", new NumberLexeme("1000.0")],
  ["1_0.0_1", 10.01],
  ["1_.0", undefined],
  ["1e400", new NumberLexeme("Infinity")],
  ["-inf", new NumberLexeme("-Infinity")],
  ["Infinity", new NumberLexeme("Infinity")],
  ["-NaN", new NumberLexeme("NaN")],
  ["infinit", undefined],
  ["-0", new NumberLexeme("-0.0")],
  ["1e-7", new NumberLexeme("1e-07")],
  ["1e22", new NumberLexeme("1e+22")],
  ["1d3", undefined],
  [".", undefined],
  ["", undefined],
])("float(%j) is %j", (text, value) => {
  expect(readFloat(text)).toEqual(value)
})

test.each([
  [0.1, "0.1"],
  [1, "1.0"],
  [1e15, "1000000000000000.0"],
  [1e16, "1e+16"],
  [1.5e300, "1.5e+300"],
  [0.0001, "0.0001"],
  [0.00001, "1e-05"],
  [0.00012345, "0.00012345"],
  [-0, "-0.0"],
  [5e-324, "5e-324"],
  [Number.NaN, "nan"],
  [Number.NEGATIVE_INFINITY, "-inf"],
])("repr(%d) is %s", (value, text) => {
  expect(floatText(value)).toBe(text)
})

test.each([
  ["a", "'a'"],
  ["it's", `"it's"`],
  [`both ' and "`, `'both \\' and "'`],
  ["\n\t\\\0\x7f\u0080é\u200b☃😀", "'\\n\\t\\\\\\x00\\x7f\\x80é\\u200b☃😀'"],
  [null, "None"],
  [[true, 1, 1.5, BIG, { "k'": new NumberLexeme("1.0") }], `[True, 1, 1.5, ${BIG.text}, {"k'": 1.0}]`],
])("repr(%j) is %s", (value, text) => {
  expect(repr(value)).toBe(text)
})

test("str() leaves a text alone, ascii() escapes what is beyond ASCII", () => {
  expect([str("it's é"), str([1]), ascii("é☃😀")]).toEqual(["it's é", "[1]", "'\\xe9\\u2603\\U0001f600'"])
})

test("a float keeps its point when it is written into a notebook", () => {
  expect(["1.0", "1e3", "2.50", "-0.0", "1e21"].map((text) => write(readFloat(text) ?? null))).toEqual(["1.0", "1000.0", "2.5", "-0.0", "1e+21"])
})
