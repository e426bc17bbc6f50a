/** Runs under workers that die, stall, double and come back. Every random choice is made from one number, which is printed. */
import { type ChildProcess, spawn } from "node:child_process"
import { sql } from "kysely"
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest"
import { hangs, scriptedKernels, stdout, waits } from "#kernel/adapters/scripted.ts"
import { accept } from "#work/accept.ts"
import { cancel } from "#work/cancel.ts"
import { attemptsOf, eventsAfter, logFrom } from "#work/reads.ts"
import { reconcile } from "#work/reconcile.ts"
import { claim } from "#work/sql/claim.ts"
import { endAttempt, NOTHING_KEPT } from "#work/sql/end.ts"
import { appendEvents } from "#work/sql/events.ts"
import { noteEvent } from "#work/state-event.ts"
import { eventually, openSite, type Platform, platform, resultIn } from "#work/testing.ts"
import type { Worker } from "#work/worker.ts"

const SEED = Number(process.env["STET_TEST_SEED"] ?? Math.floor(Math.random() * 1e9))
const chance = seeded(SEED)
const PROCESS = new URL("./process.testing.ts", import.meta.url).pathname

let at: Platform
const workers: Worker[] = []
const children: ChildProcess[] = []

const kernels = scriptedKernels(
  { hello: stdout("hello\n"), slow: [stdout("working\n"), hangs()], lines: [stdout("a\n"), stdout("b\n"), waits(20)] },
  { tickMs: 1 },
)

beforeAll(async () => {
  process.stdout.write(`seed ${SEED}\n`)
  at = await platform()
})
afterEach(async () => {
  for (const child of children.splice(0)) child.kill("SIGKILL")
  await Promise.all(workers.splice(0).map((one) => one.stop()))
})
afterAll(() => at.close())

async function worker(spec: Partial<Parameters<Platform["worker"]>[0]> = {}): Promise<Worker> {
  const one = await at.worker({ kernels, ...spec })
  workers.push(one)
  return one
}

/** A worker of this home in a process of its own, once it is ready. */
async function workerProcess(spec: {
  readonly leaseMs: number
  readonly slots: number
  readonly real?: boolean
  readonly warm?: number
}): Promise<ChildProcess> {
  const child = spawn(process.execPath, [PROCESS, JSON.stringify({ url: at.url, home: at.home, ...spec })], { stdio: ["ignore", "pipe", "pipe"] })
  children.push(child)
  let err = ""
  child.stderr!.on("data", (bytes: Buffer) => {
    err += bytes.toString()
  })
  await new Promise<void>((resolve, reject) => {
    child.stdout!.once("data", () => resolve())
    child.once("exit", (code) => reject(new Error(`the worker ended with ${code}: ${err}`)))
  })
  return child
}

async function killed(child: ChildProcess): Promise<void> {
  const gone = new Promise((resolve) => child.once("exit", resolve))
  child.kill("SIGKILL")
  await gone
}

/** In any order, with each run's states in theirs. */
async function statesOf(run: string): Promise<string[]> {
  const events = await eventsAfter(at.world, at.admin, { id: run, seq: 0 })
  if (!events.ok) throw new Error(events.refusal.message)
  return events.value.events.filter(({ type }) => type === "state").map(({ what }) => (JSON.parse(what) as { state: string }).state)
}

async function counts(): Promise<{ [state: string]: number }> {
  const { rows } = await sql<{ state: string; count: number }>`SELECT state, count(*) AS count FROM run GROUP BY state`.execute(at.database.db)
  return Object.fromEntries(rows.map(({ state, count }) => [state, count]))
}

