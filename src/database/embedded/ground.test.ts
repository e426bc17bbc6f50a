import { rmdir } from "node:fs/promises"
import { expect, test } from "vitest"
import { isShort, mayPass, placeSocket } from "#database/embedded/ground.ts"

const folder = (mode: number, uid = 0, gid = 0) => ({ mode, uid, gid })
const nobody = { uid: 65534, gid: 65534 }

test("one passes by the bits of the owner, else of the group, else of all others", () => {
  expect(mayPass([folder(0o755), folder(0o711)], nobody)).toBe(true)
  expect(mayPass([folder(0o755), folder(0o700)], nobody)).toBe(false)
  expect(mayPass([folder(0o750, 0, 65534)], nobody)).toBe(true)
  expect(mayPass([folder(0o700, 65534)], nobody)).toBe(true)
  // The owner is judged as owner even when all others may.
  expect(mayPass([folder(0o077, 65534)], nobody)).toBe(false)
  // Root without privileges is an owner like others.
  expect(mayPass([folder(0o700, 1000, 1000)], { uid: 0, gid: 0 })).toBe(false)
})

test("a socket's folder is the one asked for if its address fits, by bytes", async () => {
  // 93 bytes and 14 of the socket's own name are the 107 that fit.
  const fits = `/tmp/${"é".repeat(44)}`
  expect(Buffer.byteLength(fits)).toBe(93)
  expect(await placeSocket(fits, { kind: "self" })).toBe(fits)
  const short = await placeSocket(`${fits}x`, { kind: "self" })
  expect(short).toMatch(/^\/tmp\/stet-pg-\w+$/)
  expect(isShort(short)).toBe(true)
  await rmdir(short)
  expect(isShort("/tmp/stet-pg-x/../../etc")).toBe(false)
})
