import { expect, test } from "vitest"
import { firstOf, preparing } from "#database/prepared.ts"

const asked = (times: number, prepared = preparing(), text = "SELECT $1") => Array.from({ length: times }, () => prepared.nameOf(text, [1])).at(-1)

test("what is asked again and again gets a name and keeps it; what is asked once or without parameters gets none", () => {
  const prepared = preparing()
  expect(asked(2, prepared)).toBeUndefined()
  expect(asked(1, prepared)).toBe("s0")
  expect(asked(5, prepared, "SELECT $1, 2")).toBe("s1")
  expect(asked(1, prepared)).toBe("s0")
  expect(Array.from({ length: 9 }, () => prepared.nameOf("BEGIN", [])).at(-1)).toBeUndefined()
})

test("no name ever means two texts, however many there are", () => {
  const prepared = preparing()
  const meant = new Map<string, string>()
  for (let n = 0; n < 20_000; n++) {
    const text = `SELECT $1 + ${(n * 7919) % 900}`
    const name = prepared.nameOf(text, [1])
    if (name === undefined) continue
    expect(meant.get(name) ?? text).toBe(text)
    meant.set(name, text)
  }
  expect(meant.size).toBeGreaterThan(256)
})

test("where another connection answers than the one that was prepared, nothing is prepared any more", () => {
  const prepared = preparing()
  expect(asked(3, prepared)).toBe("s0")
  expect(prepared.isLost(Object.assign(new Error("no such thing"), { code: "42P01" }))).toBe(false)
  expect(prepared.isLost(new Error("cached plan must not change result type"))).toBe(true)
  expect(asked(1, prepared)).toBe("s0")
  expect(prepared.isLost(Object.assign(new Error('prepared statement "s0" does not exist'), { code: "26000" }))).toBe(true)
  expect(asked(9, prepared)).toBeUndefined()
})

test("a number of rows is a number", () => {
  for (const wrong of [-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY]) expect(() => firstOf(wrong)).toThrow("no number of rows")
})
