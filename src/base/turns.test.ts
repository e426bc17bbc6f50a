import { expect, test } from "vitest"
import { turns } from "#base/turns.ts"

test("each waits for the one before, whether it came to something or not", async () => {
  const inTurn = turns()
  const said: string[] = []
  const first = Promise.withResolvers<void>()
  const all = [
    inTurn(async () => {
      await first.promise
      said.push("first")
      throw new Error("no good")
    }),
    inTurn(async () => said.push("second")),
  ]
  await Promise.resolve()
  expect(said).toEqual([])
  first.resolve()
  await expect(all[0]).rejects.toThrow("no good")
  expect(await all[1]).toBe(2)
  expect(said).toEqual(["first", "second"])
})
