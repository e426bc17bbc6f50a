import { createHmac } from "node:crypto"
import fc from "fast-check"
import { expect, test } from "vitest"
import { sealWith } from "#kernel/adapters/seal.ts"

const frame = fc.oneof(
  fc.uint8Array({ maxLength: 300 }),
  fc.integer({ min: 4000, max: 20_000 }).map((size) => new Uint8Array(size).fill(size % 256)),
)
const frames = fc.tuple(frame, frame, frame, frame)
const bytes = (...texts: [string, string, string, string]) =>
  texts.map((text) => Buffer.from(text)) as unknown as readonly [Buffer, Buffer, Buffer, Buffer]

test("signatures are HMAC-SHA256 over the four frames, for any key and size", () => {
  fc.assert(
    fc.property(fc.string({ minLength: 1, maxLength: 200 }), frames, (key, parts) => {
      const hmac = createHmac("sha256", key)
      for (const part of parts) hmac.update(part)
      expect(sealWith(key).sign(parts).toString()).toBe(hmac.digest("hex"))
    }),
    { numRuns: 150 },
  )
})

test("a changed frame, a changed or missing signature and another key are wrong", () => {
  const seal = sealWith("key")
  const good = bytes("h", "p", "m", "c")
  const signature = seal.sign(good)
  expect(seal.judge(signature, bytes("h", "p", "m", "x"))).toBe("wrong")
  expect(seal.judge(signature, bytes("hp", "", "m", "c"))).toBe("good")
  for (const bad of [Buffer.alloc(0), Buffer.from("zz"), signature.subarray(1), Buffer.from(signature.toString().toUpperCase()), Buffer.alloc(64)]) {
    expect(seal.judge(bad, good)).toBe("wrong")
  }
  expect(sealWith("other").judge(signature, good)).toBe("wrong")
})

test("a message that comes twice is a replay, also when 30,000 others came between", () => {
  const seal = sealWith("key")
  const first = bytes("h", "p", "m", "first")
  expect(seal.judge(seal.sign(first), first)).toBe("good")
  for (let i = 0; i < 30_000; i++) {
    const other = bytes("h", "p", "m", String(i))
    seal.judge(seal.sign(other), other)
  }
  expect(seal.judge(seal.sign(first), first)).toBe("replayed")
})

test("without a key nothing is signed and nothing is checked", () => {
  expect(sealWith("").sign(bytes("", "", "", "")).length).toBe(0)
  expect(sealWith("").judge(Buffer.alloc(0), bytes("", "", "", ""))).toBe("good")
})
