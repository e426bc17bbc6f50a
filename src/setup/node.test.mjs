import { expect, test } from "vitest"
import { NODE_VERSION, runsTypeScript } from "#setup/node.mjs"

test("Node runs TypeScript as it stands from 22.18 on, and not in 23", () => {
  const versions = ["18.20.8", "20.20.2", "22.17.1", "22.18.0", "22.23.3", "23.6.0", "24.0.0", "26.10.0"]
  expect(versions.filter(runsTypeScript)).toEqual(["22.18.0", "22.23.3", "24.0.0", "26.10.0"])
  expect(runsTypeScript(NODE_VERSION)).toBe(true)
})
