import { crc32 } from "node:zlib"
import fc from "fast-check"
import { expect, test } from "vitest"
import { newId } from "#base/id.ts"
import { systemRandom } from "#people/adapters/world.ts"
import { KEY_PATTERN, newSecret, printKey, readKey, sameText } from "#people/secrets.ts"

const ids = () => newId<"Token">(Date.now(), systemRandom)

test("a key is read back, and is found by the published pattern wherever it stands", () => {
  for (let i = 0; i < 500; i++) {
    const [id, secret] = [ids(), newSecret(systemRandom)]
    const key = printKey("stet", id, secret)
    expect(readKey("stet", key)).toEqual({ id, secret })
    expect(readKey("stetlink", key)).toBeUndefined()
    expect(new RegExp(KEY_PATTERN).exec(`Authorization: Bearer ${key}\n`)?.[0]).toBe(key)
    expect(new RegExp(KEY_PATTERN).exec(`https://stet.example/sign-in#${printKey("stetlink", id, secret)}`)?.[0]).toBe(
      printKey("stetlink", id, secret),
    )
  }
})

test("one wrong character is told by the checksum, which is that of zlib", () => {
  const key = printKey("stet", ids(), newSecret(systemRandom))
  fc.assert(
    fc.property(fc.integer({ min: 5, max: key.length - 1 }), fc.constantFrom(..."abcXYZ019_- \0é"), (place, other) => {
      const wrong = key.slice(0, place) + other + key.slice(place + 1)
      expect(readKey("stet", wrong) === undefined || wrong === key).toBe(true)
    }),
    { numRuns: 2000 },
  )
  const body = key.slice(5, -6).replace("_", "")
  const digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
  expect([...key.slice(-6)].reduce((sum, digit) => sum * 62 + digits.indexOf(digit), 0)).toBe(crc32(body))
})

test("secrets hold all 256 bits", () => {
  const fill = (byte: number) => newSecret({ bytes: (count) => new Uint8Array(count).fill(byte) })
  expect([fill(0), fill(255)]).toEqual(["0".repeat(43), expect.stringMatching(/^[0-9A-Za-z]{43}$/)])
  const digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
  expect([...fill(255)].reduce((sum, digit) => sum * 62n + BigInt(digits.indexOf(digit)), 0n)).toBe(2n ** 256n - 1n)
  expect(new Set(Array.from({ length: 1000 }, () => newSecret(systemRandom))).size).toBe(1000)
})

test("texts are the same exactly when they are, wherever they differ", () => {
  fc.assert(fc.property(fc.string(), fc.string(), (one, other) => sameText(one, other) === (one === other) && sameText(one, one)))
  const text = "a".repeat(64)
  for (let i = 0; i < 64; i++) expect(sameText(text, `${text.slice(0, i)}b${text.slice(i + 1)}`)).toBe(false)
})
