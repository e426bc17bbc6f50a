import { expect, test } from "vitest"
import { type Json, NumberLexeme } from "#base/json.ts"
import { readYaml } from "#case/index.ts"
import { YAML_1_1 } from "#cli/papermill/yaml-1.1.ts"

const float = (text: string) => new NumberLexeme(text)

// Recorded from PyYAML 6.0.3's safe loader without its time stamps, the way papermill reads parameters.
const SCALARS: readonly (readonly [string, Json])[] = [
  ...["yes", "Yes", "YES", "on", "On", "ON", "true", "True", "TRUE"].map((word) => [word, true] as const),
  ...["no", "No", "NO", "off", "Off", "OFF", "false", "False", "FALSE"].map((word) => [word, false] as const),
  ...["y", "Y", "n", "N", "yEs", "oN", "tRue", "nUll", "None", "nan", "inf", "-.nan", "0o14", "08", "09", "1e3", "1E3", "1.e3", "1.5e3", "1e+3"].map(
    (word) => [word, word] as const,
  ),
  ...["2024-01-02", "2024-01-02T03:04:05Z", "01:30", "1:60", "_1", "-.5", "+.5", ".", "0X1F", "0xg", "1,000", "1.2.3", "=", "<<"].map(
    (word) => [word, word] as const,
  ),
  ...["~", "null", "Null", "NULL", ""].map((word) => [word, null] as const),
  ["012", 10],
  ["00", 0],
  ["-0", 0],
  ["+5", 5],
  ["1_000", 1000],
  ["1__0", 10],
  ["0_7", 7],
  ["0x1F", 31],
  ["-0x_1f", -31],
  ["0b101", 5],
  ["1:30", 90],
  ["-1:30", -90],
  ["190:20:30", 685230],
  ["123456789012345678901234567890", float("123456789012345678901234567890")],
  ["1.5", 1.5],
  ["1.0", float("1.0")],
  ["5.", float("5.0")],
  [".5", 0.5],
  [".5_0", 0.5],
  ["1_000.5_0", 1000.5],
  ["1.e+3", float("1000.0")],
  ["1.5E-3", 0.0015],
  ["1.0e+400", float("Infinity")],
  ["1:30.5", 90.5],
  ["190:20:30.15", 685230.15],
  [".inf", float("Infinity")],
  ["+.Inf", float("Infinity")],
  ["-.INF", float("-Infinity")],
  [".NaN", float("NaN")],
  ["-0.0", float("-0.0")],
]

test.each(SCALARS)("%s is %j", (text, value) => {
  expect(readYaml(`x: ${text}`, YAML_1_1)).toEqual({ ok: true, value: { x: value } })
})

test("in quotes everything is a string", () => {
  for (const [text] of SCALARS) {
    expect(readYaml(`x: '${text}'`, YAML_1_1)).toEqual({ ok: true, value: { x: text } })
    expect(readYaml(`x: "${text}"`, YAML_1_1)).toEqual({ ok: true, value: { x: text } })
  }
})

test.each<readonly [string, Json]>([
  ["", null],
  ["# only a comment", null],
  ["--- {a: 1}\n...", { a: 1 }],
  ["a: 1\r\nb: 2\r", { a: 1, b: 2 }],
  ["\uFEFFa: 1", { a: 1 }],
  ["%YAML 1.2\n---\na: yes", { a: true }],
  ["a: 1\nb: 2\na: 3", { a: 3, b: 2 }],
  ["a: &x [1]\nb: *x\nc: {d: *x}", { a: [1], b: [1], c: { d: [1] } }],
  ["base: &b {x: 1, y: 2}\nd:\n  y: 3\n  <<: *b", { base: { x: 1, y: 2 }, d: { x: 1, y: 3 } }],
  ["<<: [{a: 1, c: 9}, {a: 2, b: 2}]\nb: 3", { a: 1, b: 3, c: 9 }],
  ["<<: {<<: {q: 1}, r: 2}\ns: 1", { q: 1, r: 2, s: 1 }],
  ["'<<': {a: 1}", { "<<": { a: 1 } }],
  ["d: {1: a, yes: b, null: c, 1.5: d, 0x10: e}", { d: { 1: "a", True: "b", None: "c", "1.5": "d", 16: "e" } }],
  ["x: !!str 5", { x: "5" }],
  ["x: !!int '5'", { x: 5 }],
  ["x: !!float 5", { x: float("5.0") }],
  ["x: !!bool 'on'", { x: true }],
  ["x: ! 5", { x: 5 }],
  ["x: |\n  a\n  b\ny: >-\n  c\n  d", { x: "a\nb\n", y: "c d" }],
  [
    "__proto__: 1\nconstructor: 2",
    Object.fromEntries([
      ["__proto__", 1],
      ["constructor", 2],
    ]),
  ],
])("%j is read as PyYAML reads it", (text, value) => {
  expect(readYaml(text, YAML_1_1)).toEqual({ ok: true, value })
})

test("what a mapping takes over comes first, then its own entries", () => {
  const read = readYaml("b: 1\n<<: {z: 1, a: 2}\na: 3", YAML_1_1)
  expect(read.ok && Object.keys(read.value as object)).toEqual(["z", "a", "b"])
})

test.each([
  ["a: 1\nb: [1", 2, 6, /./],
  ["a: 1\n---\nb: 2", 2, 1, /second document/],
  ["a:\n  - *nope", 2, 5, /./],
  ["a: &x [*x]", 1, 7, /contains itself/],
  ["<<: &x {<<: *x}", 1, 13, /contains itself/],
  ["<<: 5", 1, 5, /<< takes a mapping/],
  ["<<: [1]", 1, 6, /<< takes a mapping/],
  ["? [1]\n: b", 1, 3, /a key must be a string/],
  ["x: 0b_", 1, 4, /0b_ is not a number, though it begins like one/],
  ["x: !!int abc", 1, 10, /"abc" is not of the type !!int/],
  ["x: !!binary aGk=", 1, 13, /the type !!binary cannot be a parameter's/],
  ["x: !!set {a}", 1, 10, /!!set/],
  ["x: !mine 5", 1, 10, /the type !mine/],
  ["x: !!python/object/apply:os.system [id]", 1, 36, /the type !!python/],
  ["x: !!str [1]", 1, 10, /!!str/],
  ['x: "\\ud800"', 1, 4, /half of a surrogate pair/],
])("%j is refused at line %i, column %i", (text, line, column, message) => {
  expect(readYaml(text, YAML_1_1)).toEqual({ ok: false, refusal: { refused: "bad_yaml", line, column, message: expect.stringMatching(message) } })
})

test("a few aliases that stand for millions of values are refused, and quickly", () => {
  const levels = Array.from({ length: 9 }, (_, i) => `l${i + 1}: &l${i + 1} [${Array(9).fill(`*l${i}`).join(", ")}]`)
  const refusal = { message: expect.stringMatching(/more than 1000000 values/) }
  expect(readYaml(["l0: &l0 lol", ...levels].join("\n"), YAML_1_1)).toMatchObject({ ok: false, refusal })
})

test("nesting without end is refused", () => {
  expect(readYaml("[".repeat(50_000), YAML_1_1).ok).toBe(false)
  expect(readYaml("- ".repeat(20_000), YAML_1_1).ok).toBe(false)
  expect(readYaml(`${"[".repeat(1100)}${"]".repeat(1100)}`, YAML_1_1)).toMatchObject({ refusal: { message: "it is nested too deep" } })
})
