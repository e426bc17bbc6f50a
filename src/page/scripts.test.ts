import { createHash } from "node:crypto"
import { expect, test } from "vitest"
import { BOOT, BOOT_HASH, KEEPER, KEEPER_HASH } from "#page/scripts.ts"

test("the policy names the scripts as they are", () => {
  const sha256 = (text: string) => createHash("sha256").update(text).digest("base64")
  expect({ BOOT_HASH, KEEPER_HASH }).toEqual({ BOOT_HASH: sha256(BOOT), KEEPER_HASH: sha256(KEEPER) })
})

test("both scripts are JavaScript, and neither can end the element it stands in", () => {
  for (const script of [BOOT, KEEPER]) {
    expect(() => new Function(script)).not.toThrow()
    expect(script).not.toMatch(/<\/script|<!--/i)
  }
})
