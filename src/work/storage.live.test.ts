/** The blob store, the spool and the queue fail while runs go on. */
import { existsSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { sql } from "kysely"
import { afterAll, afterEach, beforeAll, expect, test } from "vitest"
import { Fault } from "#base/fault.ts"
import { scriptedKernels, stdout } from "#kernel/adapters/scripted.ts"
import type { Blobs } from "#library/index.ts"
import { readJournal } from "#run/adapters/journal-file.ts"
import { systemTimers } from "#run/adapters/system.ts"
import { reconcile, startReconciling } from "#work/reconcile.ts"
import { eventually, type Platform, platform, resultIn, workerOptions } from "#work/testing.ts"
import { startWorker, type Worker } from "#work/worker.ts"

const kernels = scriptedKernels({ hello: stdout("hello\n") })

let at: Platform
const workers: Worker[] = []
beforeAll(async () => {
  at = await platform()
})
afterEach(async () => {
  for (const one of workers.splice(0)) await one.stop()
})
afterAll(() => at.close())

/** A store that is full while it is told to be. */
function fallible(blobs: Blobs): Blobs & { isFull: boolean } {
  return {
    ...blobs,
    isFull: false,
    put(content, claim) {
      if (this.isFull) return Promise.reject(new Fault("disk_full", "The disk is full.", { retry: "later" }))
      return blobs.put(content, claim)
    },
    get: (sha256) => blobs.get(sha256),
    stream: (sha256) => blobs.stream(sha256),
    has: (sha256) => blobs.has(sha256),
    remove: (sha256) => blobs.remove(sha256),
    list: () => blobs.list(),
  }
}

async function workerWith(blobs: Blobs): Promise<Worker> {
  const world = { ...at.world, library: { ...at.library, blobs } }
  const worker = await startWorker(world, workerOptions(at, at.database, { kernels, leaseMs: 3_000, options: { storeTries: 5 } }))
  workers.push(worker)
  return worker
}

test("a result that cannot be stored for a moment is stored later", async () => {
  const notebook = await at.notebook("moment.ipynb", "script", "hello")
  const blobs = fallible(at.library.blobs)
  await workerWith(blobs)
  blobs.isFull = true
  const run = await at.launch({ notebook })
  await eventually("it has run", async () => (await at.run(run.id)).logBytes > 0)
  blobs.isFull = false
  const ended = await at.until(run.id)
  expect(ended).toMatchObject({ state: "succeeded" })
  expect((await resultIn(at, ended)).cells[0]!.outputs).toMatchObject([{ text: ["hello\n"] }])
})

test("one that cannot be stored at all fails the run as storage_failed; its record is kept and becomes the result when there is room", async () => {
  const notebook = await at.notebook("full.ipynb", "script", "hello")
  const blobs = fallible(at.library.blobs)
  await workerWith(blobs)
  blobs.isFull = true
  const failed = await at.until((await at.launch({ notebook })).id)
  expect(failed).toMatchObject({
    state: "failed",
    reason: "storage_failed",
    resultSha256: null,
    explanation: expect.stringContaining("The disk is full"),
  })
  const journal = readJournal(join(at.home, "spool", `${failed.id}.1.journal`))
  expect([...journal.records()].length).toBeGreaterThan(3)
  journal.close()
  blobs.isFull = false
  await eventually("the result is there", async () => (await at.run(failed.id)).resultSha256 !== null)
  const mended = await at.run(failed.id)
  expect(mended).toMatchObject({ state: "failed", reason: "storage_failed" })
  expect((await resultIn(at, mended)).cells[0]!.outputs).toMatchObject([{ text: ["hello\n"] }])
}, 60_000)

test("a spool that cannot be opened fails the run with that as its cause", async () => {
  const notebook = await at.notebook("spool.ipynb", "script", "hello")
  const run = await at.launch({ notebook })
  writeFileSync(join(at.home, "spool", `${run.id}.1.journal`), "in the way")
  await workerWith(at.library.blobs)
  expect(await at.until(run.id)).toMatchObject({
    state: "failed",
    reason: "storage_failed",
    explanation: expect.stringContaining("there is a file already"),
  })
  // What cannot be read is put aside, once.
  await eventually("it is aside", async () => existsSync(join(at.home, "spool", `${run.id}.1.journal.damaged`)))
  expect(existsSync(join(at.home, "spool", `${run.id}.1.journal`))).toBe(false)
})

test("a version whose bytes are damaged fails the run with that as its cause", async () => {
  const notebook = await at.notebook("damaged.ipynb", "script", "hello", "damaged")
  const run = await at.launch({ notebook })
  const blobs = at.library.blobs
  const damaged: Blobs = { ...fallible(blobs), get: async () => Promise.reject(new Fault("blob_missing", "The blob is gone.")) }
  await sql`ALTER TABLE version DISABLE TRIGGER USER`.execute(at.database.db)
  await sql`UPDATE version SET stored = '\\x00'::bytea WHERE notebook_id = ${notebook} AND stored IS NOT NULL`.execute(at.database.db)
  await workerWith(damaged)
  expect(await at.until(run.id)).toMatchObject({ state: "failed", reason: "version_missing" })
})

test("a queued run whose job went missing gets another one, and is run", async () => {
  const notebook = await at.notebook("jobless.ipynb", "script", "hello")
  const run = await at.launch({ notebook })
  await at.world.queue.remove(at.database.db, [run.id])
  await sql`UPDATE run SET queued_at = now() - interval '1 minute' WHERE id = ${run.id}`.execute(at.database.db)
  expect(await reconcile(at.world, { leaseMs: 3_000 })).toMatchObject({ enqueued: [run.id], lost: [] })
  expect(await at.world.queue.missing(at.database.db, [run.id])).toEqual([])
  expect(await reconcile(at.world, { leaseMs: 3_000 })).toMatchObject({ enqueued: [] })
  await workerWith(at.library.blobs)
  expect(await at.until(run.id)).toMatchObject({ state: "succeeded" })
  expect(await at.world.queue.missing(at.database.db, [run.id])).toEqual([run.id])
})

test("a server without workers says that their runs are lost", async () => {
  const notebook = await at.notebook("alone.ipynb", "script", "hello")
  const run = await at.launch({ notebook })
  await sql`UPDATE run SET state = 'running', fence = 1, started_at = now(), lease_until = now() - interval '1 second', worker_id = ${"0".repeat(26)} WHERE id = ${run.id}`.execute(
    at.database.db,
  )
  const stop = startReconciling(at.world, { leaseMs: 300, timers: systemTimers, tell: () => {} })
  expect(await at.until(run.id, undefined, 5_000)).toMatchObject({ state: "lost", reason: "owner_died" })
  stop()
})