describe("many at once", () => {
  test("launches delivered one to five times each are as many runs as keys", async () => {
    const notebook = await at.notebook("duplicates.ipynb", "script", "hello")
    const keys = Array.from({ length: 150 }, (_, index) => `key ${index}`)
    const deliveries = shuffled(keys.flatMap((key) => Array.from({ length: 1 + Math.floor(chance() * 5) }, () => key)))
    const ids = new Map<string, Set<string>>()
    let created = 0
    await inParallel(deliveries, 10, async (key) => {
      const outcome = await accept(at.world, at.admin, { notebook }, { key })
      if (!outcome.ok) throw new Error(outcome.refusal.message)
      if (outcome.value.created) created++
      ids.set(key, (ids.get(key) ?? new Set()).add(outcome.value.run.id))
    })
    expect(created).toBe(keys.length)
    expect([...ids.values()].every((set) => set.size === 1)).toBe(true)
    await worker({ slots: 8 })
    for (const [id] of [...ids.values()].map((set) => [...set])) expect((await at.until(id!)).state).toBe("succeeded")
    const { rows } = await sql<{ count: number }>`SELECT count(*) AS count FROM run WHERE notebook_id = ${notebook}`.execute(at.database.db)
    expect(rows[0]!.count).toBe(keys.length)
    for (const id of [...ids.values()].flatMap((set) => [...set])) expect(await statesOf(id)).toEqual(["queued", "running", "succeeded"])
  }, 180_000)

  test("a burst of 200 is accepted and none is lost, by two workers of which no run knows both", async () => {
    const notebook = await at.notebook("burst.ipynb", "script", "hello")
    const [first, second] = [await worker({ slots: 4 }), await worker({ slots: 4 })]
    const ids: string[] = []
    await inParallel(Array.from({ length: 200 }), 20, async () => {
      ids.push((await at.launch({ notebook })).id)
    })
    for (const id of ids) expect((await at.until(id, undefined, 120_000)).state).toBe("succeeded")
    const { rows } = await sql<{ run_id: string; worker_id: string }>`SELECT run_id, worker_id FROM attempt WHERE run_id = ANY(${ids})`.execute(
      at.database.db,
    )
    expect(rows.length).toBe(200)
    expect(new Set(rows.map((row) => row.worker_id))).toEqual(new Set([first.id, second.id]))
    for (const id of ids) expect(await statesOf(id)).toEqual(["queued", "running", "succeeded"])
  }, 180_000)

  test("never more run at once than a notebook and its space allow", async () => {
    const notebook = await at.notebook("limited.ipynb", "script", "lines")
    await at.database.db.updateTable("notebook").set({ max_running: 2 }).where("id", "=", notebook).execute()
    await worker({ slots: 6 })
    await worker({ slots: 6 })
    const ids = await Promise.all(Array.from({ length: 16 }, async () => (await at.launch({ notebook })).id))
    let most = 0
    const { db } = at.database
    await eventually("all are over", async () => {
      const { rows } = await sql<{
        running: number
        over: number
      }>`SELECT count(*) FILTER (WHERE state = 'running') AS running, count(*) FILTER (WHERE ended_at IS NOT NULL) AS over
        FROM run WHERE notebook_id = ${notebook}`.execute(db)
      most = Math.max(most, rows[0]!.running)
      return rows[0]!.over === ids.length
    })
    expect(most).toBe(2)
  })
})

