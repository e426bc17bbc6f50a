import { expect, test } from "vitest"
import { choosable } from "#web/launch/environment-names.ts"

const made = (sha256: string, name: string, ...requirements: string[]) => ({ sha256, name, requirements })

test("an environment made from a notebook's list is called by what is in it, and chosen by its digest: its kernel's name is that of many", () => {
  const environments = [
    made("a1", "python3", "humanize", "scikit-learn"),
    made("b2", "forecasting", "pandas"),
    made("c3", "python3", "a", "b", "c", "d", "e"),
    made("d4", "forecasting", "pandas<2"),
    made("e5", "python3"),
    made("f6", ""),
  ]
  expect(choosable(environments, ["python3", "ir"])).toEqual([
    { value: "a1", label: "humanize, scikit-learn (python3)" },
    { value: "forecasting", label: "forecasting" },
    { value: "c3", label: "a, b, c and 2 more (python3)" },
  ])
})
