import { expect, test } from "vitest"
import { ahead } from "#api/wire/ahead.ts"

async function* pieces(count: number, size: number, before?: () => void) {
  for (let n = 0; n < count; n++) {
    before?.()
    yield new Uint8Array(size).fill(n)
  }
}

async function all(from: Uint8Array | AsyncIterable<Uint8Array>): Promise<Buffer> {
  if (from instanceof Uint8Array) return Buffer.from(from)
  const got: Uint8Array[] = []
  for await (const piece of from) got.push(piece)
  return Buffer.concat(got)
}

const promised = (sizeBytes: number) => ({ sha256: "a".repeat(64), sizeBytes })
const expected = async (count: number, size: number) => all(pieces(count, size))

test.each([
  [0, 0],
  [1, 10],
  [7, 1000],
  [3, 600_000],
  [40, 100_000],
])("%i pieces of %i bytes come as they are", async (count, size) => {
  expect((await all(await ahead(pieces(count, size), promised(count * size)))).equals(await expected(count, size))).toBe(true)
})

test("what is shorter or longer than was promised is told before anything is sent", async () => {
  for (const size of [29, 31, 0, 1_000_000]) {
    const told = { code: "blob_damaged", message: expect.stringContaining(`should have ${size} bytes`) }
    await expect(ahead(pieces(3, 10), promised(size))).rejects.toMatchObject(told)
  }
})

test("what is large breaks off where it stops being what was promised", async () => {
  for (const size of [3_999_999, 4_000_001]) {
    const sent = await ahead(pieces(40, 100_000), promised(size))
    await expect(all(sent)).rejects.toMatchObject({ code: "blob_damaged" })
  }
})

test("no more than a megabyte is read before it is asked for, and a reader who leaves ends the reading", async () => {
  let taken = 0
  const sent = await ahead(
    pieces(1000, 100_000, () => taken++),
    promised(100_000_000),
  )
  expect(taken).toBeLessThan(13)
  if (sent instanceof Uint8Array) throw new Error("it was read whole")
  for await (const _ of sent) break
  expect(taken).toBeLessThan(13)
})