describe("a burst", () => {
  test("never passes what a space, a notebook and a template allow together, and reaches it", async () => {
    const { db } = at.database
    const [free, narrow] = [await at.notebook("free.ipynb", "script", "lines"), await at.notebook("narrow.ipynb", "script", "lines")]
    const template = "T".repeat(26)
    await sql`INSERT INTO template (id, space_id, notebook_id, name, owner_id, created_at, created_by, max_running)
      VALUES (${template}, ${at.space}, ${free}, 'burst/one', ${at.admin.id}, now(), ${at.admin.id}, 1)`.execute(db)
    await sql`UPDATE space SET max_running = 5 WHERE id = ${at.space}`.execute(db)
    await sql`UPDATE notebook SET max_running = 2 WHERE id = ${narrow}`.execute(db)
    // Claims come one after the other, so what each of them sees when it has taken its runs is the most that there ever is.
    await sql`CREATE TABLE seen_running (what text, count int)`.execute(db)
    await sql`CREATE FUNCTION see_running() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        INSERT INTO seen_running SELECT 'space', count(*) FROM run WHERE state = 'running' GROUP BY space_id;
        INSERT INTO seen_running SELECT notebook_id, count(*) FROM run WHERE state = 'running' GROUP BY notebook_id;
        INSERT INTO seen_running SELECT template_id, count(*) FROM run WHERE state = 'running' AND template_id IS NOT NULL GROUP BY template_id;
        RETURN NULL; END $$`.execute(db)
    await sql`CREATE TRIGGER see_running AFTER UPDATE ON run FOR EACH STATEMENT EXECUTE FUNCTION see_running()`.execute(db)
    try {
      const ids = await Promise.all([free, narrow].flatMap((notebook) => Array.from({ length: 15 }, async () => (await at.launch({ notebook })).id)))
      // Ordered by the template's name: every third one of the free notebook.
      const named = ids.filter((_, index) => index < 15 && index % 3 === 0)
      await sql`UPDATE run SET template_id = ${template} WHERE id = ANY(${named})`.execute(db)
      await worker({ slots: 8 })
      await worker({ slots: 8 })
      for (const id of ids) expect((await at.until(id, undefined, 60_000)).state).toBe("succeeded")
      const { rows } = await sql<{ what: string; most: number }>`SELECT what, max(count) AS most FROM seen_running GROUP BY what`.execute(db)
      expect(Object.fromEntries(rows.map(({ what, most }) => [what, most]))).toMatchObject({ space: 5, [narrow]: 2, [template]: 1 })
    } finally {
      await sql`DROP TRIGGER see_running ON run`.execute(db)
      await sql`UPDATE space SET max_running = NULL WHERE id = ${at.space}`.execute(db)
    }
  }, 120_000)

  test("goes by priority: what waits longer but matters less comes later", async () => {
    const notebook = await at.notebook("ranked.ipynb", "script", "hello")
    const priorities = [0, -5, 7, 0, 3, 7]
    const ids: string[] = []
    for (const priority of priorities) ids.push((await at.launch({ notebook, priority })).id)
    await worker({ slots: 1 })
    for (const id of ids) await at.until(id)
    const { rows } = await sql<{ run_id: string }>`SELECT run_id FROM attempt WHERE run_id = ANY(${ids}) ORDER BY started_at, run_id`.execute(
      at.database.db,
    )
    expect(rows.map(({ run_id }) => ids.indexOf(run_id))).toEqual([2, 5, 4, 0, 3, 1])
  })
})

describe("a fence", () => {
  test("that was raised stops the worker at once, and nothing of it is written any more", async () => {
    const notebook = await at.notebook("stale.ipynb", "script", "slow")
    const told: string[] = []
    const stale = await worker({ leaseMs: 1_000, tell: (line) => told.push(line) })
    const run = await at.launch({ notebook })
    await eventually("it prints", async () => (await at.run(run.id)).logBytes > 0)
    const { rows } = await sql<{
      fence: number
    }>`UPDATE run SET fence = fence + 1, worker_id = ${"0".repeat(26)}, lease_until = now() + interval '1 hour' WHERE id = ${run.id} RETURNING fence`.execute(
      at.database.db,
    )
    await eventually("the stale worker lets go", async () => stale.running().length === 0, 5_000)
    expect(told.join("\n")).toMatch(/stopped, because/)
    const seq = (await at.run(run.id)).seq
    expect(await appendEvents(at.database.db, { run: run.id, attempt: 1, fence: rows[0]!.fence - 1, rows: [noteEvent("stale", Date.now())] })).toBe(
      false,
    )
    expect(await at.run(run.id)).toMatchObject({ state: "running", seq })
    await cancel(at.world, at.admin, { id: run.id })
    await sql`UPDATE run SET lease_until = now() - interval '1 hour' WHERE id = ${run.id}`.execute(at.database.db)
    await reconcile(at.world, { leaseMs: 1_000 })
    expect(await at.until(run.id)).toMatchObject({ state: "cancelled" })
  })
})

