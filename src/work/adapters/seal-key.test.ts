import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, expect, test } from "vitest"
import { sealKey } from "#work/adapters/seal-key.ts"

const root = mkdtempSync(join(tmpdir(), "stet-keys-"))
afterAll(() => rmSync(root, { recursive: true, force: true }))

test("what is sealed is opened by the same key for the same run, and by nothing else", () => {
  const [first, again, other] = [sealKey(join(root, "a")), sealKey(join(root, "a")), sealKey(join(root, "b"))]
  const sealed = first.close("hunter2 é", "run 1")
  expect(Buffer.from(sealed).includes("hunter2")).toBe(false)
  expect(again.open(sealed, "run 1")).toBe("hunter2 é")
  expect(() => again.open(sealed, "run 2")).toThrow(/sealed with another key/)
  expect(() => other.open(sealed, "run 1")).toThrow(/sealed with another key/)
  const damaged = Buffer.from(sealed)
  damaged[damaged.length - 1]! ^= 1
  expect(() => first.open(damaged, "run 1")).toThrow(/cannot be opened/)
  expect(Buffer.compare(first.close("x", "r"), first.close("x", "r"))).not.toBe(0)
})

test("the key is private, and one that is none is said to be", () => {
  sealKey(join(root, "c"))
  expect(statSync(join(root, "c/parameters.key")).mode & 0o777).toBe(0o600)
  expect(readFileSync(join(root, "c/parameters.key"), "utf8")).toMatch(/^[0-9a-f]{64}$/)
  writeFileSync(join(root, "c/parameters.key"), "no key")
  expect(() => sealKey(join(root, "c"))).toThrow(/does not hold a key/)
})

test("a digest says only whether two texts are the same, and not without the key", () => {
  const [one, other] = [sealKey(join(root, "a")), sealKey(join(root, "b"))]
  expect(one.digest("a")).toBe(sealKey(join(root, "a")).digest("a"))
  expect(one.digest("a")).not.toBe(one.digest("b"))
  expect(one.digest("a")).not.toBe(other.digest("a"))
})
