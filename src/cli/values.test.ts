import { expect, test } from "vitest"
import { type Json, NumberLexeme, write } from "#base/json.ts"
import { readParameterFile } from "#cli/values.ts"

const read = (text: string, name = "params.yaml") => readParameterFile(name, new TextEncoder().encode(text))
const number = (text: string) => new NumberLexeme(text)

test.each<readonly [string, Json]>([
  ["yes", "yes"],
  ["off", "off"],
  ["true", true],
  ["~", null],
  ["012", 12],
  ["0o14", 12],
  ["0x1F", 31],
  ["0b11", "0b11"],
  ["1_000", "1_000"],
  ["1:30", "1:30"],
  ["2024-01-02", "2024-01-02"],
  ["1e3", number("1e3")],
  ["-.5", -0.5],
  ["+1.", number("1.0")],
  ["1.10", number("1.10")],
  ["1e-7", number("1e-7")],
  ["0.1000000000000000055", number("0.1000000000000000055")],
  ["9007199254740993", number("9007199254740993")],
  ["-00012", -12],
  [".inf", number("Infinity")],
  ["-.INF", number("-Infinity")],
  [".nan", number("NaN")],
  ["<<", "<<"],
])("in YAML 1.2 %s is %j", (text, value) => {
  expect(read(`x: ${text}`)).toEqual({ ok: true, value: { x: value } })
})

test("numbers come out of a JSON file digit for digit", () => {
  const text = '{"a": 1.0, "b": 123456789012345678901234567890, "c": [1e-7, -0.0], "d": "é"}'
  const json = read(text, "params.json")
  expect(json.ok && write(json.value, 0).replaceAll("\n", "")).toBe('{"a": 1.0,"b": 123456789012345678901234567890,"c": [1e-7,-0.0],"d": "é"}')
  const yaml = read(text)
  expect(yaml.ok && write(yaml.value, 0)).toBe(json.ok && write(json.value, 0))
})

test.each([
  ["", "params.yaml"],
  ["# nothing yet", "params.yaml"],
  ["", "params.json"],
  ["{}", "-"],
])("%j in %s holds no parameters", (text, name) => {
  expect(read(text, name)).toEqual({ ok: true, value: {} })
})

test.each([
  ['{"a": 1,}', "a.json", /^The parameter file a\.json is not valid JSON: line 1, column 9: /],
  ["a: 1\nb: [1", "p.yaml", /^The parameter file p\.yaml is not valid YAML: line 2, column 6: /],
  ["a: 1\n'a': 2", "p.yaml", /line 2, column 1: the key "a" stands twice\.$/],
  ["1: a", "p.yaml", /line 1, column 1: a key must be a string: put it in quotes\.$/],
  ["a: !!binary aGk=", "p.yaml", /the type !!binary cannot be a parameter's\.$/],
  ["a: 1\n---\nb: 2", "p.yaml", /second document/],
  ["- a", "-", /^The parameter file standard input must hold names and values \("name: value" or \{"name": value\}\), not a list\.$/],
  ["just words", "p.yaml", /not a text\.$/],
  ["5", "s3://bucket/p.json?versionId=1", /not a number\.$/],
])("%j in %s is refused in one sentence", (text, name, message) => {
  expect(read(text, name)).toEqual({ ok: false, refusal: { refused: "bad_parameter_file", message: expect.stringMatching(message) } })
})

test("what is not UTF-8 is refused", () => {
  expect(readParameterFile("p.yaml", Uint8Array.of(0x61, 0xff))).toMatchObject({
    refusal: { message: "The parameter file p.yaml is not UTF-8 text." },
  })
})