describe("claims that come at once", () => {
  test("never pass a limit together, and take no run twice", async () => {
    const notebook = await at.notebook("raced.ipynb", "script", "hello")
    await at.database.db.updateTable("notebook").set({ max_running: 3 }).where("id", "=", notebook).execute()
    const ids = await Promise.all(Array.from({ length: 12 }, async () => (await at.launch({ notebook })).id))
    const others = await openSite(at)
    const claiming = (name: number) => ({
      worker: String(name).padStart(26, "0"),
      host: "here",
      slots: 2,
      leaseMs: 60_000,
      queue: at.world.queue,
      at: Date.now(),
    })
    const claims = Array.from({ length: 12 }, (_, index) => claim(index % 2 ? at.database.db : others.database.db, claiming(index)))
    const claimed = (await Promise.all(claims)).flat().map(({ id }) => id)
    await others.close()
    expect(claimed).toHaveLength(3)
    expect(new Set(claimed).size).toBe(3)
    // An end under a fence that is not the run's is no end.
    const ending = { run: claimed[0]!, attempt: 1, kept: NOTHING_KEPT, queue: at.world.queue, at: Date.now(), chance: 0 }
    const end = { state: "succeeded", reason: "", explanation: "" } as const
    expect(await endAttempt(at.database.db, { ...ending, end, fence: 2 })).toBeUndefined()
    expect(await at.run(claimed[0]!)).toMatchObject({ state: "running" })
    expect(await endAttempt(at.database.db, { ...ending, end, fence: 1 })).toMatchObject({ is: "over" })
    expect(await endAttempt(at.database.db, { ...ending, end: { ...end, state: "failed" }, fence: 1 })).toBeUndefined()
    expect(await at.run(claimed[0]!)).toMatchObject({ state: "succeeded" })
    for (const id of ids) await cancel(at.world, at.admin, { id })
    await sql`UPDATE run SET lease_until = now() - interval '1 hour' WHERE state = 'running'`.execute(at.database.db)
    await reconcile(at.world, { leaseMs: 1_000 })
    for (const id of ids) await at.until(id)
  })
})

