import { chmodSync, mkdtempSync, readdirSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, expect, test } from "vitest"
import { dies, type ScriptedKernels, scriptedKernels } from "#kernel/adapters/scripted.ts"
import { systemClock } from "#run/adapters/system.ts"
import { scratchDirectory } from "#work/adapters/scratch-directory.ts"
import { Pool } from "#work/pool.ts"
import { eventually, random } from "#work/testing.ts"

const root = mkdtempSync(join(tmpdir(), "stet-pool-"))
chmodSync(root, 0o711)
afterAll(() => rmSync(root, { recursive: true, force: true }))
let count = 0

function stage(warm: number) {
  const kernels = scriptedKernels({ end: dies() }, { kernels: { python3: "python", ir: "R", julia: "julia" } })
  const folder = join(root, String(count++))
  const memory = { bytes: 8e9 }
  const host = { name: "here", pid: 1, isAlive: () => true, availableBytes: () => memory.bytes }
  const pool = new Pool({ warm, scratches: scratchDirectory(folder), host, clock: systemClock, random })
  const kind = (kernelName: string) => ({ key: kernelName, kernelName, kernels })
  return { kernels, pool, kind, memory, folders: () => readdirSync(folder).length }
}

function started(kernels: ScriptedKernels): number {
  return kernels.whats("started").length
}

const warm = (pool: Pool, size: number) => eventually(`${size} are warm`, async () => pool.size === size, 5_000)

test("kernels are ready before they are asked for, handed out once, and made anew behind", async () => {
  const { kernels, pool, kind } = stage(2)
  pool.prime(kind("python3"))
  await warm(pool, 2)
  expect(started(kernels)).toBe(2)
  const [first, second, third] = [pool.take(kind("python3")), pool.take(kind("python3")), pool.take(kind("python3"))]
  expect([first, second, third].map(({ isWarm }) => isWarm)).toEqual([true, true, false])
  const taken = await Promise.all([first, second, third].map((seat) => seat.start(seat.scratch.path)))
  expect(new Set(taken).size).toBe(3)
  expect(new Set([first, second, third].map(({ scratch }) => scratch.path)).size).toBe(3)
  await warm(pool, 2)
  expect(started(kernels)).toBe(5)
  await pool.close()
})

test("what was asked for last is kept warm, never more than is wanted in all", async () => {
  const { pool, kind, folders } = stage(2)
  for (const name of ["python3", "ir", "julia"]) pool.take(kind(name)).scratch.remove()
  await warm(pool, 2)
  await eventually("the surplus is gone", async () => folders() === 2, 5_000)
  expect(pool.take(kind("julia")).isWarm).toBe(true)
  expect(pool.take(kind("python3")).isWarm).toBe(false)
  await pool.close()
})

test("when memory is short nothing is kept warm, and runs still get their kernels", async () => {
  const { kernels, pool, kind, memory, folders } = stage(2)
  pool.prime(kind("python3"))
  await warm(pool, 2)
  memory.bytes = 1e8
  pool.tend()
  expect(pool.size).toBe(0)
  await eventually("their directories are gone", async () => folders() === 0, 5_000)
  const seat = pool.take(kind("python3"))
  expect(seat.isWarm).toBe(false)
  await seat.start(seat.scratch.path)
  expect(started(kernels)).toBe(3)
  memory.bytes = 8e9
  pool.tend()
  await warm(pool, 2)
  await pool.close()
  expect(pool.size).toBe(0)
})

test("a warm kernel that dies is not handed out", async () => {
  const { kernels, pool, kind } = stage(1)
  pool.prime(kind("python3"))
  await warm(pool, 1)
  kernels.kill(1)
  await eventually("it is noticed", async () => pool.size === 0, 5_000)
  expect(pool.take(kind("python3")).isWarm).toBe(false)
  await pool.close()
})

test("without warm kernels there is still a directory and a kernel for each run", async () => {
  const { kernels, pool, kind } = stage(0)
  const seat = pool.take(kind("ir"))
  await seat.start(seat.scratch.folder("reports"))
  expect(kernels.transcript[0]!.launch?.cwd).toMatch(/files\/reports$/)
  await new Promise((next) => setTimeout(next, 50))
  expect(started(kernels)).toBe(1)
})
