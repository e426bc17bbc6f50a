import fc from "fast-check"
import { expect, test } from "vitest"
import { greeting, type Memory, messageBytes, readyCommand, ZmtpDecoder } from "#kernel/zmtp.ts"

const memory: Memory = { copy: (bytes) => Buffer.from(bytes), join: (pieces) => Buffer.concat(pieces), reserve: (size) => Buffer.alloc(size, 7) }

function decode(pieces: readonly Uint8Array[]): { readonly ready: number; readonly messages: string[][] } {
  const messages: Uint8Array[][] = []
  let ready = 0
  const decoder = new ZmtpDecoder({ onReady: () => ready++, onMessage: (parts) => messages.push(parts) }, memory)
  const shared = Buffer.alloc(1 << 20)
  for (const piece of pieces) {
    // The socket's buffer is used again for the next read: nothing may point into it.
    shared.fill(0)
    shared.set(piece)
    decoder.feed(shared.subarray(0, piece.length))
  }
  shared.fill(255)
  return { ready, messages: messages.map((parts) => parts.map((part) => Buffer.from(part).toString("hex"))) }
}

const handshake = Buffer.concat([greeting(), readyCommand("DEALER", "me")])
const large = fc.integer({ min: 65_000, max: 200_000 }).map((size) => new Uint8Array(size).fill(size % 256))
const part = fc.oneof({ weight: 9, arbitrary: fc.uint8Array({ maxLength: 400 }) }, { weight: 1, arbitrary: large })
const messages = fc.array(fc.array(part, { minLength: 1, maxLength: 7 }), { maxLength: 6 })

test("messages come out as they went in, however the bytes are cut", () => {
  fc.assert(
    fc.property(messages, fc.array(fc.integer({ min: 1, max: 90_000 }), { minLength: 1, maxLength: 50 }), (sent, cuts) => {
      const bytes = Buffer.concat([handshake, ...sent.map(messageBytes)])
      const pieces: Buffer[] = []
      for (let at = 0; at < bytes.length; at += pieces.at(-1)!.length) pieces.push(bytes.subarray(at, at + cuts[pieces.length % cuts.length]!))
      const { ready, messages } = decode(pieces)
      expect(ready).toBe(1)
      expect(messages.flat()).toEqual(sent.flatMap((parts) => parts.map((part) => Buffer.from(part).toString("hex"))))
      expect(messages.map(({ length }) => length)).toEqual(sent.map(({ length }) => length))
    }),
    { numRuns: 50 },
  )
})

test("one byte at a time is understood as well", () => {
  const bytes = Buffer.concat([handshake, messageBytes([Buffer.from("a"), Buffer.alloc(300, 1)]), messageBytes([Buffer.alloc(0)])])
  expect(decode([...bytes].map((byte) => Buffer.from([byte])))).toEqual({ ready: 1, messages: [["61", "01".repeat(300)], [""]] })
})

test("a peer that does not speak ZMTP 3 without encryption, or announces too much, is refused", () => {
  const curve = Buffer.from(greeting())
  curve.write("CURVE", 12)
  for (const bytes of [Buffer.from("HTTP/1.1 400 Bad Request\r\n".padEnd(64)), curve, Buffer.from(greeting()).fill(1, 10, 11)]) {
    expect(() => decode([bytes])).toThrow(/ZMTP 3/)
  }
  expect(() => decode([handshake, Buffer.from([2, 0, 0, 255, 255, 255, 255, 255, 255])])).toThrow(/announced a frame/)
})

test("garbage after the handshake never crashes in another way", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 2000 }), (garbage) => {
      try {
        decode([handshake, garbage])
      } catch (error) {
        expect(String(error)).toMatch(/announced a frame/)
      }
    }),
    { numRuns: 300 },
  )
})
