import { expect, test } from "vitest"
import { sharedMb } from "#database/embedded/cluster.ts"

test.each([
  [512 * 2 ** 20, 64],
  [2 ** 30, 64],
  [4 * 2 ** 30, 256],
  [8 * 2 ** 30, 512],
  [64 * 2 ** 30, 512],
])("of a memory of %i bytes PostgreSQL shares %i MB at most", (bytes, megabytes) => {
  expect(sharedMb(bytes)).toBe(megabytes)
})
