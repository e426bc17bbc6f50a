/** What may come between a claim and the first cell, and who may take a run from whom. */
import { afterAll, afterEach, beforeAll, expect, test } from "vitest"
import { Fault } from "#base/fault.ts"
import { refused } from "#base/outcome.ts"
import { hangs, scriptedKernels, stdout } from "#kernel/adapters/scripted.ts"
import { openJournal, readJournal } from "#run/adapters/journal-file.ts"
import { systemTimers } from "#run/adapters/system.ts"
import { thisHost } from "#work/adapters/host.ts"
import { scratchDirectory } from "#work/adapters/scratch-directory.ts"
import { spoolDirectory } from "#work/adapters/spool-directory.ts"
import { cancel } from "#work/cancel.ts"
import type { Asking } from "#work/prepare.ts"
import { recoverSpools } from "#work/recover-spools.ts"
import { eventually, type Platform, platform } from "#work/testing.ts"
import type { Worker, WorkerOptions } from "#work/worker.ts"

let at: Platform
let workers: Worker[] = []
beforeAll(async () => {
  at = await platform()
})
afterEach(async () => {
  await Promise.all(workers.map((one) => one.stop()))
  workers = []
})
afterAll(() => at.close())

const kernels = scriptedKernels(({ code }) => (code === "slow" ? [stdout("begun\n"), hangs()] : [stdout(code)]), { tickMs: 10 })

async function worker(options: Partial<WorkerOptions> = {}): Promise<Worker> {
  const one = await at.worker({ kernels, leaseMs: 2_000, options })
  workers.push(one)
  return one
}

test("a cancel reaches an environment that is being built, and the run ends cancelled", async () => {
  const begun: Asking[] = []
  let isStopped = false
  const resolve = (asking: Asking) =>
    new Promise<never | ReturnType<typeof refused<never>>>((settle) => {
      begun.push(asking)
      asking.cancellation?.addEventListener("abort", () => {
        isStopped = true
        settle(refused({ refused: "cancelled", message: "The making of the environment was cancelled.", remedy: "" } as never))
      })
    })
  await worker({ preparing: { resolve: resolve as never, kernels: () => kernels } })
  const run = await at.launch({ notebook: await at.notebook("builds.ipynb", "script", "a") })
  await eventually("it is being built", async () => begun.length > 0)
  const since = performance.now()
  expect(await cancel(at.world, at.admin, { id: run.id, reason: "too long" })).toMatchObject({ ok: true })
  expect(await at.until(run.id)).toMatchObject({ state: "cancelled", explanation: expect.stringContaining("too long") })
  expect(isStopped).toBe(true)
  expect(performance.now() - since).toBeLessThan(5_000)
})

test("an index that is away is named as the reason, and the run comes again", async () => {
  const resolve = async () => {
    throw new Fault("index_unreachable", "The environment cannot be made now: no answer.", { retry: "later", remedy: "Please look at the network." })
  }
  await worker({ preparing: { resolve, kernels: () => kernels } })
  const run = await at.launch({ notebook: await at.notebook("away.ipynb", "script", "a") })
  const again = await eventually("it waits for its second attempt", async () => {
    const now = await at.run(run.id)
    return now.attempt === 2 && now
  })
  expect(again).toMatchObject({ state: "queued", notBefore: expect.any(Number) })
  const { rows } = await at.database.pool.query("SELECT reason, explanation FROM attempt WHERE run_id = $1", [run.id])
  expect(rows).toEqual([{ reason: "index_unreachable", explanation: expect.stringContaining("look at the network") }])
  await cancel(at.world, at.admin, { id: run.id })
})

test("after a long absence of PostgreSQL nobody takes a run from a worker of this home that lives", async () => {
  const alive = await worker()
  const run = await at.launch({ notebook: await at.notebook("lives.ipynb", "script", "slow") })
  await eventually("it prints", async () => (await at.run(run.id)).logBytes > 0)
  const told: string[] = []
  const other = () =>
    recoverSpools({
      world: at.world,
      spools: spoolDirectory(`${at.home}/spool`, { open: openJournal, read: readJournal }),
      scratches: scratchDirectory(`${at.home}/scratch`),
      host: thisHost(),
      worker: "01ZZZZZZZZZZZZZZZZZZZZZZZZ",
      leaseMs: 2_000,
      timers: systemTimers,
      keepsJournals: false,
      own: () => new Set(),
      tell: (line) => told.push(line),
    })
  // As the other one finds it: the row of a worker that was not heard for long is swept, its leases are over.
  await at.database.pool.query("DELETE FROM worker WHERE id = $1", [alive.id])
  await at.database.pool.query("UPDATE run SET lease_until = now() - interval '1 minute' WHERE id = $1", [run.id])
  expect([await other(), told]).toEqual([[], []])
  expect(await at.run(run.id)).toMatchObject({ state: "running", attempt: 1 })
  expect((await at.database.pool.query("SELECT worker_id FROM run WHERE id = $1", [run.id])).rows).toEqual([{ worker_id: alive.id }])
  await cancel(at.world, at.admin, { id: run.id, graceSeconds: 0 })
  expect(await at.until(run.id)).toMatchObject({ state: "cancelled", attempt: 1 })
})
