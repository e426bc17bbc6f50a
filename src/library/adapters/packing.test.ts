import fc from "fast-check"
import { expect, test } from "vitest"
import { brotliPacking, sha256Digest } from "#library/adapters/packing.ts"

const { pack, unpack } = brotliPacking

test("what was packed comes back, and is never more than a byte longer", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(
        fc.uint8Array({ maxLength: 300 }),
        fc.string({ maxLength: 2000 }).map((text) => new TextEncoder().encode(text.repeat(3))),
      ),
      async (bytes) => {
        const packed = await pack(bytes)
        expect(packed.length).toBeLessThanOrEqual(bytes.length + 1)
        expect(Buffer.compare((await unpack(packed, bytes.length))!, bytes)).toBe(0)
      },
    ),
  )
})

test("a bomb is not unpacked beyond its limit, and what was never packed is not unpacked", async () => {
  const bomb = await pack(new Uint8Array(50_000_000))
  expect(bomb.length).toBeLessThan(1000)
  expect(await unpack(bomb, 1_000_000)).toBeUndefined()
  expect(await unpack(Uint8Array.from([0, 1, 2]), 1)).toBeUndefined()
  for (const bytes of [[], [1], [1, 9, 9, 9], [7, 1, 2], [...bomb.subarray(0, -3)]])
    expect(await unpack(Uint8Array.from(bytes), 60_000_000)).toBeUndefined()
})

test("the digest is SHA-256", () => {
  expect(sha256Digest(new Uint8Array())).toBe("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
})
