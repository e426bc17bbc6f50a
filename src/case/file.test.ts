import { expect, test } from "vitest"
import { isObject, NumberLexeme } from "#base/json.ts"
import type { TestCase } from "#case/case.ts"
import { caseFileFor, isCaseFile, notebookFor, readCases, sameCases, writeCases } from "#case/file.ts"
import { FIELDS } from "#case/shape.ts"

const FILE = `# What is known of the sample.
tests:
  - name: small sample
    parameters: {count: 3, ratio: 0.1, big: 12345678901234567890}
    checks:
      - {check: result_equals, name: revenue, value: 126}
      - {check: table_value, cell: totals, where: {region: EU}, column: sum, value: 4.50}
      - check: result_between
        name: ratio
        min: 0.0
    mocks:
      - cell: download
        source: |
          rows = [1, 2]
          print(len(rows))
  - name: unknown region
    parameters: {region: XX}
    expects: {fails_with: KeyError, message: XX}
`

function got(text: string): readonly TestCase[] {
  const read = readCases(text, "sales.stet.yaml")
  if (!read.ok) throw new Error(read.refusal.message)
  return read.value
}

function complaints(text: string): string {
  const read = readCases(text, "t.stet.yaml")
  return read.ok ? "" : read.refusal.message
}

test("a file is read as it is meant, and numbers keep every digit", () => {
  const [small, unknown] = got(FILE)
  expect(small?.parameters).toEqual({ count: 3, ratio: 0.1, big: new NumberLexeme("12345678901234567890") })
  expect(small?.expects).toEqual({
    outcome: "succeeds",
    checks: [
      { check: "result_equals", name: "revenue", value: 126 },
      { check: "table_value", cell: "totals", where: { region: "EU" }, column: "sum", value: new NumberLexeme("4.50") },
      { check: "result_between", name: "ratio", min: 0 },
    ],
  })
  expect(small?.mocks).toEqual([{ cell: "download", source: "rows = [1, 2]\nprint(len(rows))" }])
  expect(unknown).toEqual({
    name: "unknown region",
    parameters: { region: "XX" },
    expects: { outcome: "fails", ename: "KeyError", message: "XX", checks: [] },
    mocks: [],
  })
})

test("what is written is read back the same", () => {
  const cases = got(FILE)
  const again = got(writeCases(cases))
  expect(sameCases(cases, again)).toBe(true)
  expect(sameCases(cases, again.slice(1))).toBe(false)
  expect(sameCases(cases, [{ ...again[0]!, mocks: [] }, again[1]!])).toBe(false)
  expect(writeCases(again)).toBe(writeCases(cases))
})

test("everything that is wrong is told at once, with file, line and what to do", () => {
  const said = complaints(`tests:
  - name: a
    chekcs: []
    parameters: [1]
  - parameters: {}
  - name: b
    expects: {fails_wth: KeyError}
    checks:
      - {check: output_holds, cell: x}
      - {check: output_contains, cell: x}
      - {check: result_between, name: x, min: many}
      - {check: table_value, cell: t, column: c, value: 1}
      - {check: output_matches, cell: t, pattern: "(a"}
      - 3
    mocks:
      - {cell: x}
  - name: b
`)
  expect(said.split("\n")).toEqual([
    't.stet.yaml:3: there is no "chekcs" here: did you mean checks?',
    "t.stet.yaml:4: parameters must be names with values, as {count: 3}.",
    "t.stet.yaml:5: a test case must have a name: a text of one line and at most 100 characters.",
    't.stet.yaml:7: there is no "fails_wth" here: did you mean fails_with?',
    expect.stringMatching(/^t\.stet\.yaml:9: there is no check "output_holds": there are output_contains, /),
    "t.stet.yaml:10: output_contains takes text, and there is none.",
    "t.stet.yaml:11: min must be a number.",
    "t.stet.yaml:12: table_value: give either row or where.",
    "t.stet.yaml:13: pattern must be a regular expression that can be used: a group is not closed.",
    expect.stringMatching(/^t\.stet\.yaml:14: a check must say which one it is/),
    "t.stet.yaml:16: source must be the text of the cell that takes its place.",
    't.stet.yaml:17: there is a test case "b" already: give it another name.',
  ])
  expect(complaints("tests:\n  - name: [")).toMatch(/^t\.stet\.yaml:\d: this is no YAML: /)
  expect(complaints("")).toBe("t.stet.yaml:1: it must begin with tests:, and a list of test cases.")
  expect(complaints("tests: {}")).toBe("t.stet.yaml:1: tests must be a list: begin each test case with a dash.")
  expect(complaints("stet: 2\ntests: []")).toMatch(/another version of Stet/)
})

test("a file belongs to the notebook beside it", () => {
  expect([caseFileFor("a/sales.ipynb"), notebookFor("a/sales.stet.yaml")]).toEqual(["a/sales.stet.yaml", "a/sales.ipynb"])
  expect(["sales.stet.yaml", "stet.yaml", ".stet.yaml", "a/.stet.yaml", "x.yaml"].map(isCaseFile)).toEqual([true, false, false, false, false])
})

test("nothing that anybody writes breaks the reader", () => {
  for (const kind of Object.keys(FIELDS)) {
    for (const value of ["null", "[]", "{}", "'x'", "1.5", "[{a: [1]}]"]) {
      const keys = ["cell", "text", "name", "value", "min", "row", "where", "columns", "expression", "shows", "pattern"]
      const read = readCases(`tests: [{name: a, checks: [{check: ${kind}, ${keys.map((key) => `${key}: ${value}`).join(", ")}}]}]`, "t")
      expect(read.ok || isObject(read.refusal as never)).toBe(true)
    }
  }
})
