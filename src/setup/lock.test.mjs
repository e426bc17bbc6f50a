import { spawn } from "node:child_process"
import { mkdtemp, readdir, readFile, rm, utimes, writeFile } from "node:fs/promises"
import { hostname, tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout as delay } from "node:timers/promises"
import { afterEach, beforeEach, expect, test } from "vitest"
import { withLock } from "#setup/lock.mjs"

/** @type {string} */
let folder
/** @type {string} */
let file
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "stet-lock-"))
  file = join(folder, "locks", "it")
})
afterEach(() => rm(folder, { recursive: true, force: true }))

test("two never work at once, and the second is told that it waits", async () => {
  /** @type {string[]} */
  const story = []
  const worker = (/** @type {string} */ name) =>
    withLock(
      file,
      async () => {
        story.push(`${name} in`)
        await delay(150)
        story.push(`${name} out`)
      },
      { waiting: () => story.push(`${name} waits`) },
    )
  const first = worker("a")
  await delay(30)
  await Promise.all([first, worker("b")])
  expect(story).toEqual(["a in", "b waits", "a out", "b in", "b out"])
})

test("six processes that count in one file lose no count", async () => {
  const counter = join(folder, "count")
  await writeFile(counter, "0")
  const script = `
    import { readFile, writeFile } from "node:fs/promises"
    import { withLock } from ${JSON.stringify(new URL("./lock.mjs", import.meta.url).href)}
    for (let i = 0; i < 5; i++) await withLock(${JSON.stringify(file)}, async () => {
      const count = Number(await readFile(${JSON.stringify(counter)}, "utf8"))
      await new Promise((resolve) => setTimeout(resolve, 2))
      await writeFile(${JSON.stringify(counter)}, String(count + 1))
    }, { waiting: () => {} })`
  await Promise.all(
    Array.from({ length: 6 }, () => {
      const child = spawn(process.execPath, ["--input-type=module", "-e", script], { stdio: "inherit" })
      return new Promise((resolve) => child.on("close", resolve))
    }),
  )
  expect(await readFile(counter, "utf8")).toBe("30")
  expect(await readdir(join(folder, "locks"))).toEqual([])
}, 60_000)

test("the lock of a process that died on this machine is taken over at once", async () => {
  const dead = spawn(process.execPath, ["-e", ""])
  await new Promise((resolve) => dead.on("close", resolve))
  await withLock(file, async () => {})
  await writeFile(file, JSON.stringify({ pid: dead.pid, host: hostname(), token: "x" }))
  expect(await withLock(file, async () => "done")).toBe("done")
})

test("another machine's lock is respected while it is touched, and taken over when it is not", async () => {
  await withLock(file, async () => {})
  await writeFile(file, JSON.stringify({ pid: 1, host: "elsewhere", token: "x" }))
  let done = false
  const later = withLock(
    file,
    async () => {
      done = true
    },
    { staleMs: 2000 },
  )
  await delay(300)
  expect(done).toBe(false)
  const longAgo = new Date(Date.now() - 60_000)
  await utimes(file, longAgo, longAgo)
  await later
  expect(done).toBe(true)
})

test("the lock is given back when the work fails", async () => {
  await expect(
    withLock(file, async () => {
      throw new Error("no")
    }),
  ).rejects.toThrow("no")
  expect(await withLock(file, async () => 1)).toBe(1)
})
