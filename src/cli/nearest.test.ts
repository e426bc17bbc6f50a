import { expect, test } from "vitest"
import { nearest } from "#cli/nearest.ts"

const KNOWN = ["run", "resume", "recover", "papermill", "inspect", "validate", "kernels", "--start-timeout"]

test.each([
  ["runn", ["run"]],
  ["urn", ["run"]],
  ["recvoer", ["recover"]],
  ["Papermil", ["papermill"]],
  ["kernel", ["kernels"]],
  ["--start_timeout", ["--start-timeout"]],
  ["valid", ["validate"]],
  ["re", []],
  ["completely else", []],
])("%j may mean %j", (word, meant) => {
  expect(nearest(word, KNOWN)).toEqual(meant)
})
