import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, expect, test } from "vitest"
import { outputTail, witness } from "#kernel/adapters/witness.ts"

const root = mkdtempSync(join(tmpdir(), "stet-witness-"))
const file = join(root, "output")
afterAll(() => rmSync(root, { recursive: true, force: true }))

test("of what a process wrote the last whole lines are told, at most 8 KB", () => {
  writeFileSync(file, `${"x".repeat(20_000)}\n${"a line\n".repeat(500)}last words`)
  const tail = outputTail(file)
  expect(tail.length).toBeLessThanOrEqual(8192)
  expect(tail.startsWith("a line\n")).toBe(true)
  expect(tail.endsWith("last words")).toBe(true)
  writeFileSync(file, "short")
  expect(outputTail(file)).toBe("short")
  expect(outputTail(join(root, "gone"))).toBe("")
})

test("a killed process is not called out of memory without evidence", () => {
  const watching = witness(file)
  expect(watching.exit({ code: null, signal: "SIGKILL" })).toEqual({ code: null, signal: "SIGKILL", outOfMemory: false, stderrTail: "short" })
  watching.stop()
})
