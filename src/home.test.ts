import { mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs"
import { hostname, tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, expect, test } from "vitest"
import { holderOfHome, holdHome, openHome, type Places } from "#home.ts"

let root: string
let places: Places
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "stet-home-"))
  places = openHome(join(root, "home"))
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

test("a home is held by one, and told by whom and where", async () => {
  const holding = await holdHome(places)
  if (!("held" in holding)) throw new Error("nobody has it")
  holding.held.tell({ url: "http://localhost:1", databaseUrl: "postgresql://x" })
  expect(await holdHome(places)).toMatchObject({ by: { pid: process.pid, url: "http://localhost:1" } })
  holding.held.release()
  expect(holderOfHome(places)).toBeUndefined()
})

test("a holder that died is replaced, also when another process has its number now", async () => {
  writeFileSync(join(places.run, "start.json"), JSON.stringify({ pid: process.pid, host: hostname(), born: "12", token: "t" }))
  const holding = await holdHome(places)
  expect("held" in holding).toBe(true)
  expect(JSON.parse(readFileSync(join(places.run, "start.json"), "utf8")).born).not.toBe("12")
})

test("a file that was cut off is nobody's, once whoever writes it has had the time", async () => {
  const file = join(places.run, "start.json")
  writeFileSync(file, '{"pid": 1')
  utimesSync(file, 0, 0)
  expect("held" in (await holdHome(places))).toBe(true)
})

test("a home that cannot be made is told with the remedy", () => {
  writeFileSync(join(root, "file"), "")
  expect(() => openHome(join(root, "file", "home"))).toThrow(/cannot be made/)
})
