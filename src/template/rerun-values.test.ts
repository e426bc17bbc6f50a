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
const NOTHING_BESIDE = { folder: "finance", has: () => false }
const declared = (...parameters: readonly object[]) => ({
  declared: { parameters, open: false, problems: [] } as unknown as Declared,
  beside: NOTHING_BESIDE,
})
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

const ORDERS = parameter("orders", { type: { kind: "file", accept: [".csv"] }, default: "../data/orders.csv" })

test("a default that is a file and does not come with the version is asked for; where it comes, it is taken", () => {
  expect(told(rerunValues(declared(ORDERS, COUNT), []))).toBe(
    'The file "../data/orders.csv", which the notebook takes for orders, does not come with this version. ' +
      "Put it there and save a new one, or give one with the proposal, for its fresh rerun, or write a test case that succeeds with one.",
  )
  expect(told(rerunValues(declared(ORDERS), [passing({ orders: "tests/small.csv" })]))).toEqual({ plain: { orders: "tests/small.csv" }, secret: {} })
  expect(told(rerunValues(declared(ORDERS), [], { parameters: { orders: "upload:01ARZ3NDEKTSV4RRFFQ69G5FAV" } }))).toEqual({
    plain: { orders: "upload:01ARZ3NDEKTSV4RRFFQ69G5FAV" },
    secret: {},
  })
  const there = { ...declared(ORDERS), beside: { folder: "finance", has: (path: string) => path === "data/orders.csv" } }
  expect(told(rerunValues(there, []))).toEqual({ plain: {}, secret: {} })
  expect(told(rerunValues(there, [], { parameters: { orders: "small.csv" } }))).toMatch(/Leave orders out/)
})

test("an address, and a place of a machine, are their author's to answer for: nobody here knows what lies there", () => {
  const far = (path: string) => declared({ ...ORDERS, default: path })
  for (const path of ["s3://sales/orders.csv", "/srv/orders.csv", "../../orders.csv"])
    expect(told(rerunValues(far(path), []))).toEqual({ plain: {}, secret: {} })
})
