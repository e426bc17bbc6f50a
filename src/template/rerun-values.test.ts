import { expect, test } from "vitest"
import type { JsonObject } from "#base/json.ts"
import type { Declared } from "#notebook/index.ts"
import { rerunValues } from "#template/rerun-values.ts"

const parameter = (name: string, more: object = {}) => ({
  name,
  type: { kind: "string" },
  required: false,
  secret: false,
  help: "",
  facts: {},
  ...more,
})
const declared = (...parameters: readonly object[]) => ({ parameters, open: false, problems: [] }) as unknown as Declared
const passing = (parameters: JsonObject) => ({ parameters, expects: { outcome: "succeeds", checks: [] } as never })

const REGION = parameter("region", { required: true })
const COUNT = parameter("count", { default: "1" })
const TOKEN = parameter("token", { required: true, secret: true })

function told(outcome: ReturnType<typeof rerunValues>): unknown {
  return outcome.ok ? outcome.value : outcome.refusal.message
}

test("it takes the notebook's own values, and a test case's only where there are none", () => {
  expect(told(rerunValues(declared(COUNT), [passing({ count: "9" })]))).toEqual({ plain: {}, secret: {} })
  expect(told(rerunValues(declared(REGION, COUNT), [passing({ count: "9" }), passing({ region: "EU" })]))).toEqual({
    plain: { region: "EU" },
    secret: {},
  })
})

test("what was given goes before a test case; a secret is given and not kept", () => {
  expect(told(rerunValues(declared(REGION), [passing({ region: "EU" })], { parameters: { region: "US" } }))).toEqual({
    plain: { region: "US" },
    secret: {},
  })
  expect(told(rerunValues(declared(REGION, TOKEN), [], { parameters: { region: "US" }, parameterTexts: { token: "s3cret" } }))).toEqual({
    plain: { region: "US" },
    secret: { token: "s3cret" },
  })
})

test("a value that nobody has is asked for by name, with what to do", () => {
  const failing = { parameters: { region: "EU" }, expects: { outcome: "fails", checks: [] } as never }
  expect(told(rerunValues(declared(REGION, COUNT), [failing]))).toBe(
    "The notebook has no value of its own for region: give one with the proposal, for its fresh rerun, or write a test case that succeeds with one.",
  )
})

test("no other value takes the place of one that the notebook has", () => {
  expect(told(rerunValues(declared(REGION, COUNT), [], { parameters: { region: "EU" }, parameterTexts: { count: "2" } }))).toMatch(
    /not so for count\. Leave count out\.$/,
  )
  expect(told(rerunValues(declared(COUNT), [], { parameters: { count: "2" } }))).toMatch(/Leave count out/)
  expect(told(rerunValues(declared(REGION), [], { parameters: { region: "EU", regoin: "EU" } }))).toMatch(/Leave regoin out/)
})

test("a value that does not fit is told before anything is proposed", () => {
  expect(told(rerunValues(declared(REGION), [], { parameters: { region: 7 } }))).toMatch(/^The parameter region should be /)
  // What a test case says wrongly is told by its run.
  expect(told(rerunValues(declared(REGION), [passing({ region: 7 })]))).toEqual({ plain: { region: 7 }, secret: {} })
})
