import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { existsSync } from "node:fs"
import { afterEach, expect, test } from "vitest"
import { isAlive, processStat } from "#base/adapters/process.ts"

let parent: ChildProcess | undefined

afterEach(() => void parent?.kill("SIGKILL"))

test("we ourselves run; a number that nobody has, and one that is none, do not", () => {
  expect([process.pid, 99_999_999, Number.NaN].map(isAlive)).toEqual([true, false, false])
})

test.runIf(existsSync("/proc/self/stat"))("a process that has ended and that its parent never reaps does not run", async () => {
  parent = spawn("sh", ["-c", "sleep 0 & echo $!; exec sleep 60"], { stdio: ["ignore", "pipe", "inherit"] })
  const [said] = (await once(parent.stdout!, "data")) as [Buffer]
  const child = Number(said.toString())
  await expect.poll(() => processStat(child)[0]).toBe("Z")
  expect(process.kill(child, 0)).toBe(true)
  expect(isAlive(child)).toBe(false)
})
