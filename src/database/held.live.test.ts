import { spawn } from "node:child_process"
import { mkdtemp, readdir, rm, utimes, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, expect, test } from "vitest"
import { processFacts } from "#database/embedded/postmaster.ts"
import { hold, holderOf, takeLock } from "#database/held.ts"

const ROOT = new URL("../..", import.meta.url).pathname
let folder: string
let file: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "stet-test-lock-"))
  file = join(folder, "lock")
})
afterAll(() => rm(folder, { recursive: true }))

const longAgo = () => utimes(file, new Date(0), new Date(0))

test("one has it until it is released, and nothing is left", async () => {
  const lock = await takeLock(file)
  await expect(takeLock(file)).rejects.toMatchObject({ code: "busy" })
  lock.release()
  const next = await takeLock(file)
  next.release()
  expect(await readdir(folder)).toEqual([])
})

test("a holder that was killed is replaced at once; of many who see that, one gets it", async () => {
  const code = `import { takeLock } from "#database/held.ts"; await takeLock(process.argv[1]); console.log("."); setInterval(() => {}, 1000)`
  const child = spawn(process.execPath, ["--input-type=module", "-e", code, file], { cwd: ROOT, stdio: ["ignore", "pipe", "inherit"] })
  await new Promise((resolve) => child.stdout.once("data", resolve))
  await expect(takeLock(file)).rejects.toMatchObject({ code: "busy", message: expect.stringContaining(`process ${child.pid} `) })
  const gone = new Promise((resolve) => child.once("exit", resolve))
  child.kill("SIGKILL")
  await gone
  const tries = await Promise.allSettled(Array.from({ length: 8 }, () => takeLock(file)))
  const got = tries.flatMap((each) => (each.status === "fulfilled" ? [each.value] : []))
  expect(got).toHaveLength(1)
  got[0]?.release()
  expect(await readdir(folder)).toEqual([])
})

test("a number that another process has by now, or that process before the machine was started again, holds nothing", async () => {
  const { born } = processFacts(process.pid) ?? { born: "" }
  for (const other of [born.replace(/\d+$/, "1"), born.replace(/^\S+/, "another-start-of-the-machine")]) {
    await writeFile(file, JSON.stringify({ pid: process.pid, host: (await import("node:os")).hostname(), born: other, token: "t" }))
    const lock = await takeLock(file)
    lock.release()
  }
})

test("a holder on another machine is believed as long as it gives signs of life", async () => {
  await writeFile(file, JSON.stringify({ pid: 1, host: "elsewhere", born: "", token: "t" }))
  await longAgo()
  const lock = await takeLock(file)
  lock.release()
})

test("a file that says nothing, left by a full disk, is removed after a while", async () => {
  await writeFile(file, "")
  await longAgo()
  const lock = await takeLock(file)
  lock.release()
})

test("what a holder tells is read by others, and by nobody when it has gone", async () => {
  const holding = await hold(file)
  if (!("held" in holding)) throw new Error("somebody has it")
  holding.held.tell({ url: "http://localhost:1" })
  expect(holderOf(file)).toMatchObject({ pid: process.pid, url: "http://localhost:1" })
  expect(await hold(file)).toMatchObject({ by: { url: "http://localhost:1" } })
  holding.held.release()
  expect(holderOf(file)).toBeUndefined()
  holding.held.tell({ url: "http://localhost:2" })
  expect(await readdir(folder)).toEqual([])
})
