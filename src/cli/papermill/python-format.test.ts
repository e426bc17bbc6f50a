import fc from "fast-check"
import { expect, test } from "vitest"
import { type Json, NumberLexeme } from "#base/json.ts"
import { format } from "#cli/papermill/python-format.ts"
import { float as floatOf } from "#cli/papermill/python-values.ts"

const float = (text: string) => new NumberLexeme(text)
const BIG = float("100000000000000000000")

// Recorded from Python 3.11's format().
test.each<readonly [Json, string, string]>([
  [5, "", "5"],
  [5, "03d", "005"],
  [-5, "03d", "-05"],
  [5, "+d", "+5"],
  [5, " d", " 5"],
  [5, "<4", "5   "],
  [5, "^4", " 5  "],
  [5, "*>4", "***5"],
  [-5, "=4", "-  5"],
  [255, "x", "ff"],
  [255, "#X", "0XFF"],
  [255, "#010b", "0b11111111"],
  [255, "#06x", "0x00ff"],
  [1234567, ",", "1,234,567"],
  [1234567, "_d", "1_234_567"],
  [255, "_b", "1111_1111"],
  [1234, "08,d", "0,001,234"],
  [1234, "09,d", "0,001,234"],
  [BIG, ",d", "100,000,000,000,000,000,000"],
  [BIG, "e", "1.000000e+20"],
  [65, "c", "A"],
  [5, ".2f", "5.00"],
  [5, "%", "500.000000%"],
  [5, "g", "5"],
  [true, "", "True"],
  [true, "d", "1"],
  [true, "5", "    1"],
  [null, "", "None"],
  [float("1.0"), "", "1.0"],
  [1.005, ".2f", "1.00"],
  [2.5, ".0f", "2"],
  [3.5, ".0f", "4"],
  [0.125, ".2f", "0.12"],
  [2.5, "#.0f", "2."],
  [1e22, ".1f", "10000000000000000000000.0"],
  [0.1, ".20f", "0.10000000000000000555"],
  [1234.5, ",.2f", "1,234.50"],
  [1234.5, "012,.1f", "00,001,234.5"],
  [1234.5, ".4", "1.234e+03"],
  [1234.5, ".4g", "1234"],
  [0.0001, "g", "0.0001"],
  [0.00001, "g", "1e-05"],
  [100, ".3g", "100"],
  [1e23, ".20e", "9.99999999999999916114e+22"],
  [9.9999, ".3g", "10"],
  [0.256, ".1%", "25.6%"],
  [-0.0001, ".1f", "-0.0"],
  [-0.0001, "z.1f", "0.0"],
  [float("NaN"), "08", "00000nan"],
  [float("-Infinity"), "F", "-INF"],
  ["ab", "5", "ab   "],
  ["ab", ">5", "   ab"],
  ["ab", "05", "ab000"],
  ["ab", "é^6", "ééabéé"],
  ["😀x", ".1", "😀"],
  ["ab", "s", "ab"],
  [[1, "a"], "", "[1, 'a']"],
])("format(%j, %j) is %j", (value, spec, text) => {
  expect(format(value, spec)).toEqual({ ok: true, value: text })
})

test.each<readonly [Json, string]>([
  ["ab", "d"],
  ["ab", "+5"],
  ["ab", "=5"],
  ["ab", ","],
  ["ab", "#s"],
  [5, "s"],
  [5, ".2d"],
  [5, "z"],
  [255, ",x"],
  [5, ",n"],
  [-1, "c"],
  [1.5, "d"],
  [1.5, "x"],
  [1.5, "s"],
  [null, "5"],
  [[1], "5"],
  [{}, "s"],
  [5, "q"],
  [5, "3d4"],
  [5, "99999999999d"],
])("format(%j, %j) is refused, as Python raises", (value, spec) => {
  expect(format(value, spec)).toEqual({ ok: false, refusal: expect.stringMatching(/\w/) })
})

test("seventeen digits give every float back", () => {
  const finite = fc.double({ noNaN: true, noDefaultInfinity: true })
  fc.assert(
    fc.property(finite, (value) => {
      const written = format(floatOf(value), ".16e")
      return written.ok && Object.is(Number(written.value), value)
    }),
    { numRuns: 2000 },
  )
})
