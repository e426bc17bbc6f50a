import { expect, test } from "vitest"
import { expectedWords, specOf, type Typed } from "#web/templates/test-case.ts"

const TYPED: Typed = { name: "one", parameters: "{}", outcome: "succeeds", ename: "", cell: "", text: "" }
const made = (change: Partial<Typed>) => {
  const spec = specOf({ ...TYPED, ...change })
  return spec.ok ? spec.value : spec.refusal
}

test("what was typed becomes a test case, or one sentence", () => {
  expect(made({ parameters: '{"count": 3}', cell: " total ", text: "42" })).toEqual({
    parameters: { count: 3 },
    expects: { outcome: "succeeds", checks: [{ check: "output_contains", cell: "total", text: "42" }] },
  })
  expect(made({ parameters: "", outcome: "fails", ename: "KeyError", cell: "x", text: "y" })).toEqual({
    parameters: {},
    expects: { outcome: "fails", ename: "KeyError", checks: [] },
  })
  expect(made({ name: " " })).toMatch(/has a name/)
  expect(made({ parameters: "[1]" })).toMatch(/one JSON object/)
  expect(made({ parameters: "{" })).toMatch(/one JSON object/)
  expect(made({ cell: "total" })).toMatch(/or neither/)
})

test("a test case is told in a line", () => {
  expect(expectedWords({ region: "EU" }, { outcome: "fails", ename: "KeyError" })).toBe('region = "EU" → fails with KeyError')
  expect(expectedWords({}, { outcome: "succeeds", checks: [{}, {}] })).toBe("defaults → succeeds, 2 checks")
})