describe("a worker that is killed", () => {
  test("loses its runs within the lease; the next one of its home finishes their records: all that was told, and all in order", async () => {
    const notebook = await at.notebook("killed.ipynb", "script", ...Array.from({ length: 20 }, (_, index) => `cell ${index}`))
    for (let turn = 0; turn < 4; turn++) {
      const child = await workerProcess({ leaseMs: 2_000, slots: 4 })
      const ids = await Promise.all(Array.from({ length: 4 }, async () => (await at.launch({ notebook })).id))
      await eventually("they print", async () => (await Promise.all(ids.map((id) => at.run(id)))).every(({ logBytes }) => logBytes > 0))
      await new Promise((next) => setTimeout(next, chance() * 900))
      await killed(child)
      const before = await Promise.all(ids.map((id) => at.run(id)))
      const since = performance.now()
      const next = await worker({ leaseMs: 2_000 })
      for (const [index, id] of ids.entries()) {
        const ended = await at.until(id, undefined, 20_000)
        expect(["lost", "succeeded"]).toContain(ended.state)
        expect(ended.logBytes).toBeGreaterThanOrEqual(before[index]!.logBytes)
        await expectWhole(id)
      }
      expect(performance.now() - since).toBeLessThan(15_000)
      await next.stop()
      workers.splice(workers.indexOf(next), 1)
    }
  }, 120_000)

  test("and does not come back: lost when its lease is over, and completed if it returns after all", async () => {
    const notebook = await at.notebook("gone.ipynb", "script", ...Array.from({ length: 40 }, (_, index) => `cell ${index}`))
    const child = await workerProcess({ leaseMs: 1_500, slots: 1 })
    const { id } = await at.launch({ notebook })
    await eventually("it prints", async () => (await at.run(id)).logBytes > 200)
    await killed(child)
    const since = performance.now()
    // Only a server is left: it looks after runs as well.
    const lost = await eventually("it is lost", async () => {
      await reconcile(at.world, { leaseMs: 1_500 })
      const run = await at.run(id)
      return run.state === "lost" && run
    })
    expect(performance.now() - since).toBeLessThan(5_000)
    expect(lost).toMatchObject({ reason: "owner_died", resultSha256: null })
    await worker({ leaseMs: 1_500 })
    await eventually("its result is there", async () => (await at.run(id)).resultSha256 !== null)
    expect(await at.run(id)).toMatchObject({ state: "lost" })
    await expectWhole(id)
    expect(await statesOf(id)).toEqual(["queued", "running", "lost"])
  }, 60_000)

  test("has its runs tried again where the policy says so", async () => {
    const notebook = await at.notebook("again.ipynb", "script", ...Array.from({ length: 8 }, (_, index) => `cell ${index}`))
    const child = await workerProcess({ leaseMs: 1_500, slots: 1 })
    const { id } = await at.launch({ notebook, retry: { maxAttempts: 2, backoffSeconds: 0 } })
    await eventually("it prints", async () => (await at.run(id)).logBytes > 0)
    await killed(child)
    await workerProcess({ leaseMs: 1_500, slots: 1 })
    const ended = await at.until(id)
    expect(ended).toMatchObject({ state: "succeeded", attempt: 2 })
    const attempts = await attemptsOf(at.world, at.admin, id)
    if (!attempts.ok) throw new Error()
    expect(attempts.value.map(({ state }) => state)).toEqual(["lost", "succeeded"])
    expect(attempts.value.every(({ resultSha256 }) => resultSha256 !== null)).toBe(true)
  }, 60_000)

  test("whatever was killed, every run ended exactly once and no lease is left", async () => {
    const { rows } = await sql<{ id: string }>`SELECT id FROM run`.execute(at.database.db)
    for (const { id } of rows) {
      const states = await statesOf(id)
      expect(states.filter((state) => ["succeeded", "failed", "cancelled", "lost"].includes(state))).toHaveLength(1)
    }
    expect(Object.keys(await counts()).filter((state) => state === "queued" || state === "running")).toEqual([])
  })
})

/** The log is what the kernel said from its first line on, without a gap; the result holds the same. */
async function expectWhole(id: string): Promise<void> {
  const run = await at.run(id)
  const log = await logFrom(at.world, at.admin, { id, offset: 0 })
  if (!log.ok) throw new Error(log.refusal.message)
  const lines = log.value.text.split("\n").slice(0, -1)
  expect(lines).toEqual(lines.map((_, index) => `cell ${Math.floor(index / 5)} ${index % 5}`))
  const result = await resultIn(at, run)
  const shown = result.cells.flatMap(({ outputs }) => outputs.flatMap((output) => output["text"] as string[])).join("")
  expect(shown).toBe(log.value.text)
}

function seeded(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 4_294_967_296
  }
}

function shuffled<Item>(items: readonly Item[]): Item[] {
  return items
    .map((item) => ({ item, at: chance() }))
    .sort((a, b) => a.at - b.at)
    .map(({ item }) => item)
}

async function inParallel<Item>(items: readonly Item[], lanes: number, act: (item: Item) => Promise<void>): Promise<void> {
  const left = [...items]
  await Promise.all(
    Array.from({ length: lanes }, async () => {
      while (left.length > 0) await act(left.shift()!)
    }),
  )
}
