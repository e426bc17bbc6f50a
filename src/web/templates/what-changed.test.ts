import { expect, test } from "vitest"
import { parameterChanges } from "#web/templates/what-changed.tsx"

const schema = (properties: object, ...required: string[]) => ({ type: "object", properties, required }) as never

test("a parameter that is gone, new, needed or other is said; the same ones are not", () => {
  const before = schema({ region: { type: "string", default: "EU" }, weeks: { type: "integer" }, old: { type: "number" } }, "weeks")
  const after = schema({ region: { type: "string", default: "US" }, weeks: { type: "integer" }, more: {}, must: {} }, "weeks", "must")
  expect(parameterChanges(before, before)).toEqual([])
  expect(parameterChanges(undefined, after)).toEqual([])
  expect(parameterChanges(before, after)).toEqual([
    "The parameter region is declared in another way.",
    "The parameter old is gone: who gives it is refused.",
    "The parameter more is new.",
    "The parameter must is new, and has to be given.",
  ])
  expect(parameterChanges(schema({ a: {} }), schema({ a: {} }, "a"))).toEqual(["The parameter a is declared in another way."])
})
