import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { stopwatch } from "#base/testing.ts"
import { applyDelta, makeDelta, readVarint, writeVarint } from "#library/delta.ts"

const bytes = (text: string) => new TextEncoder().encode(text)
const same = (a: Uint8Array | undefined, b: Uint8Array) => a !== undefined && Buffer.compare(a, b) === 0

/** A text and one made of it by edits: pieces removed, doubled, moved, replaced, and new ones put in. */
const edited = fc
  .record({
    base: fc.oneof(
      fc.uint8Array({ maxLength: 2000 }),
      fc
        .array(fc.constantFrom('"cell_type": "code",\n', ' "outputs": [],\n', "x = 1\n", "a", "\0"), { maxLength: 150 })
        .map((lines) => bytes(lines.join(""))),
      fc.nat({ max: 3000 }).map((length) => new Uint8Array(length).fill(65)),
    ),
    edits: fc.array(
      fc.record({
        kind: fc.constantFrom("remove", "double", "replace", "insert", "move", "bump"),
        at: fc.double({ min: 0, max: 1, noNaN: true }),
        length: fc.nat({ max: 300 }),
        to: fc.double({ min: 0, max: 1, noNaN: true }),
        content: fc.uint8Array({ maxLength: 60 }),
      }),
      { maxLength: 12 },
    ),
  })
  .map(({ base, edits }) => ({ base, target: edits.reduce(edit, base) }))

type Edit = { kind: string; at: number; length: number; to: number; content: Uint8Array }

function edit(was: Uint8Array, { kind, at, length, to, content }: Edit): Uint8Array {
  const start = Math.floor(at * was.length)
  const before = was.subarray(0, start)
  const piece = was.subarray(start, start + length)
  const after = was.subarray(start + length)
  if (kind === "remove") return Buffer.concat([before, after])
  if (kind === "double") return Buffer.concat([before, piece, piece, after])
  if (kind === "replace") return Buffer.concat([before, content, after])
  if (kind === "insert") return Buffer.concat([before, content, piece, after])
  if (kind === "bump") return Buffer.concat([before, piece.map((byte) => byte + 1), after])
  const rest = Buffer.concat([before, after])
  const target = Math.floor(to * rest.length)
  return Buffer.concat([rest.subarray(0, target), piece, rest.subarray(target)])
}

describe("a delta", () => {
  test("makes its target out of its base, whatever was edited", () => {
    fc.assert(
      fc.property(edited, ({ base, target }) => {
        const delta = makeDelta(base, target)
        expect(same(applyDelta(base, delta), target)).toBe(true)
        expect(delta.length).toBeLessThanOrEqual(target.length + 20)
      }),
      { numRuns: 3000 },
    )
  })

  test("of two unrelated texts is right as well, and hardly longer than the target", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 500 }), fc.uint8Array({ maxLength: 500 }), (base, target) => {
        const delta = makeDelta(base, target)
        expect(same(applyDelta(base, delta), target)).toBe(true)
        expect(delta.length).toBeLessThanOrEqual(target.length + 20)
      }),
      { numRuns: 1000 },
    )
  })

  test("is small where little changed, wherever that was", () => {
    const base = bytes(Array.from({ length: 20_000 }, (_, i) => `line ${i * 7919}: ${Math.sin(i)}\n`).join(""))
    const text = new TextDecoder().decode(base)
    const lines = text.split("\n")
    expect(makeDelta(base, base).length).toBeLessThan(20)
    expect(makeDelta(base, bytes(`new\n${text}`)).length).toBeLessThan(30)
    expect(makeDelta(base, bytes(`${text}new\n`)).length).toBeLessThan(30)
    expect(makeDelta(base, bytes(lines.with(9000, "changed").join("\n"))).length).toBeLessThan(60)
    const moved = [...lines.slice(10_000), ...lines.slice(0, 10_000)].join("\n")
    expect(makeDelta(base, bytes(moved)).length).toBeLessThan(60)
    const hundred = lines.map((line, i) => (i % 200 === 0 ? `${line}!` : line)).join("\n")
    expect(makeDelta(base, bytes(hundred)).length).toBeLessThan(100 * 30)
  })

  test("takes no time on what repeats itself", () => {
    const zeros = new Uint8Array(2_000_000)
    const broken = zeros.slice()
    for (let i = 0; i < broken.length; i += 301) broken[i] = 1
    const spentMs = stopwatch()
    for (const [base, target] of [
      [zeros, broken],
      [broken, zeros],
      [broken, broken.subarray(7)],
    ] as const) {
      expect(same(applyDelta(base, makeDelta(base, target)), target)).toBe(true)
    }
    expect(spentMs()).toBeLessThan(10_000)
  })

  test("that was damaged, cut or meant for another base is refused or makes something, and never reads outside", () => {
    fc.assert(
      fc.property(edited, fc.uint8Array({ maxLength: 300 }), fc.nat(), fc.nat({ max: 255 }), ({ base, target }, other, place, value) => {
        const delta = makeDelta(base, target)
        const damaged = delta.with(place % delta.length, value)
        for (const one of [damaged, delta.subarray(0, place % delta.length), other]) {
          const made = applyDelta(base, one, 100_000)
          expect(made === undefined || made.length <= 100_000).toBe(true)
        }
        applyDelta(other, delta)
      }),
      { numRuns: 2000 },
    )
  })

  test("that claims to make more than the limit is refused before anything is made", () => {
    const header: number[] = []
    for (const number of [2 ** 50, 1, 0, 0, 2 ** 50, 0]) writeVarint(header, number)
    expect(applyDelta(new Uint8Array(10), Uint8Array.from(header))).toBeUndefined()
    expect(applyDelta(new Uint8Array(), new Uint8Array())).toBeUndefined()
  })
})

test("numbers of every size come back", () => {
  fc.assert(
    fc.property(fc.maxSafeNat(), (value) => {
      const out: number[] = []
      writeVarint(out, value)
      expect(readVarint({ bytes: Uint8Array.from(out), at: 0 })).toBe(value)
    }),
  )
  expect(readVarint({ bytes: Uint8Array.from([128]), at: 0 })).toBeNaN()
  expect(readVarint({ bytes: new Uint8Array(12).fill(255), at: 0 })).toBeNaN()
})
