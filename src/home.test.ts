import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, expect, test } from "vitest"
import { holderOf, holdHome, openHome, type Places } from "#home.ts"

let root: string
let places: Places
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "stet-home-"))
  places = openHome(join(root, "home"))
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

test("a home is held by one, and told by whom and where", () => {
  const holding = holdHome(places)
  if (!("held" in holding)) throw new Error("nobody has it")
  holding.held.tell({ url: "http://localhost:1", databaseUrl: "postgresql://x" })
  expect(holdHome(places)).toMatchObject({ by: { pid: process.pid, url: "http://localhost:1" } })
  holding.held.release()
  expect(holderOf(places)).toBeUndefined()
})

test("a holder that died is replaced, also when another process has its number now", () => {
  writeFileSync(join(places.run, "start.json"), JSON.stringify({ pid: process.pid, startedAt: "12" }))
  const holding = holdHome(places)
  expect("held" in holding).toBe(true)
  expect(JSON.parse(readFileSync(join(places.run, "start.json"), "utf8")).startedAt).not.toBe("12")
})

test("a file that was cut off is nobody's", () => {
  writeFileSync(join(places.run, "start.json"), '{"pid": 1')
  expect("held" in holdHome(places)).toBe(true)
})

test("a home that cannot be made is told with the remedy", () => {
  writeFileSync(join(root, "file"), "")
  expect(() => openHome(join(root, "file", "home"))).toThrow(/cannot be made/)
})
