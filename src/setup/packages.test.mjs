import { expect, test } from "vitest"
import { holdsAll } from "#setup/packages.mjs"

const asked = {
  packages: {
    "": { version: "0.1.0" },
    "node_modules/a": { version: "1.0.0" },
    "node_modules/tool": { version: "2.0.0", dev: true },
    "node_modules/native-elsewhere": { version: "3.0.0", optional: true },
  },
}

test("everything asked for, in the asked version, is there", () => {
  const installed = { packages: { "node_modules/a": { version: "1.0.0" }, "node_modules/tool": { version: "2.0.0" } } }
  expect(holdsAll(installed, asked, true)).toBe(true)
})

test("a missing package, another version and a missing tool are noticed", () => {
  expect(holdsAll({ packages: {} }, asked, false)).toBe(false)
  expect(holdsAll({ packages: { "node_modules/a": { version: "1.0.1" } } }, asked, false)).toBe(false)
  expect(holdsAll({ packages: { "node_modules/a": { version: "1.0.0" } } }, asked, true)).toBe(false)
  expect(holdsAll({ packages: { "node_modules/a": { version: "1.0.0" } } }, asked, false)).toBe(true)
})
