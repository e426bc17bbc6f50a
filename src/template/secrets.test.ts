import { expect, test } from "vitest"
import { SUCCEEDS } from "#case/index.ts"
import { type CaseTexts, secretsIn } from "#template/secrets.ts"

const KEY = `AKIA${"Q7M2XW4K5ZP3LT6N"}`
const one = (given: Partial<CaseTexts>): CaseTexts => ({ name: "Empty region", parameters: {}, expects: SUCCEEDS, mocks: [], ...given })
const said = (where: string) => [`An AWS access key stands in the test case Empty region, ${where}; it would be in the evidence.`]

test.each<readonly [what: string, given: Partial<CaseTexts>, expected: readonly string[]]>([
  ["none", { mocks: [{ cell: "load", source: "rows = []" }] }, []],
  ["a mock", { mocks: [{ cell: "load", source: `key = "AKIAIOSFODNN7EXAMPLE"\n# ${KEY}\n# ${KEY}` }] }, said("in what replaces the cell load")],
  ["a parameter", { parameters: { deep: [{ token: KEY }] } }, said("in its parameters")],
  ["the name of one", { parameters: { deep: { [KEY]: 1 } } }, said("in its parameters")],
  [
    "what is expected",
    { expects: { outcome: "succeeds", checks: [{ check: "output_contains", cell: "c", text: KEY }] } },
    said("in what it expects"),
  ],
  ["a checksum that does not fit", { mocks: [{ cell: "load", source: "ghp_aB3dE5gH7jK9mN1pQ2sT4vW6yZ8cF0000000" }] }, []],
])("secrets of a test case: %s", (_, given, expected) => expect(secretsIn([], [one({ name: "Other" }), one(given)])).toEqual(expected))
