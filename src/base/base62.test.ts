import { crc32 } from "node:zlib"
import fc from "fast-check"
import { expect, test } from "vitest"
import { checksum62, inBase62 } from "#base/base62.ts"

test("a number has as many digits as were asked for", () => {
  expect([inBase62(0n, 2), inBase62(61n, 2), inBase62(62n, 2), inBase62(62n ** 2n, 2)]).toEqual(["00", "0z", "10", "00"])
})

test("the checksum is zlib's", () => {
  fc.assert(fc.property(fc.string({ unit: "grapheme-ascii" }), (text) => checksum62(text) === inBase62(BigInt(crc32(text)), 6)))
})
